"""The benchmark of scikit-learn's estimators times only those with the same results."""

import json

import numpy as np
import pytest

pytest.importorskip("sklearn")
from denseloop.neural_network import MLPClassifier

from bench.harness.job import Job
from bench.harness.names import REFERENCE, SCIKIT_LEARN
from bench.sections import estimators
from bench.sections.fits import ACTIVATIONS, Fit, all_fits


def small_fit(epochs=60):
    random = np.random.default_rng(0)
    return Fit("data", random.random((20, 3)), np.arange(20) % 2, (4,), "adam", 8, epochs, False)


def small_job(threads=1, **options):
    return Job("estimators", threads, rounds=2, turn=0.001, **options)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(estimators, "all_fits", lambda: [small_fit()])
    monkeypatch.setattr(estimators, "SEARCH_EPOCHS", 3)
    grid = {"mlp__hidden_layer_sizes": [(2,), (3,)], "mlp__activation": list(ACTIVATIONS)}
    monkeypatch.setattr(estimators, "GRID", grid)


def check(entry, **expected):
    json.dumps(entry, allow_nan=False)
    peers = entry.pop("peers")
    assert entry == expected | {"dtype": "float64"}
    assert list(peers) == [SCIKIT_LEARN, REFERENCE]
    for peer in peers.values():
        assert list(peer) == ["faults", "trials", "variant", "warm_up", "times", "seconds"]
        assert peer["faults"] == {} and len(peer["seconds"]) == 2 and min(peer["seconds"]) > 0


def test_one_thread_measures_fits_and_two_calls(small):
    *fits, (row, measure), (partial_fit, measure_partial) = estimators.measurements(small_job())
    name = "data, 20 × 3-4-1, Adam, batches of 8"
    for (label, measure_fit), activation in zip(fits, ACTIVATIONS, strict=True):
        assert label == f"{name}, {activation}"
        more = {"fit": name, "activation": activation, "epochs": 60}
        check(measure_fit(), case=label, repeated="fit", threads=1, **more)
    assert row == "predict of one row"
    check(measure(), case=f"{row}, data", repeated="call", threads=1)
    assert partial_fit == "partial fit"
    check(measure_partial(), case="partial fit, data, a batch of 8", repeated="call", threads=1)


def test_several_threads_measure_a_search_by_as_many_processes(small):
    ((label, measure),) = estimators.measurements(small_job(threads=2))
    assert label == "grid search"
    case = "grid search, breast cancer, 4 candidates × 5 folds, 2 processes"
    check(measure(), case=case, repeated="search", threads=2)


def measure_with(monkeypatch, spoiled, measure, *arguments):
    """Replace denseloop's classifier; return its fault, and whether it was timed."""
    monkeypatch.setitem(estimators.CLASSIFIERS, REFERENCE, spoiled)
    entry = estimators.without_warnings(lambda job: measure(*arguments, job), small_job())
    assert "seconds" in entry["peers"][SCIKIT_LEARN]
    found = entry["peers"][REFERENCE]
    return found["faults"].get(""), "seconds" in found


@pytest.mark.parametrize("epoch, factor, fault", [
    (0, 1 + 1e-8, "losses differ by 1e-08, tolerance 1e-09"),
    (49, 1 - 1e-8, "losses differ by 1e-08, tolerance 1e-09"),
    (49, np.nan, "losses differ by nan, tolerance 1e-09"),
    (49, 1 + 1e-10, None),
    (50, 2.0, None),
])  # fmt: skip
def test_a_fit_with_other_losses_is_not_timed(epoch, factor, fault, monkeypatch):
    class Spoiled(MLPClassifier):
        def fit(self, X, y):
            super().fit(X, y).loss_curve_[epoch] *= factor
            return self

    found = measure_with(monkeypatch, Spoiled, estimators.measure_fit, small_fit(), "relu")
    assert found == (fault, fault is None)


def test_a_fit_of_fewer_epochs_is_not_timed(monkeypatch):
    class Spoiled(MLPClassifier):
        def fit(self, X, y):
            return self.set_params(max_iter=59)._fit(X, y)

    found = measure_with(monkeypatch, Spoiled, estimators.measure_fit, small_fit(), "relu")
    assert found == ("59 epochs, expected 60", False)


def test_a_row_with_another_label_is_not_timed(monkeypatch):
    last = small_fit().X[-1]

    class Spoiled(MLPClassifier):
        def predict(self, X):
            labels = super().predict(X)
            return 1 - labels if np.array_equal(X, [last]) else labels

    found = measure_with(monkeypatch, Spoiled, estimators.measure_row, small_fit())
    assert found == ("1 rows have another label", False)


def test_a_partial_fit_with_other_losses_is_not_timed(monkeypatch):
    class Spoiled(MLPClassifier):
        def partial_fit(self, X, y, classes=None):
            super().partial_fit(X, y, classes=classes).loss_curve_[-1] *= 1 + 1e-8
            return self

    found = measure_with(monkeypatch, Spoiled, estimators.measure_partial_fit, small_fit())
    assert found == ("losses differ by 1e-08", False)


def test_a_search_with_another_choice_or_score_is_not_timed(small, monkeypatch):
    class BetterWithTwo(MLPClassifier):
        def score(self, X, y):
            return 2.0 if self.hidden_layer_sizes == (2,) else 1.0

    class BetterWithThree(MLPClassifier):
        def score(self, X, y):
            return 2.0 if self.hidden_layer_sizes == (3,) else 1.0

    class SlightlyBetter(BetterWithTwo):
        def score(self, X, y):
            return super().score(X, y) + 1e-15

    monkeypatch.setitem(estimators.CLASSIFIERS, SCIKIT_LEARN, BetterWithTwo)
    fault, timed = measure_with(monkeypatch, BetterWithThree, estimators.measure_search)
    assert fault.startswith("chose {") and "(3,)" in fault.split("expected")[0] and not timed
    fault, timed = measure_with(monkeypatch, SlightlyBetter, estimators.measure_search)
    assert fault == "best score 2.000000000000001, expected 2.0" and not timed
    assert measure_with(monkeypatch, BetterWithTwo, estimators.measure_search) == (None, True)


def test_without_scikit_learn_nothing_is_measured():
    assert estimators.measurements(small_job(peers=("numpy",))) == []


def test_a_quick_run_leaves_out_the_slow_fits():
    labels, quick = (
        [label for label, _ in estimators.measurements(small_job(quick=quick))]
        for quick in (False, True)
    )
    assert len(set(labels)) == 2 * len(all_fits()) + 2
    slow = [label for label in labels if label not in quick]
    assert len(slow) == 4 and all("256-256" in label or "784" in label for label in slow)
