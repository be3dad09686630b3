"""The derivatives of the estimators are those of their predictions."""

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor
from scipy.sparse import csr_matrix
from sklearn.exceptions import NotFittedError

from tests.estimators.perceptrons import UNHEEDED, data, estimator_name, ours

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

SMALL = {"hidden_layer_sizes": (7, 5), "activation": ["tanh", "logistic"], "random_state": 1}
SMALL |= {"max_iter": 30, "learning_rate_init": 0.05}
CASES = [
    ("iris", {}),
    ("breast cancer", {"solver": "lbfgs"}),
    ("labels", {}),
    ("diabetes", {}),
    ("diabetes", {"loss": "poisson"}),
    ("linnerud", {"solver": "lm"}),
]


def fitted(name, **options):
    X, y = data(name)
    y = y - y.min() if options.get("loss") == "poisson" else y
    return getattr(ours, estimator_name(name))(**SMALL | options).fit(X, y), X[:20]


def numbers(estimator, X):
    regressor = isinstance(estimator, MLPRegressor)
    predicted = estimator.predict(X) if regressor else estimator.predict_proba(X)
    return predicted.reshape(len(X), -1)


def differences(estimator, X, step=1e-5):
    """Return the central differences of the estimator's numbers."""
    moves = step * np.eye(X.shape[1])
    slopes = [(numbers(estimator, X + d) - numbers(estimator, X - d)) / (2 * step) for d in moves]
    return np.stack(slopes, axis=2)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_a_jacobian_is_that_of_the_predictions(name, options):
    estimator, X = fitted(name, **options)
    found = estimator.jacobian(X)
    assert found.shape == (len(X), numbers(estimator, X).shape[1], X.shape[1])
    assert abs(found).max() > 1e-3
    np.testing.assert_allclose(found, differences(estimator, X), rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(estimator.jacobian(csr_matrix(X)), found)
    for same in (X.tolist(), np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2]):
        np.testing.assert_array_equal(estimator.jacobian(same), found)


def test_two_classes_have_opposite_derivatives():
    estimator, X = fitted("breast cancer")
    found = estimator.jacobian(X)
    np.testing.assert_array_equal(found[:, 0], -found[:, 1])


def test_a_jacobian_is_of_the_weights_that_are_there():
    estimator, X = fitted("diabetes")
    before = estimator.jacobian(X)
    estimator.coefs_ = [2 * coef for coef in estimator.coefs_]
    estimator.activation = "tanh"
    expected = differences(estimator, X)
    np.testing.assert_allclose(estimator.jacobian(X), expected, rtol=1e-6, atol=1e-8)
    assert abs(expected - before).max() > 0.01


def test_a_jacobian_has_the_dtype_of_the_prediction():
    X, y = (array.astype(np.float32) for array in data("diabetes"))
    estimator = MLPRegressor(**SMALL).fit(X, y)
    assert estimator.jacobian(X).dtype == estimator.predict(X).dtype == np.float32
    wide = X[:9].astype(np.float64)
    assert estimator.jacobian(wide).dtype == estimator.predict(wide).dtype == np.float64
    np.testing.assert_allclose(estimator.jacobian(wide), estimator.jacobian(X[:9]), rtol=1e-3)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_samples_are_checked_as_for_a_prediction(kind):
    X = data("iris")[0]
    with pytest.raises(NotFittedError, match="not fitted yet"):
        kind(**SMALL).jacobian(X)
    estimator = kind(**SMALL).fit(*data("iris"))
    for wrong in (X[:, :3], X[0], np.full_like(X, np.nan), [["a"] * 4]):
        errors = []
        for method in (estimator.predict, estimator.jacobian):
            with pytest.raises(ValueError) as error:
                method(wrong)
            errors.append(str(error.value))
        assert errors[0] == errors[1]
