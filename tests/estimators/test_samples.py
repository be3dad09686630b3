"""The perceptrons refuse wrong samples in scikit-learn's words."""

import numpy as np
import pytest

from tests.estimators.perceptrons import (
    assert_same_messages,
    both,
    data,
    data_for,
    fit_later,
    messages_of,
)

BOTH = ["MLPClassifier", "MLPRegressor"]
SAMPLES = {
    "nan": lambda X, y: (np.where(X == X[3, 1], np.nan, X), y),
    "infinity": lambda X, y: (np.where(X == X[3, 1], np.inf, X), y),
    "too few targets": lambda X, y: (X, y[1:]),
    "no samples": lambda X, y: (X[:0], y[:0]),
    "no features": lambda X, y: (X[:, :0], y),
    "one dimension": lambda X, y: (X[:, 0], y),
    "three dimensions": lambda X, y: (X[None], y),
    "words": lambda X, y: (np.full(X.shape, "word"), y),
    "complex": lambda X, y: (X + 1j, y),
    "no targets": lambda X, y: (X, None),
    "nan among the targets": lambda X, y: (X, np.where(y == y[0], np.nan, y)),
    "a column of targets": lambda X, y: (X, y[:, None]),
    "three dimensions of targets": lambda X, y: (X, y[:, None, None]),
    "weights of another length": lambda X, y: (X, y, np.ones(3)),
    "weights of nan": lambda X, y: (X, y, np.full(len(y), np.nan)),
    "two dimensions of weights": lambda X, y: (X, y, np.ones((len(y), 2))),
}
FOR_X = [name for name in SAMPLES if "targets" not in name and "weights" not in name]


@pytest.mark.parametrize("samples", SAMPLES)
@pytest.mark.parametrize("name", BOTH)
def test_samples_are_refused_in_the_same_words(name, samples):
    X, y, *weight = SAMPLES[samples](*data_for(name))
    estimators = both(name, max_iter=2)
    warned, error = assert_same_messages([lambda e=e: e.fit(X, y, *weight) for e in estimators])
    assert warned if samples == "a column of targets" else error[0] in (ValueError, TypeError)


@pytest.mark.parametrize("samples", FOR_X)
@pytest.mark.parametrize("name", BOTH)
def test_samples_to_predict_are_refused_in_the_same_words(name, samples):
    X, y = data_for(name)
    estimators = both(name, max_iter=2)
    for estimator in estimators:
        messages_of(fit_later(estimator, X, y))
    for few in (X[:4], X):
        wrong, _ = SAMPLES[samples](few, few[:, 0])
        _, error = assert_same_messages([lambda e=e, X=wrong: e.predict(X) for e in estimators])
        assert error[0] in (ValueError, TypeError)


@pytest.mark.parametrize("name", BOTH)
def test_another_number_of_features_is_refused_in_the_same_words(name):
    X, y = data_for(name)
    estimators = both(name, max_iter=2, warm_start=True)
    for estimator in estimators:
        messages_of(fit_later(estimator, X, y))
    wider = np.column_stack([X, X])
    for call in ("predict", "fit", "partial_fit"):
        calls = [
            lambda e=e, c=call: getattr(e, c)(wider, *([] if c == "predict" else [y]))
            for e in estimators
        ]
        _, (kind, message) = assert_same_messages(calls)
        assert kind is ValueError and "features" in message


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba", "score"])
def test_what_is_not_fitted_is_refused_in_the_same_words(method):
    X, y = data("iris")
    arguments = (X, y) if method == "score" else (X,)
    calls = [lambda e=e: getattr(e, method)(*arguments) for e in both("MLPClassifier")]
    _, error = assert_same_messages(calls)
    assert "is not fitted yet" in error[1]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_negative_targets_of_poisson_end_the_same_way(solver):
    X, y = data("diabetes")
    endings = []
    for estimator in both("MLPRegressor", loss="poisson", solver=solver, max_iter=3):
        warned, error = messages_of(fit_later(estimator, X, y))
        # Warnings of NumPy's arithmetic do not count here.
        warned = [warning for warning in warned if warning[0] is not RuntimeWarning]
        assert error is None and np.isnan(estimator.loss_)
        endings.append((warned, estimator.predict(X)))
    assert endings[0][0] == endings[1][0]
    np.testing.assert_allclose(endings[1][1], endings[0][1], rtol=1e-9)
