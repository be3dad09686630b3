"""Every code block of every page runs, prints what it shows, and says its language."""

from pathlib import Path

import pytest

from tests.house.code_blocks import Session, blocks_of

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [path.relative_to(ROOT).as_posix() for path in FILES if path.exists()]
LANGUAGES = {"c", "cpp", "json", "ld", "matlab", "python", "sh", "text", "toml", "yaml"}
# Pages whose blocks take long or need much, and have tests of their own.
ELSEWHERE = {
    "docs/guides/onnx.md": "tests/tools/test_onnx.py",
    "docs/guides/workers.md": "tests/tools/test_workers.py",
}


@pytest.mark.parametrize("page", PAGES)
def test_blocks_say_their_language(page):
    for block in blocks_of((ROOT / page).read_text()):
        assert block.language in {*LANGUAGES, "setup"}, f"{page}:{block.line}"


@pytest.mark.parametrize("page", PAGES)
def test_blocks_run_and_print_what_they_show(page, tmp_path, monkeypatch):
    if page in ELSEWHERE:
        assert Path(page).name in (ROOT / ELSEWHERE[page]).read_text()
        return
    monkeypatch.chdir(tmp_path)  # some write files
    session = Session(page)
    for block in blocks_of((ROOT / page).read_text()):
        if block.language in {"python", "setup"}:
            session.run(block)
    if session.skipped:
        pytest.skip("; ".join(session.skipped))
