"""llms.txt, and the pages as plain text beside the pages.

A page that is written in Markdown gets its Markdown, one of the gallery its program, and any other
what Sphinx's text builder makes of it. llms.txt lists them, in the format of https://llmstxt.org.
"""

import os
import re
from functools import partial
from pathlib import Path
from shutil import copyfile

from docutils import nodes
from sphinx.util.display import status_iterator

IMAGE = re.compile(r"(!\[[^\]]*\]\()([^)\s]+)")
SENTENCE = re.compile(r".*?([.:](?= [A-Z])|$)")


def setup(app):
    app.connect("source-read", keep_source, priority=900)  # after all others that change it
    app.connect("env-purge-doc", lambda app, env, docname: sources(env).pop(docname, None))
    app.connect("build-finished", write_texts)
    return {"parallel_read_safe": False}


def sources(env):
    """Return the Markdown of the pages that need no builder, by their names."""
    if not hasattr(env, "plain_sources"):
        env.plain_sources = {}
    return env.plain_sources


def program(env, docname):
    return Path(env.srcdir, docname + ".py")


def suffix(env, docname):
    """Return how the name of the text beside a page ends."""
    if docname in sources(env):
        return ".md"
    return ".py" if program(env, docname).exists() else ".txt"


def keep_source(app, docname, source):
    if Path(app.env.doc2path(docname)).suffix == ".md" and "{eval-rst}" not in source[0]:
        sources(app.env)[docname] = source[0]


def write_texts(app, exception):
    if exception or app.builder.name != "html":
        return
    builder = app.registry.create_builder(app, "text", env=app.env)
    builder.init()
    made = sorted(name for name in app.env.found_docs if suffix(app.env, name) == ".txt")
    builder.prepare_writing(set(made))
    for docname in status_iterator(made, "writing plain text... ", "brown", len(made)):
        builder.write_doc(docname, app.env.get_and_resolve_doctree(docname, builder))
    for docname in app.env.found_docs:
        if suffix(app.env, docname) == ".py":
            copyfile(program(app.env, docname), Path(app.outdir, docname + ".py"))
    for docname, source in sources(app.env).items():
        path = Path(app.outdir, docname + ".md")
        path.write_text(IMAGE.sub(partial(image_link, app, docname), source))
    Path(app.outdir, "llms.txt").write_text(index(app.env))


def image_link(app, docname, match):
    """Return the beginning of an image link of a page, with the path of the site's copy."""
    folder = os.path.dirname(docname)
    path = os.path.normpath(os.path.join(folder, match[2]))
    if path not in app.env.images:
        return match[0]
    copy = os.path.join(app.builder.imagedir, app.env.images[path][1])
    return match[1] + os.path.relpath(copy, folder)


def index(env):
    """Return the text of llms.txt: a section for each part of the site, a line for each page."""
    lines = [f"# {env.config.project}", "", f"> {summary(env, env.config.root_doc)}", ""]
    for part in env.toctree_includes[env.config.root_doc]:
        lines += [f"## {env.titles[part].astext()}", "", *entries(env, part), ""]
    return "\n".join(lines)


def entries(env, part):
    for docname in [part, *below(env, part)]:
        text = summary(env, docname)
        link = f"[{env.titles[docname].astext()}]({docname}{suffix(env, docname)})"
        yield f"- {link}: {text}" if text else f"- {link}"


def below(env, docname):
    """Yield the pages below a page, in their order."""
    for child in env.toctree_includes.get(docname, []):
        yield child
        yield from below(env, child)


def summary(env, docname):
    """Return the first sentence of a page, or "" if it has none."""
    for paragraph in env.get_doctree(docname).findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):  # not in a table or a note
            return SENTENCE.match(" ".join(paragraph.astext().split()))[0]
    return ""
