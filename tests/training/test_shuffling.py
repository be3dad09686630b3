"""Shuffling gives each epoch a new order, which the network's seed decides."""

import denseloop as dl
import numpy as np
import pytest
from denseloop import Network

from tests.compare import assert_close, assert_same_bits_on_every_target, oracle_of
from tests.core_calls import core_objective, core_training, run_training
from tests.training.orders import counting_network, orders, positions
from tests.trainings import IN_BATCHES, OPTIMIZERS, problem, regression, tanh_network

DTYPES = ["float64", "float32"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [1, 2, 3, 7, 100, 1000])
def test_an_order_is_a_permutation(target, samples, dtype):
    found = positions(counting_network(0, dtype), samples, 4)
    np.testing.assert_array_equal(np.sort(found, axis=1), np.tile(np.arange(samples), (4, 1)))


def test_orders_differ_between_epochs_and_seeds():
    found = np.concatenate([orders(seed, 200, 10) for seed in (0, 1, 2, 2**40)])
    fixed = (found[:, None, :] == found[None, :, :]).sum(axis=2)
    fixed = fixed[~np.eye(len(found), dtype=bool)]
    # Two random orders of 200 agree at one position on average, seldom at 8.
    assert fixed.max() < 10 and fixed.mean() == pytest.approx(1, abs=0.3)
    in_place = (found == np.arange(200)).sum(axis=1)
    assert in_place.max() < 10


def test_all_orders_are_equally_likely():
    """This holds for the 24 orders of 4 samples, and for 10 samples at 10 positions."""
    found = orders(3, 4, 24_000)
    _, counts = np.unique(found, axis=0, return_counts=True)
    assert len(counts) == 24
    assert ((counts - 1000) ** 2 / 1000).sum() < 60  # by chance 1 in 30 000
    found = orders(4, 10, 20_000)
    for column in found.T:
        counts = np.bincount(column, minlength=10)
        assert ((counts - 2000) ** 2 / 2000).sum() < 45  # by chance 1 in 1 000 000


@pytest.mark.parametrize("batch_size", [2, 4, 32, 64, 99, 100])
def test_batches_are_cut_from_the_same_order_and_the_last_is_short(target, batch_size):
    single = positions(counting_network(5), 100, 3)
    batches = positions(counting_network(5), 100, 3, batch_size)
    np.testing.assert_array_equal(batches, single // batch_size * batch_size)


def test_the_orders_continue_from_call_to_call():
    network = counting_network(0)
    parts = [positions(network, 50, 2)]
    network.train([[1.0]], [1.0], learning_rate=1, epochs=5)  # not shuffled
    parts.append(positions(network, 50, 3))
    np.testing.assert_array_equal(np.concatenate(parts), positions(counting_network(0), 50, 5))


@pytest.mark.parametrize("batch_size", [1, 3, 4, 32])
@pytest.mark.parametrize("sizes", [[2, 4, 1], [20, 9, 18, 3]])
@pytest.mark.parametrize("dtype", DTYPES)
def test_shuffled_epochs_are_the_oracles(dtype, sizes, batch_size, random):
    network = Network(sizes, dtype=dtype, seed=7)
    oracle = oracle_of(network)
    X, y = problem(random, 61, sizes, dtype)
    weight = random.uniform(0.5, 2, 61).astype(dtype)
    options = {"batch_size": batch_size, "sample_weight": weight, "reduction": "mean"}
    history = network.train(X, y, learning_rate=0.1, epochs=2, shuffle=True, **options)
    expected = oracle.train(X, y, 0.1, 2, orders=orders(7, 61, 2), **options)
    assert_close(history.loss, expected, dtype)
    assert_close(network.parameters, oracle.parameters, dtype)


@pytest.mark.parametrize("batch_size", [1, 4, 30, None])
@pytest.mark.parametrize("name", IN_BATCHES)
def test_shuffling_is_training_on_samples_in_that_order(name, batch_size):
    X, y = regression(70)
    options = {"optimizer": OPTIMIZERS[name][0], "batch_size": batch_size, "record_output": True}
    shuffled, twin = tanh_network(seed=9), tanh_network(seed=9)
    history = shuffled.train(X, y, epochs=3, shuffle=True, **options)
    for epoch, order in enumerate(orders(9, 70, 3)):
        expected = twin.train(X[order], y[order], epochs=1, **options)
        assert history.loss[epoch] == expected.loss[0]
        np.testing.assert_array_equal(history.output[epoch][order], expected.output[0])
    np.testing.assert_array_equal(shuffled.parameters, twin.parameters)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("sizes", "samples", "batch_size"),
    [([3, 8, 1], 200, 3), ([3, 8, 1], 300, 64), ([3, 40, 40, 1], 2500, 1000)],
)
def test_the_same_bits_on_every_target_and_any_number_of_threads(sizes, samples, batch_size, dtype):
    X, y = regression(samples, dtype)

    def trained(threads):
        network = tanh_network(sizes, dtype=dtype)
        options = {"shuffle": True, "batch_size": batch_size, "num_threads": threads}
        history = network.train(X, y, optimizer=dl.Adam(), epochs=2, record_output=True, **options)
        return [history.loss, history.output, network.parameters.copy()]

    assert_same_bits_on_every_target(lambda: trained(1))
    for threads in (2, 3):
        for one, several in zip(trained(1), trained(threads)):
            np.testing.assert_array_equal(one, several)


def test_a_seed_given_with_weights_decides_the_shuffling():
    drawn = Network([3, 8, 1], seed=4)
    given = Network([3, 8, 1], weights=drawn.weights, seed=4)
    other = Network([3, 8, 1], weights=drawn.weights, seed=5)
    X, y = regression(50)
    for network in (drawn, given, other):
        network.train(X, y, learning_rate=0.1, epochs=2, batch_size=10, shuffle=True)
    np.testing.assert_array_equal(given.parameters, drawn.parameters)
    assert (other.parameters != drawn.parameters).any()


@pytest.mark.parametrize("width", [3, 30])  # for the kernels of rows and of tiles
def test_the_core_takes_orders_from_its_caller(target, width, random):
    network = Network([2, width, 1], seed=0)
    oracle, X, y = oracle_of(network), random.random((11, 2)), random.random((11, 1))
    losses = np.empty(5)
    orders = np.array([random.permutation(11) for _ in losses])
    objective = core_objective("half_squared_error")
    training = core_training(network, X, y, objective, 0.1, 4, orders_are_given=True)
    assert run_training(training, losses, orders=orders) == 5
    expected = oracle.train(X, y, 0.1, 5, batch_size=4, orders=orders, reduction="mean")
    np.testing.assert_allclose(losses, expected, rtol=1e-12)
    np.testing.assert_allclose(network.weights[0], oracle.weights[0], rtol=1e-11)
    before = network.parameters.copy()
    orders[3, 0] = orders[3, 1]
    with pytest.raises(ValueError, match="each row of orders must be a permutation of 0 to 10"):
        run_training(training, losses, orders=orders)
    with pytest.raises(ValueError, match="needs the orders"):
        run_training(training, losses)
    np.testing.assert_array_equal(network.parameters, before)
