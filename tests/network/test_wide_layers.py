"""Layers whose weights do not fit in the caches, with few samples and many."""

import denseloop as dl
import numpy as np
import pytest

from tests.compare import assert_close, assert_parameters_agree, oracle_of


def network_and_samples(fan_in, fan_out, samples, dtype):
    random = np.random.default_rng(fan_out)
    network = dl.Network([fan_in, fan_out], output_activation="identity", dtype=dtype, seed=1)
    network.biases[0][...] = random.random(fan_out)
    return network, random.standard_normal((samples, fan_in)).astype(dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("fan_out", [8, 9, 511, 512, 513, 1030])
def test_outputs_are_numpys_for_any_number_of_samples(fan_out, dtype):
    network, X = network_and_samples(1100, fan_out, 300, dtype)
    W, b = (array[0].astype(np.float64) for array in (network.weights, network.biases))
    expected = X.astype(np.float64) @ W + b
    scale = np.abs(X) @ np.abs(W) + np.abs(b)
    all_rows = network.forward(X)
    assert np.abs(all_rows - expected).max() <= (np.finfo(dtype).eps * 20 * scale).max()
    for rows in (1, 2, 3, 4, 5, 41, 130):
        for threads in (1, 2):
            found = network.forward(X[:rows], num_threads=threads)
            np.testing.assert_array_equal(found, all_rows[:rows])


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("samples", [3, 140])
def test_trainings_are_the_oracles(samples, dtype, order):
    random = np.random.default_rng(0)
    sizes = [700, 600, 3]
    network = dl.Network(sizes, dtype=dtype, seed=1)
    X = np.asarray(random.random((samples, 700)), dtype, order=order)
    y = random.random((samples, 3)).astype(dtype)
    oracle = oracle_of(network)
    history = network.train(X, y, learning_rate=0.01, epochs=2, reduction="mean")
    assert_close(history.loss, oracle.train(X, y, 0.01, 2, reduction="mean"), dtype)
    assert_parameters_agree(network, oracle)


@pytest.mark.parametrize(
    ("loss", "output"),
    [("half_squared_error", "sigmoid"), ("cross_entropy", "softmax"), ("poisson", "exp")],
)
def test_outputs_too_many_for_one_part_train_as_the_oracles(loss, output):
    random, samples, classes = np.random.default_rng(0), 140, 30_000
    network = dl.Network([2, 3, classes], output_activation=output, seed=1)
    X, y = random.random((samples, 2)), random.random((samples, classes))
    y /= y.sum(axis=1, keepdims=True)
    weight = random.random(samples)
    oracle = oracle_of(network)
    history = network.train(X, y, learning_rate=0.01, epochs=2, loss=loss, sample_weight=weight)
    expected = oracle.train(X, y, 0.01, 2, loss=loss, sample_weight=weight)
    assert_close(history.loss, expected, "float64")
    assert_parameters_agree(network, oracle)
    assert_close(network.forward(X), oracle.forward(X), "float64")
