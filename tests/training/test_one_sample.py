"""One sample through a hidden layer of few units, which has a kernel of its own."""

from copy import deepcopy

import numpy as np
import pytest
from denseloop import DivergenceWarning, Network

from tests.compare import assert_close, assert_parameters_agree, oracle_of
from tests.trainings import problem

DTYPES = ["float64", "float32"]
UNITS = [1, 2, 3, 4, 5]  # 2 to 4 have the kernel


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", ["squared_error", "half_squared_error"])
@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("units", UNITS)
def test_single_epochs_are_the_oracles(target, units, bias, update_order, loss, dtype, random):
    options = {"update_order": update_order, "loss": loss}
    for inputs, weight in [(1, None), (2, [0.3]), (10, None), (37, [1.7])]:
        sizes = [inputs, units, 1]
        network = Network(sizes, bias=bias, dtype=dtype, seed=inputs)
        X, y = problem(random, 1, sizes, dtype)
        for _ in range(5):
            oracle = oracle_of(network)
            history = network.train(
                X, y, learning_rate=0.5, epochs=1, sample_weight=weight, **options
            )
            expected = oracle.train(X, y, 0.5, 1, sample_weight=weight, **options)
            assert_close(history.loss, expected, dtype)
            assert_parameters_agree(network, oracle)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
@pytest.mark.parametrize("units", UNITS)
def test_a_hundred_epochs_are_the_oracles(target, units, update_order, bias, random):
    sizes = [10, units, 1]
    network = Network(sizes, bias=bias, seed=0)
    X, y = problem(random, 1, sizes)
    expected = oracle_of(network).train(X, y, 0.3, 100, update_order)
    history = network.train(X, y, learning_rate=0.3, epochs=100, update_order=update_order)
    np.testing.assert_allclose(history.loss, expected, rtol=1e-9)


# Pre-activations that move through many powers of 2, those below -16, and those beyond 708.
@pytest.mark.parametrize("scale", [1, 10, 40, 3000])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
@pytest.mark.parametrize("units", UNITS)
def test_updates_have_the_same_bits_at_once_in_parts_and_one_by_one(
    target, units, update_order, dtype, scale, random
):
    sizes = [3, units, 1]
    X, y = problem(random, 1, sizes, dtype)
    networks = [Network(sizes, dtype=dtype, seed=units) for _ in range(3)]
    for network in networks:
        network.weights[0][...] *= scale
        network.weights[1][...] *= min(scale, 40)
    whole, parts, singly = networks
    options = {"learning_rate": 20, "update_order": update_order}
    losses = whole.train(X, y, epochs=1500, **options).loss
    in_parts = [parts.train(X, y, epochs=epochs, **options).loss for epochs in (1, 2, 1024, 473)]
    # With an eval_set each update is a call of its own.
    alone = singly.train(X, y, epochs=1500, eval_set=(X, y), **options).loss
    for others in (np.concatenate(in_parts), alone):
        np.testing.assert_array_equal(others, losses)
    for network in (parts, singly):
        np.testing.assert_array_equal(network.parameters, whole.parameters)


def assert_divergence_keeps_the_last_state(network, finished, X, y, **options):
    whole = deepcopy(network)
    with pytest.warns(DivergenceWarning):
        history = network.train(X, y, epochs=100, **options)
    assert len(history.loss) == finished
    if finished > 0:
        whole.train(X, y, epochs=finished, eval_set=(X, y), **options)
    np.testing.assert_array_equal(network.parameters, whole.parameters)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
@pytest.mark.parametrize("units", UNITS)
def test_a_divergence_of_the_output_weights_keeps_the_last_state(
    target, units, update_order, dtype
):
    """The first update moves the pre-activation from far out to 0, and the second overflows."""
    y, z = (1e150, 708) if dtype == "float64" else (1e15, 87)
    weights = [np.zeros((1, units), dtype), np.full((units, 1), -2 * z / units, dtype)]
    network = Network([1, units, 1], bias=False, dtype=dtype, weights=weights)
    rate = z / (units / 4 * y * np.exp(-z))
    X, y = np.zeros((1, 1), dtype), np.full((1, 1), y, dtype)
    options = {"learning_rate": rate, "update_order": update_order}
    assert_divergence_keeps_the_last_state(network, 1, X, y, **options)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
@pytest.mark.parametrize("units", UNITS)
def test_a_divergence_of_the_hidden_weights_keeps_the_last_state(
    target, units, update_order, dtype
):
    weights = [np.zeros((1, units), dtype), np.ones((units, 1), dtype)]
    network = Network([1, units, 1], bias=False, dtype=dtype, weights=weights)
    X, y = np.full((1, 1), np.finfo(dtype).max / 4, dtype), np.zeros((1, 1), dtype)
    options = {"learning_rate": 1e10, "update_order": update_order}
    assert_divergence_keeps_the_last_state(network, 0, X, y, **options)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("units", UNITS)
def test_padding_does_not_diverge(target, units, dtype):
    """Each unit is near 0, so its weight moves little; that of a unit at 1/2 would overflow."""
    error, rate, z = (1e150, 1e160, 700) if dtype == "float64" else (1e15, 1e26, 86)
    weights = [np.full((1, units), -z, dtype), np.zeros((units, 1), dtype)]
    network = Network([1, units, 1], bias=False, dtype=dtype, weights=weights)
    X, y = np.ones((1, 1), dtype), np.full((1, 1), -error, dtype)
    assert len(network.train(X, y, epochs=1, learning_rate=rate).loss) == 1
    assert (network.weights[1] < -1).all()


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("n_outputs", [2, 3, 8])
def test_several_exp_outputs_follow_the_formula(rows, n_outputs):
    random = np.random.default_rng(0)
    X, y = random.random((rows, 2)), random.random((rows, n_outputs))
    weights = random.random((2, n_outputs)) / 4
    network = Network([2, n_outputs], output_activation="exp", weights=[weights])
    history = network.train(X, y, learning_rate=1e-2, epochs=30)
    biases = np.zeros(n_outputs)
    for _ in range(30):
        outputs = np.exp(X @ weights + biases)
        deltas = (outputs - y) * outputs
        weights, biases = weights - 1e-2 * X.T @ deltas, biases - 1e-2 * deltas.sum(axis=0)
    assert history.stopped_by == "epochs"
    np.testing.assert_allclose(network.weights[0], weights, rtol=1e-12)
    np.testing.assert_allclose(network.biases[0], biases, rtol=1e-10, atol=1e-12)
