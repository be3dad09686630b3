"""Links of the pages to files of the repository, which work on GitHub and on the site.

A page links to them by their relative path, as GitHub wants it. The site gets the page that
includes such a file or that the gallery made of it, or else its address on GitHub.
"""

import os
import re
from pathlib import Path

from markdown_it import MarkdownIt

LINK = re.compile(r"(!\[[^\]]*\]\(|\]\()([^)\s#]+)(#[^)\s]*)?\)")
INCLUDE = re.compile(r"^```\{include\} (\S+)\n```$", re.MULTILINE)


def setup(app):
    app.add_config_value("repository", "", "env")
    app.connect("builder-inited", find_included)
    app.connect("source-read", mend_links)
    return {"parallel_read_safe": True}


def find_included(app):
    """Keep which page includes which file of the repository."""
    app.env.included_by = {}
    for page in Path(app.srcdir).glob("reference/**/*.md"):
        for match in INCLUDE.finditer(page.read_text()):
            app.env.included_by[(page.parent / match[1]).resolve()] = page


def mend_links(app, docname, source):
    """Put included files in place, and mend the links of the page and of them."""
    page = Path(app.env.doc2path(docname))
    if page.suffix != ".md":
        return
    links = Links(app, page)

    def included(match):
        path = (page.parent / match[1]).resolve()
        app.env.note_dependency(str(path))
        return links.mended(path.read_text(), path.parent)

    source[0] = INCLUDE.sub(included, links.mended(source[0], page.parent))


class Links:
    """The links of a page.

    Parameters
    ----------
    app : Sphinx
    page : Path
        File of the page.
    """

    def __init__(self, app, page):
        self.docs, self.folder = Path(app.srcdir), page.parent
        self.root = self.docs.parent
        self.repository = app.config.repository
        self.included_by = app.env.included_by

    def mended(self, text, folder):
        """Return `text`, written for a file in `folder`, with the links that this page needs."""
        lines = text.split("\n")
        code = set()
        for token in MarkdownIt().parse(text):
            if token.type == "fence" and not token.info.startswith("{"):
                code.update(range(*token.map))
        return "\n".join(
            line
            if number in code
            else LINK.sub(lambda link: link[1] + self._target(link, folder) + ")", line)
            for number, line in enumerate(lines)
        )

    def _target(self, link, folder):
        fragment = link[3] or ""
        path = (folder / link[2]).resolve()
        if ":" in link[2] or not path.exists() or not path.is_relative_to(self.root):
            return link[2] + fragment
        if page := self._page(path, is_image=link[1].startswith("!")):
            return os.path.relpath(page, self.folder) + fragment
        kind = "tree" if path.is_dir() else "blob"
        return f"{self.repository}/{kind}/main/{path.relative_to(self.root)}{fragment}"

    def _page(self, path, is_image):
        """Return the file that the site takes for `path`, or None if it has none."""
        if is_image or path.is_relative_to(self.docs):
            return path
        if path.is_relative_to(self.root / "examples"):
            made = self.docs / "gallery" / path.relative_to(self.root / "examples")
            return next(filter(Path.exists, [made.with_suffix(".rst"), made / "index.rst"]), None)
        return self.included_by.get(path)
