"""Compare the stub of the C++ core with the core, by mypy's stubtest; `make types`.

Stubtest imports a module for each file of a stub, and checks a name where it is defined. The core
is one module, whose stub lies in several files, so each of them is given a module of its own.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import denseloop
from denseloop import _core
from mypy import stubtest

NAME = _core.__name__


def defined_names(path: Path) -> Iterator[str]:
    """Yield the public names that a file of the stub defines."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
            yield node.name


def give_modules_to_the_parts() -> None:
    """Make what each file of the stub defines importable from a module of its name."""
    for path in Path(denseloop.__file__).with_name("_core").glob("_[a-z]*.pyi"):
        part = ModuleType(f"{NAME}.{path.stem}")
        vars(part).update((name, getattr(_core, name)) for name in defined_names(path))
        sys.modules[part.__name__] = part


if __name__ == "__main__":
    give_modules_to_the_parts()
    sys.exit(stubtest.test_stubs(stubtest.parse_options([NAME, *sys.argv[1:]])))
