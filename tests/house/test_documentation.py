"""Docstrings, stubs, metadata and the map of files are complete."""

import ast
import doctest
import importlib.metadata
import inspect
import subprocess
import sys
from pathlib import Path

import denseloop
import pytest
from denseloop import (
    _core,
    acceleration,
    network,
    neural_network,
    onnx,
    parameters,
    plotting,
    results,
    tutorials,
)
from denseloop.tutorials import demo, figures, listings, replays

MODULES = [
    *(denseloop, acceleration, network, onnx, parameters, plotting, results, tutorials),
    *(demo, listings, figures, replays, neural_network),
]
PACKAGE = Path(denseloop.__file__).parent
NETWORK_METHODS = [
    *("forward", "loss_and_gradients", "objective", "train", "trainer"),
    *("from_keras", "from_torch", "to_onnx"),
]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def public_objects():
    for module in MODULES:
        for name in getattr(module, "__all__", []):
            value = getattr(module, name)
            if callable(value):
                yield f"{module.__name__}.{name}", value
    for name in NETWORK_METHODS:
        yield f"Network.{name}", getattr(denseloop.Network, name)
    yield "Network.save", denseloop.Network.save
    yield "Networks.save", denseloop.Networks.save
    yield "Trainer.run", denseloop.Trainer.run
    for estimator in filter(inspect.isclass, vars(neural_network).values()):
        for name in ["fit", "predict"]:
            yield f"{estimator.__name__}.{name}", getattr(estimator, name)


OBJECTS = dict(public_objects())


@pytest.mark.parametrize("name", OBJECTS)
def test_public_objects_are_documented(name):
    assert OBJECTS[name].__doc__


def examples():
    """Yield every docstring with an example, by its file and name, or by the name of its ufunc."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")]):
        for node in filter(lambda n: isinstance(n, kinds), ast.walk(ast.parse(path.read_text()))):
            if ">>>" in (text := ast.get_docstring(node) or ""):
                name = getattr(node, "name", "module")
                line = f":{node.lineno}" if hasattr(node, "lineno") else ""
                yield f"{path.relative_to(PACKAGE)}{line} {name}", text
    for name, value in vars(_core).items():
        if ">>>" in (text := getattr(value, "__doc__", None) or ""):
            yield f"_core.{name}", text


EXAMPLES = dict(examples())


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_print_what_they_show_when_pasted_alone(name):
    test = doctest.DocTestParser().get_doctest(EXAMPLES[name], {}, name, None, 0)
    assert test.examples
    results = doctest.DocTestRunner(optionflags=OPTIONS).run(test)
    assert results.failed == 0


def test_every_file_is_on_the_map():
    root = Path(__file__).parents[2]
    if not (root / "CONTRIBUTING.md").exists():
        pytest.skip("not in a checkout")
    contributing = (root / "CONTRIBUTING.md").read_text()
    for folder in ["cpp", "python/denseloop"]:
        for path in (root / folder).rglob("*"):
            if path.suffix in {".hpp", ".cpp", ".py", ".pyi"} and not path.name.startswith(
                "target_"
            ):
                names = [path.name, f"{path.stem}.{{hpp,cpp}}"]
                assert any(name in contributing for name in names), path


def test_every_public_function_has_an_example():
    for name in [
        "sigmoid",
        "sigmoid_der",
        "error",
        "error_predicted_deriv",
        "update_w",
        "sop_w_deriv",
    ]:
        assert ">>>" in getattr(denseloop, name).__doc__


def in_a_fresh_python(program):
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    return run.stdout + run.stderr


def test_dir_has_the_estimators_before_they_are_imported():
    program = "import denseloop, sys; print('neural_network' in dir(denseloop), 'sklearn' in "
    assert in_a_fresh_python(program + "sys.modules)") == "True False\n"


@pytest.mark.parametrize("missing", ["", "sys.modules['sklearn'] = None;"])
def test_help_names_the_estimators_also_without_scikit_learn(missing):
    program = f"import sys; {missing} import denseloop, pydoc; print(pydoc.plaintext.document("
    text = in_a_fresh_python(program + "denseloop))").split("PACKAGE CONTENTS")[0]
    for name in ("MLPClassifier", "MLPRegressor"):
        assert f"denseloop.neural_network.{name}" in text


def test_the_estimators_need_scikit_learn():
    program = """
import sys
sys.modules["sklearn"] = None
import denseloop
print(hasattr(denseloop, "neural_network"))
from denseloop import neural_network
"""
    output = in_a_fresh_python(program)
    assert output.startswith("False\n")
    assert "\nImportError: denseloop.neural_network needs scikit-learn: pip install" in output


def test_the_stub_names_what_the_core_has():
    trees = {
        path.stem: ast.parse(path.read_text()).body for path in (PACKAGE / "_core").glob("*.pyi")
    }
    defined, shown = set(), set()
    for stem, body in trees.items():
        names = {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        names |= {node.target.id for node in body if isinstance(node, ast.AnnAssign)}
        defined |= names
        if stem == "__init__":
            shown |= names
    for node in trees["__init__"]:
        if isinstance(node, ast.ImportFrom):
            shown |= {alias.asname for alias in node.names if alias.asname == alias.name}
    core = {name for name in dir(_core) if not name.startswith("_")}
    assert {name for name in defined if not name.startswith("_")} == core
    assert shown == core


def test_the_stub_names_the_members_of_the_enumerations():
    tree = ast.parse((PACKAGE / "_core" / "_choices.pyi").read_text())
    enumerations = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and [ast.unparse(base) for base in node.bases] == ["Enum"]
    ]
    assert len(enumerations) > 5
    for node in enumerations:
        members = [statement.targets[0].id for statement in node.body]
        assert members == list(getattr(_core, node.name).__members__)


def test_the_package_is_typed_and_has_one_version():
    assert (PACKAGE / "py.typed").exists()
    assert importlib.metadata.version("denseloop") == denseloop.__version__
