"""How docstrings and annotations become pages."""

import ast
import re
from importlib import import_module
from inspect import getsource

from docutils import nodes
from signatures import linked
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective

# numpydoc makes the labels of references unique, and in Markdown pages leaves them so.
NUMBERED = re.compile(r"\[R[0-9a-f]{12}-(\d+)\]")


def setup(app):
    app.add_directive("typealias", TypeAlias)
    app.connect("autodoc-skip-member", skip_theirs)
    app.connect("doctree-read", shorten_citations)
    app.connect("missing-reference", leave_words)
    return {"parallel_read_safe": True}


class TypeAlias(SphinxDirective):
    """Describe a type alias by the right side of its assignment.

    ``autodata`` would show the value instead, in which all names are resolved.
    """

    required_arguments = 1

    def run(self):
        (name,) = self.arguments
        module, alias = name.rsplit(".", 1)
        value = linked(ast.unparse(assigned(module, alias)), vars(import_module(module)))
        return self.parse_text_to_nodes(f".. py:type:: {name}\n   :canonical: {value}\n")


def assigned(module, name):
    """Return the expression that is assigned to a name, in its module or where that has it from."""
    for node in ast.parse(getsource(import_module(module))).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return node.value
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            return assigned(node.module, name)
    raise ValueError(f"{module} assigns nothing to {name}")


def skip_theirs(app, kind, name, member, skip, options):
    """Skip the methods that our estimators inherit from scikit-learn's."""
    return True if (getattr(member, "__module__", None) or "").startswith("sklearn.") else None


def shorten_citations(app, document):
    for reference in document.findall(pending_xref):
        if match := NUMBERED.fullmatch(reference.astext()):
            reference.children = [nodes.Text(f"[{match[1]}]")]


def leave_words(app, env, node, content):
    """Leave a word that names nothing with a page, as it is written.

    In single backticks it may be a parameter; in an annotation it may be private, or a name that a
    module imports for type checkers alone.
    """
    target = node.get("reftarget", "")
    if node.get("reftype") == "obj" and isinstance(content, nodes.literal):
        return content
    if node.get("reftype") == "class" and ("._" in target or "." not in target):
        return content
    return None
