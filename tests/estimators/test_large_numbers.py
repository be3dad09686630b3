"""Samples of large numbers, or not finite where the user vouches for them, as in scikit-learn."""

import numpy as np
import pytest
import sklearn
from scipy.sparse import csr_matrix

from tests.estimators.perceptrons import UNHEEDED, both, data, messages_of

pytestmark = [
    *(pytest.mark.filterwarnings(message) for message in UNHEEDED),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]


def outcome(estimator, X, y, **weight):
    """Return the error of a fit or its loss, weights and predictions."""
    _, error = messages_of(lambda: estimator.fit(X, y, **weight))
    if error is not None:
        return error
    return [estimator.loss_, estimator.coefs_[0].dtype, *estimator.coefs_, estimator.predict(X)]


def assert_same_outcome(name, X, y, **options):
    options = {"hidden_layer_sizes": (6,), "max_iter": 5, "random_state": 0, **options}
    expected, found = (outcome(estimator, X, y) for estimator in both(name, **options))
    if isinstance(expected, tuple):
        assert found == expected
        return
    assert found[1] == expected[1]
    for a, b in zip(found, expected, strict=True):
        if isinstance(b, (float, np.ndarray)):
            np.testing.assert_allclose(a, b, rtol=1e-4, equal_nan=True)


def samples_with(column, dtype=np.float32):
    X = np.random.default_rng(0).standard_normal((40, 3))
    return np.c_[X, column].astype(dtype), X @ [1.0, 2.0, 3.0]


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("start", [1.6e12, 1.6e9, 1e20, 1e30, 3e38])
def test_columns_of_large_float32(start, solver):
    X, y = samples_with(np.linspace(start, 1.01 * start, 40))
    assert_same_outcome("MLPRegressor", X, y, solver=solver, max_iter=1)
    assert_same_outcome("MLPRegressor", csr_matrix(X), y, solver=solver, max_iter=1)
    if solver != "lbfgs":  # whose steps follow the digits
        assert_same_outcome("MLPClassifier", X, np.arange(40) % 2, solver=solver, max_iter=1)


@pytest.mark.parametrize("size", [1e25, 1e39, 1e200])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_targets_of_any_finite_float64(size, dtype):
    X, y = samples_with(np.zeros(40), dtype)
    assert_same_outcome("MLPRegressor", X, size * y)
    assert_same_outcome("MLPRegressor", X, np.c_[size * y, y], early_stopping=True)


def test_a_partial_fit_takes_them_too():
    X, y = samples_with(np.linspace(1.6e12, 1.7e12, 40))
    losses = []
    for estimator in both("MLPRegressor", hidden_layer_sizes=(6,), random_state=0):
        for _ in range(3):
            estimator.partial_fit(X, y)
        losses.append(estimator.loss_curve_)
    np.testing.assert_allclose(*losses, rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_count_as_finite_where_the_user_says_so(bad):
    X, y = data("iris")
    estimators = both("MLPClassifier", hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    for estimator in estimators:
        estimator.fit(X, y)
    spoilt = X.copy()
    spoilt[0, 0] = bad
    for rows in (1, 150, 3000):
        with sklearn.config_context(assume_finite=True):
            expected, found = (
                estimator.predict_proba(np.resize(spoilt, (rows, 4))) for estimator in estimators
            )
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    with pytest.raises(ValueError, match="contains"):
        estimators[1].predict_proba(spoilt)


@pytest.mark.parametrize("options", [{}, {"solver": "lbfgs"}, {"early_stopping": True}])
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_a_fit_to_them_ends_as_scikit_learns(name, options):
    X, y = data("iris")
    X = X.copy()
    X[0, 0] = np.nan
    with sklearn.config_context(assume_finite=True):
        assert_same_outcome(name, X, y, **options)
        assert_same_outcome("MLPRegressor", data("iris")[0], np.where(y > 1, np.nan, y), **options)
