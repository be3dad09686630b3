"""Sphinx's configuration of the site, which `make docs` builds without a network."""

import sys
import tomllib
from pathlib import Path

from docutils import nodes
from pygments.lexers.special import TextLexer

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

project = "denseloop"
author = "the denseloop authors"
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
html_title = f"denseloop {version}"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    # those of docs/_ext
    "docstrings",
    "plain_text",
    "repository_links",
    "signatures",
]
templates_path = ["_templates"]
exclude_patterns = ["_*", "inventories", "sg_*", "gallery/sg_*", "gallery/*/sg_*"]
nitpicky = True
nitpick_ignore = [
    ("py:class", "numpy.random.mtrand.RandomState"),  # NumPy documents it under another name
]

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

default_role = "py:obj"
maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# Plain-text inventories of the names that we refer to; see the README beside them.
intersphinx_mapping = {
    name: (address, f"inventories/{name}.txt")
    for name, address in {
        "distributed": "https://distributed.dask.org/en/stable/",
        "matplotlib": "https://matplotlib.org/stable/",
        "numpy": "https://numpy.org/doc/stable/",
        "onnx": "https://onnx.ai/onnx/",
        "python": "https://docs.python.org/3/",
        "sklearn": "https://scikit-learn.org/stable/",
    }.items()
}

repository = "https://github.com/denseloop/denseloop"
sphinx_gallery_conf = {
    "examples_dirs": str(ROOT / "examples"),
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "ignore_pattern": r"notebooks",
    "subsection_order": [
        f"../examples/{section}"
        for section in [
            *("first_steps", "classification", "regression"),
            *("training", "many_networks", "leaving_python"),
        ]
    ],
    "within_subsection_order": "FileNameSortKey",
    "matplotlib_animations": (True, "jshtml"),
    "show_memory": False,
    "doc_module": ("denseloop",),
    "reference_url": {"denseloop": None},
}

html_theme = "pydata_sphinx_theme"
html_theme_options = {"github_url": repository, "navigation_with_keys": False}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False


def setup(app):
    app.add_lexer("ld", TextLexer)  # Pygments has none for a linker's scripts
    app.connect("doctree-read", strip_blocks)


def strip_blocks(app, document):
    """Remove the empty line at the end of examples, which doctest wants before a fence."""
    for block in document.findall(nodes.literal_block):
        block.rawsource = block.astext().rstrip("\n")
        block.children = [nodes.Text(block.rawsource)]
