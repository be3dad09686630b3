"""The losses, solvers and layers that scikit-learn lacks agree with the oracle."""

import pickle

import denseloop as dl
import numpy as np
import pytest
from denseloop import Huber, Quantile
from denseloop.neural_network import MLPClassifier, MLPRegressor
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from tests.estimators.perceptrons import (
    UNHEEDED,
    assert_same_fit,
    data,
    estimator_name,
    ours,
    theirs,
)
from tests.oracle import Oracle
from tests.oracle.optimizers import RPROP

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

NAMES = {"logistic": "sigmoid"}
LOSSES = {
    "absolute_error": "absolute_error",
    "huber": ("huber", 1.0),
    "quantile": ("quantile", 0.5),
    Huber(0.3): ("huber", 0.3),
    Quantile(0.8): ("quantile", 0.8),
}
SMALL = {"hidden_layer_sizes": (9,), "random_state": 1, "max_iter": 20}


def oracle_of(estimator):
    hidden = estimator.activation
    hidden = [hidden] * (len(estimator.coefs_) - 1) if isinstance(hidden, str) else hidden
    output, *hidden = [NAMES.get(a, a) for a in (estimator.out_activation_, *hidden)]
    return Oracle(estimator.coefs_, estimator.intercepts_, output, hidden)


def untrained(estimator, X, y):
    """Return an oracle with the weights from which the estimator's fit starts."""
    start = clone(estimator).set_params(solver="sgd", learning_rate_init=1e-300, max_iter=1)
    return oracle_of(start.fit(X, y))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_losses_are_the_oracles_through_descent(loss, weighted, random):
    X, y = data("linnerud")
    weight = random.uniform(0.1, 3, len(X)) if weighted else None
    options = {"solver": "sgd", "momentum": 0, "shuffle": False, "alpha": 0.1}
    estimator = MLPRegressor(loss, **SMALL, **options, learning_rate_init=0.05, tol=0)
    oracle = untrained(estimator, X, y)
    estimator.fit(X, y, sample_weight=weight)
    objective = {"reduction": "mean", "l2": 0.1, "sample_weight": weight}
    expected = oracle.train(X, y, 0.05, 20, loss=LOSSES[loss], **objective)
    np.testing.assert_allclose(estimator.loss_curve_, expected, rtol=1e-10)
    np.testing.assert_allclose(estimator.predict(X), oracle.forward(X), rtol=0, atol=1e-9)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_losses_of_lbfgs_are_the_oracles(loss):
    X, y = data("diabetes")
    estimator = MLPRegressor(loss, **SMALL, solver="lbfgs", alpha=0.1).fit(X, y)
    oracle = oracle_of(estimator)
    expected = oracle.loss(X, y[:, None], LOSSES[loss], "mean", 0.1)
    np.testing.assert_allclose(estimator.loss_, expected, rtol=1e-12)
    assert expected < 0.8 * untrained(estimator, X, y).loss(X, y[:, None], LOSSES[loss], "mean")


@pytest.mark.parametrize("level", [0.1, 0.9])
@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_a_quantile_has_its_share_of_the_targets_below(solver, level):
    X, y = data("diabetes")
    options = {"solver": solver, "max_iter": 1000, "n_iter_no_change": np.inf}
    estimator = MLPRegressor(Quantile(level), (5,), **options, random_state=0).fit(X, y)
    assert abs((y < estimator.predict(X)).mean() - level) < 0.03


def test_an_outlier_draws_the_absolute_error_less_than_the_squared():
    X, y = data("diabetes")
    spoiled = np.where(np.arange(len(y)) % 20 == 0, y + 100, y)
    options = {"hidden_layer_sizes": (), "solver": "lbfgs", "random_state": 0}
    for loss in ("absolute_error", "huber", "quantile"):
        clean = MLPRegressor(loss, **options).fit(X, y)
        robust = MLPRegressor(loss, **options).fit(X, spoiled)
        squared = MLPRegressor(**options).fit(X, spoiled)
        shift = [abs(e.predict(X) - clean.predict(X)).mean() for e in (robust, squared)]
        assert shift[0] < 0.1 * shift[1]


