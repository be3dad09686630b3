"""What replaces functions of scikit-learn's is called, with scikit-learn's results."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.neural_network import _base, _multilayer_perceptron
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from tests.estimators.perceptrons import (
    UNHEEDED,
    assert_same_parameters,
    data_for,
    ours,
    theirs,
)

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

BOTH = ["MLPClassifier", "MLPRegressor"]
SMALL = {"hidden_layer_sizes": (6, 4), "random_state": 1, "max_iter": 6}


def leaky(X):
    np.multiply(X, np.where(X > 0, 1, 0.1), out=X)


def leaky_derivative(Z, delta):
    delta *= np.where(Z > 0, 1, 0.1)


def clip(X):
    np.clip(X, -0.5, 0.5, out=X)


def twice(function):
    return lambda *arguments: 2 * function(*arguments)


class Momentum(AdamOptimizer):
    def _get_updates(self, grads):
        return [-0.01 * grad for grad in grads]


TABLES = {
    "activation": lambda patch: (
        patch.setitem(_base.ACTIVATIONS, "relu", leaky),
        patch.setitem(_base.DERIVATIVES, "relu", leaky_derivative),
    ),
    "derivative": lambda patch: patch.setitem(_base.DERIVATIVES, "relu", leaky_derivative),
    "output": lambda patch: (
        patch.setitem(_base.ACTIVATIONS, "identity", clip),
        patch.setitem(_base.ACTIVATIONS, "softmax", clip),
    ),
    "loss": lambda patch: [
        patch.setitem(_base.LOSS_FUNCTIONS, name, twice(_base.LOSS_FUNCTIONS[name]))
        for name in ("squared_error", "log_loss")
    ],
    "imported table": lambda patch: patch.setattr(
        _multilayer_perceptron, "ACTIVATIONS", _base.ACTIVATIONS | {"relu": leaky}
    ),
    "the products": lambda patch: patch.setattr(
        _multilayer_perceptron, "safe_sparse_dot", twice(_multilayer_perceptron.safe_sparse_dot)
    ),
    "imported function": lambda patch: patch.setattr(
        _multilayer_perceptron, "shuffle", lambda indices, random_state: indices[::-1]
    ),
    "imported optimizer": lambda patch: patch.setattr(
        _multilayer_perceptron, "AdamOptimizer", Momentum
    ),
    "an optimizer's method": lambda patch: patch.setattr(
        AdamOptimizer, "_get_updates", Momentum._get_updates
    ),
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", BOTH)
def test_what_replaces_scikit_learns_functions_is_called(name, table, monkeypatch):
    X, y = data_for(name)
    options = SMALL | {"batch_size": 50}
    plain = getattr(ours, name)(**options).fit(X, y)
    before = plain.predict(X)
    with monkeypatch.context() as patch:
        TABLES[table](patch)
        expected, found = (getattr(module, name)(**options).fit(X, y) for module in (theirs, ours))
        assert_same_parameters(expected, found, X, exact=True)
        if hasattr(expected, "classes_"):
            np.testing.assert_allclose(
                found.predict_proba(X[:1]), expected.predict_proba(X[:1]), rtol=1e-9
            )
        if table != "loss":  # which counts for nothing but the reported loss
            assert not np.allclose(found.coefs_[0], plain.coefs_[0], rtol=1e-9)
    np.testing.assert_array_equal(plain.predict(X), before)


def test_an_activation_added_to_scikit_learns_can_be_used_copied_and_pickled(monkeypatch):
    X, y = data_for("MLPRegressor")
    monkeypatch.setitem(_base.ACTIVATIONS, "mine", leaky)
    monkeypatch.setitem(_base.DERIVATIVES, "mine", leaky_derivative)
    fitted = []
    for module in (theirs, ours):
        estimator = module.MLPRegressor(**SMALL).fit(X, y)
        estimator.activation = "mine"
        np.testing.assert_array_equal(copy.deepcopy(estimator).predict(X), estimator.predict(X))
        fitted.append(estimator)
    assert_same_parameters(*fitted, X)
    copied = pickle.loads(pickle.dumps(fitted[1]))
    np.testing.assert_array_equal(copied.predict(X), fitted[1].predict(X))
    with pytest.raises(ValueError, match="activation='mine'"):
        fitted[1].jacobian(X)


def test_scikit_learns_loop_goes_on_from_the_core_and_the_core_from_it(monkeypatch):
    X, y = data_for("MLPRegressor")
    estimators = [module.MLPRegressor(**SMALL) for module in (theirs, ours)]
    for estimator in estimators:
        for k in range(6):
            with monkeypatch.context() as patch:
                if k % 2:
                    patch.setitem(_base.DERIVATIVES, "relu", leaky_derivative)
                estimator.partial_fit(X, y)
        assert estimator._optimizer.t == 12
    assert_same_parameters(*estimators, X)


def test_an_optimizer_of_the_users_is_used():
    X, y = data_for("MLPRegressor")
    estimators = [module.MLPRegressor(**SMALL) for module in (theirs, ours)]
    for estimator in estimators:
        estimator.partial_fit(X, y)
        parameters = estimator.coefs_ + estimator.intercepts_
        estimator._optimizer = Momentum(parameters)
        estimator.partial_fit(X, y)
        held = estimator._optimizer = SGDOptimizer(parameters, 0.01)
        for _ in range(3):
            estimator.partial_fit(X, y)
            held.learning_rate *= 0.5
        assert estimator._optimizer is held
    assert_same_parameters(*estimators, X)
