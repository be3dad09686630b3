"""Signatures with the annotations that the source has, and with links.

autodoc would resolve them: `ArrayLike` and `Loss` would become unions of twenty lines.
"""

import inspect
import re
import sys
from pathlib import Path

import numpy as np
from sphinx.util.inspect import stringify_signature

# What the annotations call these, and where they are documented.
KNOWN = {
    "Any": "typing.Any",
    "ArrayLike": "numpy.typing.ArrayLike",
    "Axes": "matplotlib.axes.Axes",
    "Client": "distributed.Client",
    "Figure": "matplotlib.figure.Figure",
    "ModelProto": "onnx.ModelProto",
    "DTypeLike": "numpy.typing.DTypeLike",
    "np.ndarray": "numpy.ndarray",
    "np.dtype": "numpy.dtype",
    "os.PathLike": "os.PathLike",
}
NAME = re.compile(r"(?<![\w.\"'])[A-Za-z_][\w.]*")
ALIAS = re.compile(r"^\.\. typealias:: (\S+)$", re.MULTILINE)


def setup(app):
    for name in ALIAS.findall(Path(app.srcdir, "reference", "types.md").read_text()):
        KNOWN[name.rsplit(".", 1)[1]] = name
    app.connect("autodoc-process-signature", written_signature)
    return {"parallel_read_safe": True}


def written_signature(app, what, name, obj, options, signature, returns):
    """Return the signature, or an empty one for a class that others make."""
    if isinstance(obj, np.ufunc):  # as NumPy writes those of its own
        return signature.partition(", /")[0] + ", /, out=None, *, where=True, **kwargs)", None
    if what == "class" and "Parameters\n" not in (obj.__doc__ or ""):
        return "", ""
    if what not in {"class", "function", "method"} or not hasattr(obj, "__module__"):
        return None
    try:
        found = inspect.signature(obj)
    except ValueError:
        return None
    parameters = list(found.parameters.values())
    if parameters and parameters[0].name == "self":
        del parameters[0]
    names = vars(sys.modules[obj.__module__])
    parameters = [each.replace(annotation=linked(each.annotation, names)) for each in parameters]
    returned = found.empty if what == "class" else linked(found.return_annotation, names)
    text = stringify_signature(
        found.replace(parameters=parameters, return_annotation=returned),
        unqualified_typehints=True,
    )
    return text.split(" -> ")[0], text.rpartition(" -> ")[2] if " -> " in text else None


def linked(annotation, names):
    """Return an annotation whose names, known in a module as `names`, are those with a page."""
    if not isinstance(annotation, str):
        return annotation
    return NAME.sub(lambda match: full_name(match[0], names), annotation)


def full_name(name, names):
    value = names.get(name)
    if name in KNOWN:
        return f"~{KNOWN[name]}"
    if inspect.isclass(value) or hasattr(value, "__origin__"):
        return f"~{value.__module__}.{getattr(value, '__qualname__', name)}"
    return name
