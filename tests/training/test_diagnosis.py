"""A training that goes wrong without an error warns once, and names the cause and a remedy."""

import warnings

import denseloop as dl
import numpy as np
import pytest


@pytest.fixture
def samples(random):
    return random.random((100, 3))


def messages_of(call):
    """Return the texts of all TrainingWarnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert all(w.filename == __file__ for w in caught)
    return [str(w.message) for w in caught if w.category is dl.TrainingWarning]


def regressor(hidden="tanh", output="identity", **options):
    return dl.Network([3, 5, 1], activation=hidden, output_activation=output, seed=0, **options)


@pytest.mark.parametrize(
    ("output", "targets", "reason"),
    [
        (
            "sigmoid",
            lambda X: 10 * X.sum(axis=1),
            "but the sigmoid outputs have values from 0 to 1",
        ),
        ("tanh", lambda X: 3 * X[:, 0] - 2, "but the tanh outputs have values from -1 to 1"),
        ("relu", lambda X: X[:, 0] - 0.5, "but the relu outputs have values of at least 0"),
        ("sigmoid", lambda X: (3 * X[:, 0]).astype(int) + 1, "np.eye(n_classes)"),
    ],
)
def test_targets_that_the_outputs_cannot_reach(output, targets, reason, samples):
    net = regressor(output=output)
    y = targets(samples)
    found = messages_of(lambda: net.train(samples, y, learning_rate=1e-5, epochs=1))
    assert len(found) == 1 and reason in found[0] and "output_activation='identity'" in found[0]
    assert f"go from {y.min():g} to {y.max():g}" in found[0]
    # Later trainings of a network are to be fast.
    assert not messages_of(lambda: net.train(samples, y, learning_rate=1e-5, epochs=1))


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu"])
def test_inputs_so_large_that_the_loss_rises(hidden, samples):
    net = regressor(hidden)
    found = messages_of(
        lambda: net.train(1e4 * samples, samples.sum(axis=1), learning_rate=0.1, epochs=60)
    )
    assert len(found) == 1 and "ended worse than it began: its loss rose from" in found[0]
    for remedy in ("scaling='standard'", "lower the learning rate, 0.1", "reduction='mean'"):
        assert remedy in found[0]


@pytest.mark.parametrize("optimizer", ["lm", "lbfgs", "adam"])
def test_unscaled_inputs_that_leave_a_constant(optimizer, samples):
    X, y = 1e6 * samples + 1e7, 1e5 * np.sin(5 * samples[:, 0])
    found = messages_of(lambda: regressor().train(X, y, optimizer=optimizer, epochs=100))
    assert len(found) == 1 and "hardly better than one constant" in found[0]
    assert f"which reach {X.max():g}: Network(..., scaling='standard') does" in found[0]
    assert not messages_of(
        lambda: regressor(scaling="standard").train(X, y, optimizer=optimizer, epochs=100)
    )


@pytest.mark.parametrize("loss", ["squared_error", "half_squared_error", "binary_cross_entropy"])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_of_the_mean_target_is_that_of_a_network_without_inputs(
    loss, reduction, weighted, samples, random
):
    """The message gives the loss that a network with a bias alone would come to."""
    output = "sigmoid" if loss == "binary_cross_entropy" else "identity"
    y = (samples[:, 0] > 0.3).astype(float)
    weight = random.random(100) if weighted else None
    options = dict(loss=loss, reduction=reduction, sample_weight=weight, optimizer="lbfgs")
    blind = dl.Network([1, 1], output_activation=output, weights=[[[0.0]]])
    blind.train(np.zeros((100, 1)), y, epochs=100, **options)
    lowest, _ = blind.loss_and_gradients(
        np.zeros((100, 1)), y, loss=loss, reduction=reduction, sample_weight=weight
    )
    found = messages_of(
        lambda: dl.Network([1, 1], output_activation=output, weights=[[[0.0]]]).train(
            np.zeros((100, 1)), y, epochs=100, **options
        )
    )
    assert len(found) == 1 and f"that of the mean target {lowest:g}" in found[0]


@pytest.mark.parametrize("optimizer", ["lm", "lbfgs", "adam", "rprop", dl.GradientDescent(0.001)])
def test_good_trainings_are_silent(optimizer, samples):
    net, y = regressor(), samples.sum(axis=1)
    for _ in range(2):
        assert not messages_of(lambda: net.train(samples, y, optimizer=optimizer, epochs=300))


def test_a_plateau_of_small_inputs_is_silent():
    X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    net = dl.Network([2, 3, 1], seed=0)
    for epochs in (100, 5000):
        assert not messages_of(lambda n=epochs: net.train(X, y, learning_rate=0.1, epochs=n))


def test_rounding_errors_at_a_minimum_are_no_rise(samples):
    net = regressor(hidden="identity")
    y = samples.sum(axis=1)
    net.train(samples, y, optimizer="lm", epochs=50)
    assert not messages_of(lambda: net.train(samples, y, optimizer=dl.Adam(1e-9), epochs=50))


def test_a_divergence_names_remedies(samples):
    net = regressor("relu")
    with pytest.warns(dl.DivergenceWarning, match="which reach 9.*scaling='standard'.*rate, 0.1"):
        net.train(1e4 * samples, samples.sum(axis=1), learning_rate=0.1, epochs=1000)
