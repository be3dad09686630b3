"""The perceptrons score like scikit-learn's where rounding keeps their numbers from agreeing.

These are L-BFGS, data that saturate the units, Poisson's loss with weights, and float32.
"""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from tests.estimators.perceptrons import (
    UNHEEDED,
    assert_same_fit,
    assert_same_messages,
    both,
    data,
    estimator_name,
    fit_later,
)

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)


def counts(dtype="float64"):
    X, _ = data("diabetes")
    rate = np.exp(0.5 * X[:, 0] - 0.3 * X[:, 2] + 0.5)
    return X.astype(dtype), np.random.default_rng(3).poisson(rate).astype(dtype)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"shuffle": False},
        {"batch_size": 32},
        {"batch_size": 32, "shuffle": False, "solver": "sgd", "learning_rate_init": 1e-3},
        {"early_stopping": True, "batch_size": 50},
        {"hidden_layer_sizes": ()},
    ],
)
def test_poissons_loss_is_scikit_learns(options, weighted, random):
    X, y = counts()
    weight = random.uniform(0.1, 3, len(X)) if weighted else None
    options = {"hidden_layer_sizes": (9,), "learning_rate_init": 0.01, "max_iter": 50, **options}
    estimators = both("MLPRegressor", loss="poisson", **options)
    assert_same_messages(
        [fit_later(estimator, X, y, sample_weight=weight) for estimator in estimators]
    )
    assert_same_fit(*estimators, X)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("iterations", [1, 4])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("name", ["iris", "breast cancer", "diabetes", "linnerud", "labels"])
def test_the_first_iterations_of_lbfgs_are_scikit_learns(
    name, activation, iterations, weighted, random
):
    X, y = data(name)
    weight = random.uniform(0.1, 3, len(X)) if weighted else None
    options = {"solver": "lbfgs", "max_iter": iterations, "hidden_layer_sizes": (9,)}
    expected, found = both(estimator_name(name), activation=activation, **options)
    for estimator in (expected, found):
        estimator.fit(X, y, sample_weight=weight)
    assert found.n_iter_ == expected.n_iter_ == iterations
    np.testing.assert_allclose(found.loss_, expected.loss_, rtol=1e-9)
    for value, wanted in zip(
        found.coefs_ + found.intercepts_, expected.coefs_ + expected.intercepts_
    ):
        np.testing.assert_allclose(value, wanted, rtol=0, atol=1e-6)
    assert not hasattr(found, "loss_curve_") and not hasattr(expected, "loss_curve_")


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_lbfgs_ends_where_scikit_learns_does_if_there_is_one_minimum(loss):
    X, y = counts()
    options = {"solver": "lbfgs", "hidden_layer_sizes": (), "alpha": 1.0, "tol": 1e-7}
    expected, found = (e.fit(X, y) for e in both("MLPRegressor", loss=loss, **options))
    assert found.n_iter_ == expected.n_iter_ < 100
    np.testing.assert_allclose(found.loss_, expected.loss_, rtol=1e-12)
    np.testing.assert_allclose(found.predict(X), expected.predict(X), rtol=1e-5)


@pytest.mark.parametrize("options", [{"max_iter": 3}, {"max_fun": 2}])
def test_an_unfinished_lbfgs_warns_in_the_same_words(options):
    X, y = data("iris")
    estimators = both("MLPClassifier", solver="lbfgs", **options)
    warned, error = assert_same_messages([fit_later(estimator, X, y) for estimator in estimators])
    assert error is None and "lbfgs failed to converge" in warned[-1][1]


@pytest.mark.parametrize("options", [{"activation": "tanh"}, {"solver": "lbfgs"}])
def test_units_saturated_by_raw_data_part_but_score_no_worse(options):
    X, y = load_breast_cancer(return_X_y=True)
    scores, parted = [], 0
    for seed in range(10):
        X_in, X_out, y_in, y_out = train_test_split(X, y, random_state=seed, stratify=y)
        sizes = {"hidden_layer_sizes": (30,), "max_iter": 100}
        estimators = both("MLPClassifier", **options, **sizes, random_state=seed)
        expected, found = (estimator.fit(X_in, y_in) for estimator in estimators)
        scores.append([estimator.score(X_out, y_out) for estimator in (expected, found)])
        parted += abs(found.loss_ - expected.loss_) > 1e-9 * expected.loss_
    difference = np.diff(scores, axis=1)
    noise = difference.std(ddof=1) / np.sqrt(len(scores))
    assert parted and difference.mean() > -3 * noise


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["iris", "breast cancer", "labels"])
def test_the_loss_of_tiny_probabilities_is_scikit_learns(name, dtype):
    X, y = data(name)
    X = (1000 * X).astype(dtype)
    # The weights are the same before this one step, and the hidden units are unbounded.
    expected, found = (e.fit(X, y) for e in both("MLPClassifier", max_iter=1, batch_size=len(X)))
    assert expected.loss_ > 10
    tolerance = 1e-9 if dtype == "float64" else 1e-4
    np.testing.assert_allclose(found.loss_, expected.loss_, rtol=tolerance)


@pytest.mark.parametrize("dtype_to_predict", ["float32", "float64"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("name", ["iris", "breast cancer", "linnerud"])
def test_dtypes_are_scikit_learns(name, solver, dtype, dtype_to_predict):
    X, y = data(name)
    X, X_to_predict = X.astype(dtype), X.astype(dtype_to_predict)
    estimators = both(estimator_name(name), solver=solver, max_iter=30, hidden_layer_sizes=(9,))
    expected, found = (estimator.fit(X, y) for estimator in estimators)
    for value, wanted in zip(
        found.coefs_ + found.intercepts_, expected.coefs_ + expected.intercepts_
    ):
        assert value.dtype == wanted.dtype
    call = "predict" if name == "linnerud" else "predict_proba"
    value, wanted = (getattr(e, call)(X_to_predict) for e in (found, expected))
    assert value.dtype == wanted.dtype and value.shape == wanted.shape
    if solver != "lbfgs":
        np.testing.assert_allclose(value, wanted, rtol=0, atol=1e-4)
        np.testing.assert_allclose(found.loss_curve_, expected.loss_curve_, rtol=1e-4)


@pytest.mark.parametrize("then", ["float32", "float64"])
@pytest.mark.parametrize("first", ["float32", "float64"])
def test_a_warm_start_keeps_scikit_learns_dtype(first, then):
    X, y = data("diabetes")
    expected, found = both("MLPRegressor", max_iter=5, warm_start=True, hidden_layer_sizes=(9,))
    for estimator in (expected, found):
        estimator.fit(X.astype(first), y).fit(X.astype(then), y)
    assert found.coefs_[0].dtype == expected.coefs_[0].dtype
    value, wanted = found.predict(X), expected.predict(X)
    assert value.dtype == wanted.dtype
    np.testing.assert_allclose(value, wanted, rtol=0, atol=1e-4)
