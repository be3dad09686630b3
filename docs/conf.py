"""Sphinx's configuration of the site, which `make docs` builds."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

project = "denseloop"
author = "the denseloop developers"
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
]
exclude_patterns = ["gallery/**/*.ipynb", "gallery/**/*.py"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

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
html_copy_source = True
