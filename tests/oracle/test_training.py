"""The oracle's trainings against those of scikit-learn, and against batches by hand."""

import inspect

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from tests.oracle import Oracle, training
from tests.oracle.optimizers import Adam, Adaptive, GradientDescent

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def fitted(model, X, y, epochs, **fit):
    """The model after an epoch and then `epochs` more; an oracle with its parameters in between."""
    model.set_params(shuffle=False, random_state=0, warm_start=True, batch_size=16, max_iter=1)
    model.fit(X, y, **fit)
    names = {"logistic": "sigmoid"}
    hidden, output = (names.get(name, name) for name in (model.activation, model.out_activation_))
    oracle = Oracle(model.coefs_, model.intercepts_, output, hidden)
    return model.set_params(max_iter=epochs).fit(X, y, **fit), oracle


def assert_same_training(model, oracle, losses, rtol=1e-9):
    np.testing.assert_allclose(model.loss_curve_[1:], losses, rtol=rtol)
    for mine, theirs in zip(oracle.weights + oracle.biases, model.coefs_ + model.intercepts_):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=rtol * np.abs(theirs).max())


OPTIMIZERS = {
    "sgd": (
        {"solver": "sgd", "learning_rate_init": 0.05, "momentum": 0.8},
        lambda: GradientDescent(0.05, 0.8, nesterov=True),
    ),
    "adam": ({"solver": "adam", "learning_rate_init": 0.01}, lambda: Adam(0.01)),
}


@pytest.mark.parametrize("solver", OPTIMIZERS)
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["regression", "poisson", "two classes", "four classes"])
def test_trainings_are_those_of_scikit_learn(kind, weighted, activation, solver, random):
    options, optimizer = OPTIMIZERS[solver]
    options = {**options, "activation": activation, "hidden_layer_sizes": (8, 5), "alpha": 0.3}
    options["n_iter_no_change"] = 10_000
    X, fit = random.standard_normal((100, 3)), {}
    if weighted:
        if "sample_weight" not in inspect.signature(MLPClassifier.fit).parameters:
            pytest.skip("this scikit-learn has no sample weights here")
        fit = {"sample_weight": random.uniform(0.1, 3, 100)}
    if kind in ("regression", "poisson"):
        target = y = random.random((100, 1))
        loss = {"regression": "half_squared_error"}.get(kind, "poisson")
        if kind == "poisson":
            if "loss" not in inspect.signature(MLPRegressor).parameters:
                pytest.skip("this scikit-learn has no Poisson loss here")
            options["loss"] = "poisson"
        model, oracle = fitted(MLPRegressor(**options), X, y[:, 0], 12, **fit)
    else:
        classes = {"two classes": 2, "four classes": 4}[kind]
        target = random.integers(classes, size=100)
        y = np.eye(4)[target] if classes == 4 else target[:, None]
        loss = {2: "binary_cross_entropy", 4: "cross_entropy"}[classes]
        model, oracle = fitted(MLPClassifier(**options), X, target, 12, **fit)
    losses = oracle.train(
        X, y, optimizer(), 12, batch_size=16, loss=loss, reduction="mean", l2=0.3, **fit
    )
    if kind == "poisson":  # theirs adds what depends on the targets alone, and there are batches
        losses = losses + mean_of_batches(y - y * np.log(y), fit.get("sample_weight"))
    assert_same_training(model, oracle, losses)


def mean_of_batches(values, weight):
    """Weighted within the batches of 16, which count with their numbers of samples."""
    weight = np.ones(len(values)) if weight is None else weight
    total = 0
    for first in range(0, len(values), 16):
        batch = slice(first, first + 16)
        part = -values[batch, 0]
        total += len(part) * np.average(part, weights=weight[batch])
    return total / len(values)


def regression(random):
    X = random.standard_normal((100, 3))
    return X, np.tanh(X[:, :1]) + 0.1 * random.standard_normal((100, 1))


OBJECTIVE = {"loss": "half_squared_error", "reduction": "mean", "l2": 1e-4, "batch_size": 16}


def test_the_adaptive_rate_is_that_of_scikit_learn(random):
    X, y = regression(random)
    options = {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.3}
    model = MLPRegressor(
        hidden_layer_sizes=(8,), activation="tanh", tol=1e-3, n_iter_no_change=2, **options
    )
    model, oracle = fitted(model, X, y[:, 0], 60)
    # Theirs ends where the rate is below 1e-6 before the division, this where it would be after.
    schedule = Adaptive(0.3, patience=3, tolerance=1e-3, smallest=1e-6 / 5)
    optimizer = GradientDescent(None, 0.9, nesterov=True)
    run = training.train(oracle, X, y, optimizer, 60, schedule=schedule, **OBJECTIVE)
    assert run.stopped_by == "learning_rate" and schedule.rate == pytest.approx(0.3 / 5**8)
    assert_same_training(model, oracle, run.losses, 1e-8)


def test_stopping_is_that_of_scikit_learn(random):
    X, y = regression(random)
    model = MLPRegressor(
        hidden_layer_sizes=(8,), tol=1e-3, n_iter_no_change=4, learning_rate_init=0.01
    )
    model, oracle = fitted(model, X, y[:, 0], 500)
    options = {"stopping": (5, 1e-3), **OBJECTIVE}
    run = training.train(oracle, X, y, Adam(0.01), 500, **options)
    assert run.stopped_by == "stopping" and 5 < len(run.losses) == model.n_iter_ < 500
    assert_same_training(model, oracle, run.losses)


def test_epochs_in_an_order_from_outside_validation_and_state(random):
    """A run against the same batches by hand, in two calls that go on with the optimizer."""
    X, y = regression(random)
    weights = [random.uniform(-1, 1, (3, 4)), random.uniform(-1, 1, (4, 1))]
    orders = [random.permutation(100) for _ in range(4)]
    whole, parts, hand = (Oracle(weights, output="identity", hidden="tanh") for _ in range(3))
    evaluation = (X[:30], y[:30], random.random(30))
    options = {"batch_size": 30, "reduction": "mean", "l2": 0.1, "eval_set": evaluation}
    run = training.train(whole, X, y, Adam(0.01), 4, orders=orders, **options)
    optimizer = Adam(0.01)
    for epochs in (orders[:1], orders[1:]):
        training.train(parts, X, y, optimizer, len(epochs), orders=epochs, **options)
    np.testing.assert_array_equal(parts.parameters, whole.parameters)

    optimizer = Adam(0.01)
    for order, loss, validation_loss in zip(orders, run.losses, run.validation_losses):
        values = []
        for batch in (order[:30], order[30:60], order[60:90], order[90:]):
            value, *gradients = hand.loss_and_gradients(
                X[batch], y[batch], reduction="mean", l2=0.1
            )
            hand.parameters = optimizer.step(hand.parameters, hand.flat(*gradients))
            values.append(value)
        assert loss == pytest.approx(np.average(values, weights=[30, 30, 30, 10]), rel=1e-14)
        errors = (hand.forward(X[:30]) - y[:30])[:, 0] ** 2 / 2
        assert validation_loss == pytest.approx(np.average(errors, weights=evaluation[2]))
    np.testing.assert_array_equal(hand.parameters, whole.parameters)
    assert run.best_epoch == np.argmin(run.validation_losses) and run.stopped_by == "epochs"
