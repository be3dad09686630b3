"""The notebooks run from top to bottom, and print what is stored in them."""

import ast
import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "notebooks"
NAMES = ("paperspace", "stackabuse")
MOST_BYTES = 200_000


@pytest.fixture(params=NAMES)
def path(request):
    path = FOLDER / f"{request.param}.ipynb"
    if not path.exists():
        pytest.skip("not in a checkout")
    return path


def code_cells(path):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def stored(cell):
    """Return the text of the outputs that do not depend on the machine."""
    text = ""
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            text += "".join(output["text"])
        elif output["output_type"] == "execute_result":
            text += "".join(output["data"]["text/plain"]) + "\n"
    return text


def run(cell, names):
    """Run a cell as a notebook does, and return what it prints and its value."""
    tree = ast.parse("".join(cell["source"]))
    value = ast.Expression(tree.body.pop().value) if ast.Expr is type(tree.body[-1]) else None
    with redirect_stdout(StringIO()) as printed:
        exec(compile(tree, "cell", "exec"), names)
        result = None if value is None else eval(compile(value, "cell", "eval"), names)
    return printed.getvalue() + ("" if result is None else f"{result!r}\n")


def test_a_notebook_prints_what_is_stored_in_it(path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pytest.importorskip("sklearn")
    names = {"__name__": "__main__"}
    compared = 0
    for cell in code_cells(path):
        printed = run(cell, names)
        if "timing" not in cell["metadata"].get("tags", ()):
            assert printed == stored(cell), "".join(cell["source"])
            compared += bool(printed)
    pyplot.close("all")
    assert compared > 5


def test_a_notebook_is_small_and_was_run_once_from_top_to_bottom(path):
    assert path.stat().st_size < MOST_BYTES
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == [*range(1, len(cells) + 1)]
    assert all("execution" not in cell["metadata"] for cell in cells)  # no times
    kinds = {output["output_type"] for cell in cells for output in cell["outputs"]}
    assert kinds == {"stream", "execute_result", "display_data"}


def test_the_notebooks_show_networks_and_pictures(path):
    shown = {
        kind
        for cell in code_cells(path)
        for output in cell["outputs"]
        for kind in output.get("data", ())
    }
    assert shown == {"text/plain", "text/html", "image/png"}


def test_all_notebooks_are_tested():
    if not FOLDER.exists():
        pytest.skip("not in a checkout")
    assert sorted(path.stem for path in FOLDER.iterdir()) == list(NAMES)
