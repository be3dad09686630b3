"""The benchmark of odd shapes times only estimators with scikit-learn's results."""

import doctest
import json
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("sklearn")
from denseloop import neural_network
from scipy import sparse

from bench.harness import measure
from bench.harness.job import Job
from bench.harness.names import REFERENCE, SCIKIT_LEARN
from bench.sections import shape_cases, shapes
from bench.sections.estimators import without_warnings
from bench.sections.shape_cases import FIT, PREDICT, SHAPES, Shape

DENSE = Shape(20, (3, 4, 1), epochs=3, in_both=True)
SPARSE = Shape(30, (40, 4, 3), density=0.1, shared=True)
SLOW = Shape(10, (3, 4, 4, 4, 2), batch_size=2, slow=True)
NAMES = {DENSE: "20 × 3-4-1", SPARSE: "30 × 40-4-3, 10 % stored"}


def small_job(threads=1, **options):
    return Job("shapes", threads, rounds=2, turn=0.001, **options)


def measured(shape, repeated, dtype, threads=1):
    measure_it = partial(shapes.measure_shape, shape, repeated, dtype)
    return without_warnings(measure_it, small_job(threads))


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(shapes, "SHAPES", [DENSE, SPARSE, SLOW])


def labels(**options):
    return [label for label, _ in shapes.measurements(small_job(**options))]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("repeated", [PREDICT, FIT])
@pytest.mark.parametrize("shape", NAMES)
def test_an_entry_has_the_times_of_both(shape, repeated, dtype):
    entry = measured(shape, repeated, dtype)
    json.dumps(entry, allow_nan=False)
    peers = entry.pop("peers")
    kind = {PREDICT: "call", FIT: "fit"}[repeated]
    name = f"{repeated}, {NAMES[shape]}"
    assert entry == {"case": name, "repeated": kind, "dtype": dtype, "threads": 1}
    assert list(peers) == [SCIKIT_LEARN, REFERENCE]
    for peer in peers.values():
        assert list(peer) == ["faults", "trials", "variant", "warm_up", "times", "seconds"]
        assert peer["faults"] == {} and len(peer["seconds"]) == 2 and min(peer["seconds"]) > 0


def test_the_shapes_of_a_run(small):
    dense = ["predict, 20 × 3-4-1, float64", "fit, 20 × 3-4-1, float64"]
    stored = [f"{kind}, 30 × 40-4-3, 10 % stored, float64" for kind in (PREDICT, FIT)]
    name = "10 × 3-4 (3 times)-2"
    slow = [f"predict, {name}, float64", f"fit, {name}, batches of 2, float64"]
    assert labels() == [*dense, *stored, *slow]
    assert labels(quick=True) == [*dense, *stored]
    assert labels(threads=2) == stored
    assert labels(dtypes=("float32",)) == [text.replace("64", "32") for text in dense]
    assert labels(cases=("Fit, 20",)) == dense[1:]
    assert labels(peers=("numpy",)) == []


def test_a_slow_shape_is_called_once_in_a_turn(small):
    ((_, run),) = shapes.measurements(small_job(cases=("batches of 2",)))
    assert [peer["times"] for peer in run()["peers"].values()] == [1, 1]


def test_every_shape_has_a_name_of_its_own():
    names = [shape.name(repeated) for shape in SHAPES for repeated in shape.repeated]
    assert len(set(names)) == len(names)
    for attribute in ("slow", "shared", "in_both"):
        assert {getattr(shape, attribute) for shape in SHAPES} == {False, True}
    results = doctest.testmod(shape_cases)
    assert results.attempted > 0 and results.failed == 0


def test_the_data_of_a_shape():
    X, y = SPARSE.data("float32", 30)
    assert sparse.issparse(X) and X.format == "csr" and X.dtype == np.float32 and X.nnz == 120
    assert np.bincount(y).tolist() == [10, 10, 10]
    X, y = DENSE.data("float32", 7)
    assert X.shape == (7, 3) and len(y) == 7 and X.dtype == y.dtype == np.float32


def fault_of(monkeypatch, make, shape, repeated, dtype="float64"):
    """Replace one of denseloop's estimators; return its fault, and whether it was timed."""
    name = "MLPClassifier" if shape.classes else "MLPRegressor"
    monkeypatch.setitem(shapes.ESTIMATORS, REFERENCE, SimpleNamespace(**{name: make}))
    peers = measured(shape, repeated, dtype)["peers"]
    assert "seconds" in peers[SCIKIT_LEARN]
    return peers[REFERENCE]["faults"].get(""), "seconds" in peers[REFERENCE]


@pytest.mark.parametrize("dtype, factor, fault", [
    ("float64", 1 + 1e-8, "outputs differ by 1e-08, tolerance 1e-09"),
    ("float64", np.nan, "outputs differ by nan, tolerance 1e-09"),
    ("float64", 1 + 1e-10, None),
    ("float32", 1 + 1e-4, "outputs differ by 0.0001, tolerance 1e-05"),
    ("float32", 1 + 1e-6, None),
])  # fmt: skip
def test_other_outputs_are_not_timed(dtype, factor, fault, monkeypatch):
    class Regressor(neural_network.MLPRegressor):
        def predict(self, X):
            return super().predict(X) * np.float64(factor)

    class Classifier(neural_network.MLPClassifier):
        def predict_proba(self, X):
            return super().predict_proba(X) * np.float64(factor)

    for make, shape in ((Regressor, DENSE), (Classifier, SPARSE)):
        assert fault_of(monkeypatch, make, shape, PREDICT, dtype) == (fault, fault is None)


def test_other_labels_are_not_timed(monkeypatch):
    class Classifier(neural_network.MLPClassifier):
        def predict(self, X):
            return np.roll(self.classes_, 1)[super().predict(X)]

    fault = "labels other than those of the largest probabilities"
    assert fault_of(monkeypatch, Classifier, SPARSE, PREDICT) == (fault, False)


@pytest.mark.parametrize("dtype, factor, fault", [
    ("float64", 1 + 1e-8, "losses differ by 1e-08, tolerance 1e-09"),
    ("float32", 1 + 1e-4, "losses differ by 0.0001, tolerance 1e-05"),
    ("float32", 1 + 1e-6, None),
])  # fmt: skip
def test_other_losses_are_not_timed(dtype, factor, fault, monkeypatch):
    class Regressor(neural_network.MLPRegressor):
        def fit(self, X, y):
            super().fit(X, y).loss_curve_[-1] *= factor
            return self

    assert fault_of(monkeypatch, Regressor, DENSE, FIT, dtype) == (fault, fault is None)


@pytest.mark.parametrize("threads, pauses", [(1, {0.0}), (2, {0.2})])
def test_only_several_threads_begin_after_a_pause(threads, pauses, monkeypatch):
    found = []
    monkeypatch.setattr(measure.time, "sleep", found.append)
    measured(SPARSE, PREDICT, "float64", threads)
    assert len(found) == 4 and set(found) == pauses
