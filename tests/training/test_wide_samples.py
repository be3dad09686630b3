"""Samples too large to be packed give the same results, read tile by tile from the caller."""

import weakref

import denseloop as dl
import numpy as np
import pytest
from denseloop import Network

from tests.compare import (
    assert_close,
    assert_parameters_agree,
    assert_same_bits_on_every_target,
    oracle_of,
)
from tests.core_calls import core_objective, core_training
from tests.training.orders import orders
from tests.trainings import problem

DTYPES = ["float64", "float32"]
SIZES = [650, 6, 2]  # a row is not a whole number of cache lines
SAMPLES = 900  # more than a megabyte, also in float32


def network_and_samples(random, dtype="float64"):
    return Network(SIZES, dtype=dtype, seed=3), *problem(random, SAMPLES, SIZES, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch_size", [100, 300, None])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
def test_trainings_are_the_oracles(target, update_order, shuffle, batch_size, dtype, random):
    network, X, y = network_and_samples(random, dtype)
    oracle = oracle_of(network)
    options = {"batch_size": batch_size, "update_order": update_order, "reduction": "mean"}
    history = network.train(X, y, learning_rate=0.1, epochs=2, shuffle=shuffle, **options)
    taken = orders(3, SAMPLES, 2) if shuffle else None
    assert_close(history.loss, oracle.train(X, y, 0.1, 2, orders=taken, **options), dtype)
    assert_parameters_agree(network, oracle)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shuffle", [False, True])
def test_the_layout_in_memory_changes_no_bit(shuffle, dtype, random):
    _, X, y = network_and_samples(random, dtype)

    def trained(X):
        network = Network(SIZES, dtype=dtype, seed=3)
        options = {"batch_size": 100, "shuffle": shuffle, "eval_set": (X, y)}
        history = network.train(X, y, learning_rate=0.1, epochs=2, **options)
        return [history.loss, history.validation_loss, network.parameters, network.forward(X)]

    spaced = np.zeros((2 * SAMPLES, 2 * SIZES[0]), dtype)
    raw = np.zeros(X.nbytes + 3, np.uint8)
    variants = [
        np.asfortranarray(X),
        spaced[::2, : SIZES[0]],  # contiguous rows, far apart
        spaced[1::2, ::2],
        X[::-1, ::-1].copy()[::-1, ::-1],
        raw[3:].view(dtype).reshape(X.shape),  # at odd addresses
    ]
    expected = trained(X)
    for variant in variants:
        variant[...] = X
        for found, wanted in zip(trained(variant), expected):
            np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("width", "batch_size"), [(6, 450), (60, 128)])
def test_the_same_bits_on_every_target_and_any_number_of_threads(width, batch_size, dtype, random):
    sizes = [SIZES[0], width, 2]
    X, y = problem(random, SAMPLES, sizes, dtype)

    def trained(threads, shuffle):
        network = Network(sizes, dtype=dtype, seed=3)
        options = {"batch_size": batch_size, "shuffle": shuffle, "num_threads": threads}
        history = network.train(
            X, y, optimizer=dl.Adam(), epochs=2, eval_set=(X[::-1], y[::-1]), **options
        )
        return [history.loss, history.validation_loss, network.parameters.copy()]

    for shuffle in (False, True):
        assert_same_bits_on_every_target(lambda shuffle=shuffle: trained(1, shuffle))
        for threads in (2, 3):
            for one, several in zip(trained(1, shuffle), trained(threads, shuffle)):
                np.testing.assert_array_equal(one, several)


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("position", [(0, 0), (411, 649), (899, 643)])
@pytest.mark.parametrize("rows", [slice(None), slice(None, None, -1)])
def test_a_value_that_is_not_finite_is_refused(rows, position, value, shuffle, random):
    network, X, y = network_and_samples(random)
    X = X.copy()[rows]
    X[position] = value
    before = network.parameters.copy()
    message = f"X must be finite, got {value} in row {position[0]}, column {position[1]}"
    with pytest.raises(ValueError, match=message):
        network.train(X, y, learning_rate=0.1, epochs=1, batch_size=100, shuffle=shuffle)
    np.testing.assert_array_equal(network.parameters, before)


def test_the_core_keeps_the_samples_alive(random):
    network, X, y = network_and_samples(random)
    training = core_training(network, X, y, core_objective("half_squared_error"), 0.1, 4)
    samples = [weakref.ref(X), weakref.ref(y)]
    del X, y
    assert all(reference() is not None for reference in samples)
    del training
    assert all(reference() is None for reference in samples)
