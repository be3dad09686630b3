"""The parts of the benchmark import each other in one direction only."""

import ast
from pathlib import Path

import pytest

import bench

FOLDER = Path(bench.__file__).parent
FILES = sorted(
    path.relative_to(FOLDER) for layer in bench.LAYERS for path in FOLDER.glob(f"{layer}/**/*.py")
)


def imported_modules(tree):
    """Yield the full name of each module or object that the file imports from the benchmark."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_layer_imports_itself_and_those_below(file):
    own = bench.LAYERS.index(file.parts[0])
    for name in imported_modules(ast.parse((FOLDER / file).read_text())):
        if name.split(".")[0] == "bench":
            assert name.split(".")[1] in bench.LAYERS[own:], name
