"""The core shuffles by NumPy's generators exactly as RandomState does."""

import numpy as np
import pytest
from denseloop import _core


def shuffled(random, start, epochs):
    orders = np.empty((epochs, len(start)), np.int64)
    orders[0] = start
    with random._bit_generator.lock:
        _core.shuffles(random._bit_generator.capsule, orders)
    return orders


@pytest.mark.parametrize("generator", [np.random.MT19937, np.random.PCG64, np.random.Philox])
@pytest.mark.parametrize("samples", [1, 2, 3, 4, 5, 17, 256, 257, 1000, 70_000])
def test_orders_and_the_numbers_after_them_are_numpys(samples, generator):
    ours, numpys = (np.random.RandomState(generator(7)) for _ in range(2))
    start = np.arange(samples)[::-1]
    orders = shuffled(ours, start, 5)
    expected = start.copy()
    for order in orders:
        numpys.shuffle(expected)
        np.testing.assert_array_equal(order, expected)
    np.testing.assert_array_equal(ours.uniform(size=3), numpys.uniform(size=3))


def test_an_order_of_no_samples_is_empty(random):
    assert shuffled(np.random.RandomState(0), np.arange(0), 2).shape == (2, 0)


def test_wrong_generators_and_orders_are_refused():
    capsule, orders = np.random.RandomState(0)._bit_generator.capsule, np.arange(6).reshape(2, 3)
    with pytest.raises(ValueError, match="capsule of a NumPy bit generator"):
        _core.shuffles(np.arange(3).__array_struct__, orders)
    with pytest.raises(ValueError, match="orders must be contiguous"):
        _core.shuffles(capsule, orders.T)
    with pytest.raises(TypeError):
        _core.shuffles(capsule, orders.astype(np.float64))
