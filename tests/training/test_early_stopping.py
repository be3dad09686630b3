"""Training ends when the watched loss no longer falls, and the best parameters are restored."""

import denseloop as dl
import numpy as np
import pytest

from tests.compare import oracle_of
from tests.oracle import training
from tests.trainings import overfitting, split, tanh_network

DTYPES = ["float64", "float32"]


@pytest.mark.parametrize("patience", [1, 5, 20])
@pytest.mark.parametrize(
    ("watched", "tolerance"),
    [("validation", 0.0), ("validation", 1e-3), ("training", 1e-4), ("training", 1e-2)],
)
def test_early_stopping_is_the_oracles(watched, tolerance, patience):
    X, y, eval_set = split()
    options = {"reduction": "mean", "batch_size": 10}
    if watched == "validation":
        options["eval_set"] = eval_set
    network = tanh_network((3, 30, 1))
    oracle = oracle_of(network)
    stopping = dl.EarlyStopping(patience=patience, tolerance=tolerance, restore_best=False)
    history = network.train(X, y, learning_rate=0.2, epochs=400, stopping=stopping, **options)
    expected = training.train(oracle, X, y, 0.2, 400, stopping=(patience, tolerance), **options)
    assert history.stopped_by == expected.stopped_by == "stopping"
    assert len(history.loss) == len(expected.losses)
    np.testing.assert_allclose(network.parameters, oracle.parameters, rtol=0, atol=1e-9)
    if watched == "validation":
        assert len(history.validation_loss) == len(history.loss)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("restore_best", [None, True])
def test_the_best_parameters_are_restored(target, restore_best, dtype):
    X, y, eval_set = split(dtype=dtype)
    network, twin = (tanh_network((3, 30, 1), dtype=dtype) for _ in range(2))
    stopping = dl.EarlyStopping(patience=15, restore_best=restore_best)
    history = network.train(
        X, y, eval_set=eval_set, stopping=stopping, **overfitting(epochs=500, shuffle=True)
    )
    assert history.stopped_by == "stopping"
    assert history.best_epoch == np.argmin(history.validation_loss) < len(history.loss) - 1
    twin.train(X, y, **overfitting(epochs=history.best_epoch + 1, shuffle=True))
    np.testing.assert_array_equal(network.parameters, twin.parameters)


@pytest.mark.parametrize(
    ("callback", "ending"), [(None, "epochs"), (lambda progress: progress.epoch == 30, "callback")]
)
def test_the_best_parameters_are_restored_whatever_ended_the_training(callback, ending):
    """The validation targets are the network's own outputs after 20 epochs."""
    X, y, (eval_X, _) = split()
    network, twin = tanh_network(), tanh_network()
    twin.train(X, y, **overfitting(epochs=20))
    eval_set = eval_X, twin.forward(eval_X)
    history = network.train(
        X,
        y,
        eval_set=eval_set,
        stopping=dl.EarlyStopping(patience=1000),
        callback=callback,
        **overfitting(epochs=40),
    )
    assert history.stopped_by == ending and len(history.loss) > 20
    assert history.best_epoch == 19 and history.validation_loss[19] == 0
    np.testing.assert_array_equal(network.parameters, twin.parameters)


def test_the_last_parameters_stay_without_restore_best():
    X, y, eval_set = split()
    network, twin = (tanh_network((3, 30, 1)) for _ in range(2))
    stopping = dl.EarlyStopping(patience=15, restore_best=False)
    history = network.train(X, y, eval_set=eval_set, stopping=stopping, **overfitting(epochs=500))
    twin.train(X, y, **overfitting(epochs=len(history.loss)))
    np.testing.assert_array_equal(network.parameters, twin.parameters)


def test_after_restoring_the_optimizer_starts_afresh():
    X, y, eval_set = split()
    network = tanh_network((3, 30, 1))
    stopping = dl.EarlyStopping(patience=5)
    network.train(X, y, eval_set=eval_set, stopping=stopping, **overfitting(epochs=500))
    twin = dl.Network(
        (3, 30, 1),
        activation="tanh",
        output_activation="identity",
        weights=network.weights,
        biases=network.biases,
    )
    for each in (network, twin):
        each.train(X, y, **overfitting(epochs=3))
    np.testing.assert_array_equal(network.parameters, twin.parameters)


def test_stopping_counts_on_between_callbacks():
    X, y, eval_set = split()
    plain, watched = (tanh_network((3, 30, 1)) for _ in range(2))
    stopping = dl.EarlyStopping(patience=15)
    options = overfitting(epochs=500, eval_set=eval_set, stopping=stopping)
    expected = plain.train(X, y, **options)
    history = watched.train(X, y, callback=lambda p: None, callback_every=4, **options)
    np.testing.assert_array_equal(history.validation_loss, expected.validation_loss)
    np.testing.assert_array_equal(watched.parameters, plain.parameters)
    assert history.best_epoch == expected.best_epoch


def stopped_after(losses, patience, tolerance, relative_tolerance, goal):
    """Return after how many epochs the rule ends a training with these losses, and why."""
    lowest, waited = np.inf, 0
    for epoch, loss in enumerate(losses, 1):
        if goal is not None and loss <= goal:
            return epoch, "goal"
        enough = max(tolerance, relative_tolerance * abs(lowest)) if lowest < np.inf else 0
        waited = 0 if loss < lowest - enough else waited + 1
        lowest = min(lowest, loss)
        if patience is not None and waited >= patience:
            return epoch, "stopping"
    return len(losses), "epochs"


@pytest.mark.parametrize("optimizer", ["adam", "lm"])
@pytest.mark.parametrize("watched", ["training", "validation"])
@pytest.mark.parametrize(
    "rule",
    [
        dict(patience=3, relative_tolerance=0.1),
        dict(patience=3, relative_tolerance=0.02, tolerance=1e-3),
        dict(patience=None, goal=0.05),
        dict(patience=2, goal=1e-9, relative_tolerance=0.05),
        dict(goal=-5.0),
    ],
)
def test_relative_tolerance_and_goal(rule, watched, optimizer):
    X, y, eval_set = split()
    options = dict(optimizer=optimizer, epochs=60, reduction="mean")
    if watched == "validation":
        options["eval_set"] = eval_set
    whole = tanh_network().train(X, y, **options)
    losses = whole.loss if watched == "training" else whole.validation_loss
    default = 0.0 if rule.get("relative_tolerance") else 1e-4
    epochs, reason = stopped_after(
        losses,
        rule.get("patience", 10),
        rule.get("tolerance", default),
        rule.get("relative_tolerance", 0.0),
        rule.get("goal"),
    )
    stopping = dl.EarlyStopping(**rule, restore_best=False)
    history = tanh_network().train(X, y, stopping=stopping, **options)
    expected = reason if reason != "epochs" else whole.stopped_by
    assert (len(history.loss), history.stopped_by) == (epochs, expected)


def test_a_patience_of_none_needs_a_goal():
    with pytest.raises(ValueError, match="patience=None needs a goal"):
        dl.EarlyStopping(patience=None)
