"""Functions wait for the import of a package, without importing it."""

import importlib
import importlib.util
import os
import subprocess
import sys

import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor
from denseloop.neural_network._tools import REGISTRATIONS, AfterImport

from tests.estimators.perceptrons import UNHEEDED, theirs

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """Names of the modules, "awaited" and "broken", after whose import something was called."""
    (tmp_path / "awaited.py").write_text("value = 1")
    (tmp_path / "broken.py").write_text("raise RuntimeError('broken')")
    monkeypatch.syspath_prepend(tmp_path)
    called = []
    functions = {
        name: lambda name=name: called.append((name, vars(sys.modules[name]).get("value")))
        for name in ("awaited", "broken", "missing")
    }
    monkeypatch.setattr(sys, "meta_path", [AfterImport(functions), *sys.meta_path])
    yield called
    for name in ("awaited", "broken"):
        sys.modules.pop(name, None)


def test_a_function_is_called_once_after_the_import(calls):
    assert importlib.util.find_spec("awaited") is not None and calls == []
    import awaited

    assert calls == [("awaited", 1)]
    assert type(awaited.__loader__) is type(awaited.__spec__.loader) is type(pytest.__loader__)
    importlib.reload(awaited)
    assert calls == [("awaited", 1)]


def test_errors_of_the_import_are_as_before(calls):
    with pytest.raises(RuntimeError, match="broken"):
        importlib.import_module("broken")
    with pytest.raises(ModuleNotFoundError, match="missing"):
        importlib.import_module("missing")
    assert calls == []


def test_the_import_of_the_estimators_imports_no_other_package():
    awaiting = [finder for finder in sys.meta_path if isinstance(finder, AfterImport)]
    assert awaiting or all(name in sys.modules for name in REGISTRATIONS)


def test_a_fit_calls_scikit_learns_which_others_may_have_replaced(monkeypatch):
    observed = []

    def observe(original):
        def fit(self, *arguments, **options):
            observed.append(type(self).__name__)
            return original(self, *arguments, **options)

        return fit

    for cls in (theirs.MLPClassifier, theirs.MLPRegressor):
        monkeypatch.setattr(cls, "fit", observe(cls.fit), raising=False)
    X, y = [[0.0], [1.0], [2.0]], [0, 1, 2]
    classifier = MLPClassifier((3,), max_iter=1, random_state=0).fit(X, y, eval_set=(X, y))
    MLPRegressor(hidden_layer_sizes=(3,), max_iter=1).fit(X, y, progress=False)
    assert observed == ["MLPClassifier", "MLPRegressor"]
    assert len(classifier.validation_loss_curve_) == 1
    assert not hasattr(classifier, "_more_of_fit")


def test_a_registration_that_fails_breaks_no_import(tmp_path):
    (tmp_path / "skl2onnx.py").write_text("works = True\n")
    program = """
import denseloop.neural_network, skl2onnx
print(skl2onnx.works)
"""
    path = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert run.stdout == "True\n", run.stderr
    assert "unknown to this version of skl2onnx" in run.stderr
