"""Each link of the built site, and each picture, leads to something."""

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

SITE = Path(__file__).parents[2] / "build" / "docs" / "html"
HTML = [*SITE.glob("*.html"), *SITE.glob("[!_]*/**/*.html")]
PAGES = sorted(path.relative_to(SITE).as_posix() for path in HTML)
# What the theme's scripts make of these is seen only in a browser.
BY_SCRIPTS = {"#", "#pst-back-to-top"}


@cache
def soup(path):
    return BeautifulSoup(path.read_text(), "html.parser")


@cache
def anchors(path):
    return {element["id"] for element in soup(path).find_all(id=True)}


def targets(page):
    """Yield what the page refers to within the site, as it is written there."""
    for kind, key in [("a", "href"), ("img", "src"), ("link", "href"), ("script", "src")]:
        for element in soup(SITE / page).find_all(kind, **{key: True}):
            address = urlsplit(element[key])
            if not (address.scheme or address.netloc) and element[key] not in BY_SCRIPTS:
                yield element[key]


def is_broken(page, target):
    address = urlsplit(target)
    path = SITE / page
    if address.path:
        path = (path.parent / unquote(address.path)).resolve()
    if not (path.is_file() and path.is_relative_to(SITE)):
        return True
    fragment = unquote(address.fragment)
    return bool(fragment) and path.suffix == ".html" and fragment not in anchors(path)


def test_there_are_pages_with_links():
    assert len(PAGES) > 30
    assert sum(1 for _ in targets("index.html")) > 20


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_lead_somewhere(page):
    assert [target for target in targets(page) if is_broken(page, target)] == []
