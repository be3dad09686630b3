"""Each public name is on a page of the reference."""

import importlib
import inspect
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

SITE = Path(__file__).parents[2] / "build" / "docs" / "html"
MODULES = [
    *("activations", "dask", "losses", "neural_network", "onnx", "optimizers", "plotting"),
    *("scaling", "schedules", "stopping", "tutorials"),
]
NOT_IN_THE_REFERENCE = {
    "denseloop.optimizers.OPTIMIZERS",  # the table behind the names
    "denseloop.optimizers.DescentOptimizer",  # a base class
}


def documented():
    inventory = InventoryFile.loads((SITE / "objects.inv").read_bytes(), uri="")
    return {name for kind, names in inventory.data.items() if kind[:3] == "py:" for name in names}


def public():
    """Yield the name of each public object and the names under which it may be documented."""
    for module in ["denseloop", *(f"denseloop.{name}" for name in MODULES)]:
        for name in importlib.import_module(module).__all__:
            yield f"{module}.{name}", [f"{module}.{name}", f"denseloop.{name}"]


def methods(name):
    """Yield the methods of a class that are ours, and not an object's of scikit-learn."""
    module, _, attribute = name.rpartition(".")
    value = getattr(importlib.import_module(module), attribute)
    for key in dir(value) if inspect.isclass(value) else []:
        member = inspect.unwrap(getattr(value, key, None), stop=lambda f: not callable(f))
        ours = (getattr(member, "__module__", None) or "").startswith("denseloop")
        if not key.startswith("_") and inspect.isroutine(member) and ours:
            yield key


PUBLIC = dict(public())


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - NOT_IN_THE_REFERENCE))
def test_a_public_name_is_in_the_reference(name):
    known = documented()
    found = [each for each in PUBLIC[name] if each in known]
    assert found
    missing = [key for key in methods(name) if f"{found[0]}.{key}" not in known]
    assert missing == []