def test_a_loss_object_is_a_parameter_like_others():
    estimator = MLPRegressor(Huber(0.5))
    assert estimator.get_params()["loss"] == Huber(0.5) == clone(estimator).loss
    assert "Huber(delta=0.5)" in repr(estimator)
    X, y = data("diabetes")
    losses = ["squared_error", Huber(0.5), Quantile(0.99)]
    grid = GridSearchCV(MLPRegressor(**SMALL, solver="lbfgs"), {"loss": losses}, cv=3).fit(X, y)
    assert grid.cv_results_["rank_test_score"][2] == 3  # the 99th percentile is far from the mean
    assert grid.best_params_["loss"] in losses[:2]


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_the_same_activation_for_each_layer_is_its_name_alone(name, activation):
    X, y = data("iris" if name == "MLPClassifier" else "diabetes")
    options = {**SMALL, "hidden_layer_sizes": (7, 5)}
    one, each = (
        getattr(ours, name)(activation=a, **options).fit(X, y)
        for a in (activation, (activation, activation))
    )
    assert_same_fit(one, each, X, rtol=0)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("sizes", [(7, 5), ()])
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_sigmoid_is_another_name_of_logistic(name, sizes, solver):
    X, y = data("iris" if name == "MLPClassifier" else "diabetes")
    options = {**SMALL, "hidden_layer_sizes": sizes, "solver": solver}
    expected = getattr(theirs, name)(activation="logistic", **options).fit(X, y)
    for activation in ("sigmoid", ["sigmoid", "logistic"]) if sizes else ("sigmoid",):
        estimator = getattr(ours, name)(activation=activation, **options)
        estimator.fit(X, y)
        np.testing.assert_allclose(estimator.predict(X), expected.predict(X), rtol=1e-6)
        np.testing.assert_allclose(estimator.coefs_[0], expected.coefs_[0], rtol=0, atol=1e-5)
        assert estimator.get_params()["activation"] is estimator.activation is activation
        assert estimator.out_activation_ == expected.out_activation_
        copied = pickle.loads(pickle.dumps(estimator))
        np.testing.assert_array_equal(copied.predict(X), estimator.predict(X))
        assert copied.activation == activation == clone(estimator).activation


def test_layers_have_the_activations_given():
    X, y = data("iris")
    options = {**SMALL, "hidden_layer_sizes": (7, 5, 4)}
    estimator = MLPClassifier(activation=["tanh", "relu", "logistic"], **options).fit(X, y)
    expected = oracle_of(estimator).forward(X)
    np.testing.assert_allclose(estimator.predict_proba(X), expected, rtol=1e-12)
    # The bounds of the initial weights are for the layer's own activation.
    start = untrained(estimator, X, y)
    for weights, factor in zip(start.weights, [6, 6, 2]):
        bound = np.sqrt(factor / sum(weights.shape))
        assert 0.7 * bound < abs(weights).max() <= bound


@pytest.mark.parametrize(
    ("activation", "sizes"), [(["tanh"], (4, 4)), (["relu", "sine"], (4, 4)), ([], (4,))]
)
def test_activations_must_be_one_known_for_each_layer(activation, sizes):
    X, y = data("iris")
    estimator = MLPClassifier(sizes, activation)
    with pytest.raises(ValueError, match=rf"each of the {len(sizes)} hidden layers; got \["):
        estimator.fit(X, y)


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("iris", "cross_entropy"),
        ("breast cancer", "binary_cross_entropy"),
        ("diabetes", "half_squared_error"),
    ],
)
def test_rprop_is_the_oracles(name, loss):
    X, y = data(name)
    cls = getattr(ours, estimator_name(name))
    estimator = cls(**SMALL, solver="rprop", alpha=0.1, tol=0)
    oracle = untrained(estimator, X, y)
    targets = np.eye(3)[y] if name == "iris" else y[:, None]
    losses = oracle.train(X, targets, RPROP(), 20, loss=loss, reduction="mean", l2=0.1)
    np.testing.assert_allclose(estimator.fit(X, y).loss_curve_, losses, rtol=1e-9)
    for value, wanted in zip(estimator.coefs_, oracle.weights):
        np.testing.assert_allclose(value, wanted, rtol=0, atol=1e-9)


def test_lm_is_the_networks():
    X, y = data("linnerud")
    estimator = MLPRegressor(**SMALL, solver="lm", alpha=0.1).fit(X, y)
    network = network_with(untrained(estimator, X, y))
    optimizer = dl.LevenbergMarquardt(gradient_tolerance=estimator.tol)
    options = {"epochs": 20, "l2": 0.1, "reduction": "mean", "loss": "half_squared_error"}
    history = network.train(X, y, optimizer=optimizer, **options)
    np.testing.assert_allclose(estimator.loss_curve_, history.loss, rtol=1e-12)
    np.testing.assert_allclose(estimator.predict(X), network.forward(X), rtol=1e-9)
    assert estimator.loss_ == estimator.best_loss_ < 0.5 * estimator.loss_curve_[0]


def network_with(oracle):
    """Return a network with the oracle's weights, biases and activations."""
    sizes = [len(oracle.weights[0]), *(len(bias) for bias in oracle.biases)]
    *hidden, output = oracle.activations
    return dl.Network(
        sizes,
        activation=hidden,
        output_activation=output,
        weights=oracle.weights,
        biases=oracle.biases,
    )
