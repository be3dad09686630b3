"""Every code block of every page runs, prints what it shows, and says its language."""

import os
import re
import subprocess
import sys
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


def test_the_page_of_the_command_has_what_its_help_prints():
    page = ROOT / "docs" / "reference" / "command.md"
    if not page.exists():
        pytest.skip("not in a checkout")
    helps = [block.text for block in blocks_of(page.read_text())]
    assert len(helps) == 5
    for text in helps:
        command = re.match(r"usage: denseloop( [a-z]+)?", text)[1] or ""
        run = subprocess.run(
            [sys.executable, "-m", "denseloop", *command.split(), "--help"],
            env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
        )
        assert run.stdout.split() == text.split()


def test_the_speed_on_the_front_page_is_that_of_the_readme():
    """Compare the figures of its sentence with the first table, which the benchmark writes."""
    page, readme = ROOT / "docs" / "index.md", ROOT / "README.md"
    if not (page.exists() and readme.exists()):
        pytest.skip("not in a checkout")
    table = readme.read_text().split("With AVX-512:")[1].split("With AVX2:")[0]
    rows = {
        row[0]: dict(zip(["denseloop", "NumPy", "Numba", "JAX", "PyTorch"], row[1:]))
        for line in table.splitlines()
        if len(row := [cell.strip() for cell in line.strip("|").split("|")]) == 6
    }
    small = rows["100 × 2-4-1"]
    wide = rows["4096 × 512-512-512-10, batches of 256"]
    text = " ".join(page.read_text().split())
    assert (
        f"An epoch over 100 samples of a 2-4-1 network takes {small['denseloop']}; NumPy takes "
        f"{small['NumPy']} times as long, PyTorch {small['PyTorch']} times. For 4096 samples of "
        f"512-512-512-10 in batches of 256 it is {wide['NumPy']} and {wide['PyTorch']} times"
    ) in text
