"""The fused loop agrees with the oracle."""

import mpmath
import numpy as np
import pytest
from denseloop import Network

from tests.compare import (
    assert_close,
    assert_gradient_is_the_slope,
    assert_one_epoch_agrees,
    oracle_of,
)
from tests.trainings import moons

DTYPES = ["float64", "float32"]


def moons_network(dtype="float64"):
    X, y, random = moons()
    weights = [random.rand(2, 4), random.rand(4, 1)]
    return (
        Network([2, 4, 1], bias=False, dtype=dtype, weights=[w.astype(dtype) for w in weights]),
        X,
        y,
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_single_epochs_agree_along_the_moons_trajectory(dtype):
    network, X, y = moons_network(dtype)
    X, y = X.astype(dtype), y.astype(dtype)
    for epochs in [0, 10, 90, 900, 2000, 2000, 2000, 3000, 10_000, 80_000, 100_000]:
        network.train(X, y, learning_rate=0.5, epochs=epochs)
        assert_one_epoch_agrees(network, X, y, 0.5)


def test_the_first_1000_epochs_on_the_moons_agree(target):
    network, X, y = moons_network()
    expected = oracle_of(network).train(X, y, 0.5, 1000)
    history = network.train(X, y, learning_rate=0.5, epochs=1000)
    np.testing.assert_allclose(history.loss, expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    "sizes",
    [[1, 1], [3, 1], [1, 5], [2, 4, 1], [7, 3, 5], [5, 9, 6, 4], [2, 16, 16, 1], [33, 17, 19, 3]],
)
def test_one_epoch_agrees_for_all_depths_and_widths(target, sizes, bias, dtype, random):
    # The last tile has one sample, or its last vector is full.
    for n in [1, 2, 3, 4, 7, 8, 9, 40, 129, 131, 257, 384]:
        network = Network(sizes, bias=bias, dtype=dtype, seed=n)
        for b in network.biases:
            b[...] = random.uniform(-1, 1, b.size)
        X = random.standard_normal((n, sizes[0])).astype(dtype)
        y = random.random((n, sizes[-1])).astype(dtype)
        assert_one_epoch_agrees(network, X, y, 0.01)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_hundred_layers_agree(dtype, random):
    network = Network([3] + [4] * 99 + [2], dtype=dtype, seed=1)
    for w, b in zip(network.weights, network.biases):
        w *= 4  # otherwise the gradients vanish long before the first layer
        b[...] = -w.sum(axis=0) / 2
    X, y = random.random((20, 3)).astype(dtype), random.random((20, 2)).astype(dtype)
    gradients = network.loss_and_gradients(X, y)[1]
    assert np.abs(gradients.weights[0]).max() > 1e-12
    assert_one_epoch_agrees(network, X, y, 0.1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("derivative_at", ["pre_activation", "output"])
@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("loss", ["squared_error", "half_squared_error"])
def test_every_combination_of_options_agrees(
    target, loss, reduction, update_order, derivative_at, dtype, random
):
    options = {"loss": loss, "reduction": reduction, "derivative_at": derivative_at}
    for n in [1, 2, 3, 4, 150]:
        network = Network([3, 5, 4, 2], dtype=dtype, seed=3)
        X = random.standard_normal((n, 3)).astype(dtype)
        y = random.random((n, 2)).astype(dtype)
        assert_one_epoch_agrees(network, X, y, 0.3, update_order, **options)


def test_the_order_of_updates_matters(random):
    networks = [Network([3, 5, 1], seed=3) for _ in range(2)]
    X, y = random.standard_normal((50, 3)), random.random((50, 1))
    for network, order in zip(networks, ["simultaneous", "output_first"]):
        network.train(X, y, learning_rate=0.3, epochs=1, update_order=order)
    np.testing.assert_array_equal(networks[0].weights[1], networks[1].weights[1])
    assert not np.allclose(networks[0].weights[0], networks[1].weights[0], rtol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("classes", [2, 3, 11])
def test_softmax_with_cross_entropy_agrees(target, classes, reduction, dtype, random):
    network = Network([4, 6, classes], output_activation="softmax", dtype=dtype, seed=2)
    X = random.standard_normal((75, 4)).astype(dtype)
    for y in [
        np.eye(classes)[random.integers(classes, size=75)],
        random.dirichlet(np.ones(classes), 75).astype(dtype),
    ]:
        assert_one_epoch_agrees(network, X, y, 0.05, loss="cross_entropy", reduction=reduction)


def test_softmax_is_right_far_from_zero():
    network = Network([1, 2], output_activation="softmax", weights=[np.array([[600.0, -600.0]])])
    outputs = network.forward([[1.0], [-1.0], [-0.5], [0.0]])
    assert_close(outputs, [[1, 0], [0, 1], [np.exp(-600), 1], [0.5, 0.5]], "float64")
    assert (outputs >= 0).all()
    for x, y in [(0.5, [0.0, 1.0]), (1.0, [0.0, 1.0]), (-1.0, [1.0, 0.0])]:
        loss, _ = network.loss_and_gradients([[x]], [y], loss="cross_entropy")
        assert loss == pytest.approx(1200 * abs(x), rel=1e-14)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_logarithm_of_the_cross_entropy_is_accurate(target, dtype):
    """log(1 + (classes - 1) exp(-d)), over several octaves of the sum.

    Each of its additions may err by half a unit in the last place, and so may the logarithm twice.
    """
    eps = np.finfo(dtype).eps
    for d in np.linspace(0, 6, 49):
        for classes in [2, 3, 4, 6, 9, 70]:
            logits = np.full((1, classes), -d, dtype)
            logits[0, 0] = 0
            network = Network(
                [1, classes], bias=False, output_activation="softmax", dtype=dtype, weights=[logits]
            )
            y = np.eye(classes)[[0]]
            loss, _ = network.loss_and_gradients([[1.0]], y, loss="cross_entropy")
            exact = mpmath.log(1 + (classes - 1) * mpmath.exp(mpmath.mpf(float(logits[0, -1]))))
            assert abs(loss - float(exact)) <= (1 + classes / 2) * eps * max(float(exact), 1)


@pytest.mark.parametrize("dtype", DTYPES)
def test_forward_agrees(target, dtype, random):
    network = Network([6, 10, 3], dtype=dtype, seed=5)
    X = random.standard_normal((333, 6)).astype(dtype)
    assert_close(network.forward(X), oracle_of(network).forward(X), dtype)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("sizes", [[2, 1], [2, 4, 1], [3, 4, 5, 2]])
def test_gradients_are_central_differences(sizes, bias, random):
    network = Network(sizes, bias=bias, seed=1)
    X, y = random.standard_normal((30, sizes[0])), random.random((30, sizes[-1]))
    assert_gradient_is_the_slope(network, X, y)


def test_softmax_gradients_are_central_differences(random):
    network = Network([2, 4, 3], output_activation="softmax", seed=1)
    y = np.eye(3)[random.integers(3, size=30)]
    assert_gradient_is_the_slope(network, random.standard_normal((30, 2)), y, loss="cross_entropy")
