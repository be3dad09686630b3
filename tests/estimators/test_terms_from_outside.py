"""The core takes learning rates, bounds and shares of losses from the estimators.

`Network` never passes them.
"""

import numpy as np
import pytest
from denseloop import Network
from scipy.special import expit, softmax
from sklearn.neural_network._base import binary_log_loss, log_loss

from tests.compare import assert_same_bits_on_every_target, oracle_of
from tests.core_calls import (
    core_loss_and_gradient,
    core_objective,
    core_training,
    run_training,
)

DTYPES = ["float64", "float32"]


def identity_network(units, output, dtype):
    """Return a network whose pre-activations are its inputs."""
    return Network(
        [units, units],
        bias=False,
        output_activation=output,
        dtype=dtype,
        weights=[np.eye(units, dtype=dtype)],
    )


def bounded(loss, dtype):
    return core_objective(loss, parameter=-np.log(np.finfo(dtype).eps))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("label", [0, 1])
def test_a_bounded_binary_cross_entropy_is_that_of_the_rounded_probability(target, label, dtype):
    network = identity_network(1, "sigmoid", dtype)
    for z in np.linspace(-60, 60, 301, dtype=dtype):
        X, y = np.full((1, 1), z), np.full((1, 1), label, dtype)
        found, gradient = core_loss_and_gradient(
            network, X, y, bounded("binary_cross_entropy", dtype)
        )
        expected = binary_log_loss(y, expit(X))
        rounding = {
            "rel": 1e-11 if dtype == "float64" else 1e-4,
            "abs": 2 * float(np.finfo(dtype).eps),
        }
        assert found == pytest.approx(expected, **rounding)
        free, same = core_loss_and_gradient(
            network, X, y, core_objective("binary_cross_entropy", parameter=np.inf)
        )
        assert free == pytest.approx(np.logaddexp(0, z if label == 0 else -z), rel=1e-5)
        np.testing.assert_array_equal(gradient, same)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_bounded_cross_entropy_is_that_of_clipped_probabilities(target, random, dtype):
    network = identity_network(4, "softmax", dtype)
    X = (random.standard_normal((40, 4)) * 30).astype(dtype)
    y = np.eye(4, dtype=dtype)[random.integers(4, size=40)]
    found, gradient = core_loss_and_gradient(network, X, y, bounded("cross_entropy", dtype))
    expected = log_loss(y, softmax(X, axis=1))
    assert found == pytest.approx(expected, rel=1e-12 if dtype == "float64" else 1e-5)
    free, same = core_loss_and_gradient(
        network, X, y, core_objective("cross_entropy", parameter=np.inf)
    )
    assert free > 1.05 * found
    np.testing.assert_array_equal(gradient, same)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [2, 20])  # for the kernels of rows and of tiles
def test_a_share_is_of_the_losses_but_not_of_the_penalty_or_the_gradient(samples, dtype, random):
    network = Network([3, 12, 5], output_activation="identity", dtype=dtype, seed=0)
    X, y = random.random((samples, 3)).astype(dtype), random.random((samples, 5)).astype(dtype)
    whole, gradient = core_loss_and_gradient(
        network, X, y, core_objective("half_squared_error", l2=0.3)
    )
    part, same = core_loss_and_gradient(
        network, X, y, core_objective("half_squared_error", value_scale=1 / 5, l2=0.3)
    )
    data = 0.5 * ((network.forward(X) - y) ** 2).sum() / samples
    penalty = (
        0.15 * sum((weights.astype(float) ** 2).sum() for weights in network.weights) / samples
    )
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    assert whole == pytest.approx(data + penalty, rel=tolerance)
    assert part == pytest.approx(data / 5 + penalty, rel=tolerance)
    np.testing.assert_array_equal(gradient, same)


@pytest.mark.parametrize("samples", [1, 11])
def test_each_epoch_has_the_learning_rate_that_it_is_given(target, samples, random):
    network = Network([2, 12, 1], seed=0)
    oracle, X, y = oracle_of(network), random.random((samples, 2)), random.random((samples, 1))
    rates, losses = np.array([0.5, 0.0, 2.0, 0.1]), np.empty(4)
    objective = core_objective("half_squared_error")
    training = core_training(network, X, y, objective, 123.0, samples)  # 123 is never used
    assert run_training(training, losses, learning_rates=rates) == 4
    expected = [oracle.train(X, y, rate, 1, reduction="mean")[0] for rate in rates]
    np.testing.assert_allclose(losses, expected, rtol=1e-12)
    np.testing.assert_allclose(network.weights[0], oracle.weights[0], rtol=1e-12)
    before = network.parameters.copy()
    for wrong in (np.array([0.1, -0.1, 0, 0]), np.array([0.1, np.nan, 0, 0]), np.ones(3)):
        with pytest.raises(ValueError, match="rates"):
            run_training(training, losses, learning_rates=wrong)
    np.testing.assert_array_equal(network.parameters, before)


@pytest.mark.parametrize("dtype", DTYPES)
def test_bounded_losses_have_the_same_bits_on_every_target(dtype, random):
    X, y = (random.standard_normal((40, 3)) * 20).astype(dtype), random.integers(2, size=(40, 3))

    def losses():
        network = identity_network(3, "sigmoid", dtype)
        minimized = bounded("binary_cross_entropy", dtype)
        loss, gradient = core_loss_and_gradient(network, X, y.astype(dtype), minimized)
        return [np.array(loss), gradient]

    assert_same_bits_on_every_target(losses)
