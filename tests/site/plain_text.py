"""llms.txt lists the pages, and each page lies beside its text."""

import re
from pathlib import Path

SITE = Path(__file__).parents[2] / "build" / "docs" / "html"
SUFFIXES = [".md", ".py", ".txt"]
WITHOUT_TEXT = {"genindex", "search", "py-modindex"}
LINK = re.compile(r"^- \[.+?\]\((\S+)\)(: .+)?$")


def pages():
    found = (path.relative_to(SITE).with_suffix("").as_posix() for path in SITE.rglob("*.html"))
    return {name for name in found if name not in WITHOUT_TEXT and not name.startswith("_")}


def test_each_page_lies_beside_its_text():
    for page in pages():
        texts = [path for suffix in SUFFIXES if (path := SITE / f"{page}{suffix}").exists()]
        assert len(texts) == 1, page
        assert len(texts[0].read_text().split()) >= 3, page


def test_llms_txt_has_a_title_a_summary_and_all_pages():
    lines = (SITE / "llms.txt").read_text().splitlines()
    assert lines[0] == "# denseloop"
    assert lines[2].startswith("> denseloop trains ")
    parts = [line for line in lines if line.startswith("## ")]
    assert parts == ["## Start", "## Come from", "## Guides", "## Gallery", "## Reference"]
    links = [LINK.match(line)[1] for line in lines[3:] if line and not line.startswith("## ")]
    assert all((SITE / link).is_file() for link in links)
    assert len(links) == len(set(links))
    assert {link.rpartition(".")[0] for link in links} >= pages() - {"index"}


def test_the_text_of_the_reference_has_the_signatures():
    text = (SITE / "reference" / "api" / "denseloop.Network.txt").read_text()
    assert "   train(\n      X: MatrixLike,\n      y: ArrayLike,\n" in text


def test_links_between_the_texts_lead_somewhere():
    for path in SITE.rglob("*.md"):
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)\s#]+)", path.read_text()):
            found = (path.parent / target).resolve()
            assert found.exists() or found.with_suffix(".html").exists(), (path, target)
