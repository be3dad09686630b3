"""Each optimizer agrees with the oracle's, and keeps its state from call to call."""

import copy
import pickle

import denseloop as dl
import numpy as np
import pytest

from tests.compare import (
    assert_close,
    assert_parameters_agree,
    assert_same_bits_on_every_target,
    oracle_of,
)
from tests.oracle import optimizers as own
from tests.oracle import training
from tests.trainings import IN_BATCHES, OPTIMIZERS, problem, regression, tanh_network

DTYPES = ["float64", "float32"]
NARROW_AND_WIDE = [[2, 4, 1], [3, 1], [20, 9, 18, 3], [6, 40, 2]]


def assert_epochs_agree(network, optimizer, oracle_optimizer, X, y, epochs, **options):
    """Assert each epoch apart, from the network's own parameters, so that no error grows."""
    for _ in range(epochs):
        oracle = oracle_of(network)
        history = network.train(X, y, optimizer=optimizer, epochs=1, **options)
        assert_close(
            history.loss, oracle.train(X, y, oracle_optimizer, 1, **options), network.dtype
        )
        assert_parameters_agree(network, oracle)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sizes", NARROW_AND_WIDE)
@pytest.mark.parametrize("samples", [1, 2, 4, 150])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_single_steps_are_the_oracles(name, samples, sizes, dtype, random):
    optimizer, oracle_optimizer = OPTIMIZERS[name]
    network = dl.Network(sizes, activation="tanh", dtype=dtype, seed=1)
    X, y = problem(random, samples, sizes, dtype)
    options = {"reduction": "mean", "l2": 0.01}
    assert_epochs_agree(network, optimizer, oracle_optimizer(), X, y, 5, **options)


# One vector has 1, 2, 4 or (in float32) 8 rows of weights.
ROWS = [[3, 1], [10, 2, 1], [2, 3, 1], [7, 2, 5, 4, 3], [8, 1, 8, 2], [16, 7, 9, 2], [15, 17, 1]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("sizes", ROWS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_few_samples_through_narrow_layers_agree(name, sizes, bias, dtype, random):
    optimizer, oracle_optimizer = OPTIMIZERS[name]
    for samples in (1, 2, 3, 4):
        network = dl.Network(sizes, activation="tanh", bias=bias, dtype=dtype, seed=samples)
        X, y = problem(random, samples, sizes, dtype)
        # The targets are out of reach: float32 has few digits of a small error.
        assert_epochs_agree(network, optimizer, oracle_optimizer(), X, y + 2, 4)


# The core makes at most 1024 updates at once.
@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_long_run_of_few_samples_is_the_oracles(name, samples):
    """It also has the bits of the run in parts, and epoch by epoch."""
    optimizer, oracle_optimizer = OPTIMIZERS[name]
    X, y = regression(samples)
    networks = [tanh_network([3, 9, 2, 1]) for _ in range(3)]
    whole, parts, singly = networks
    oracle = oracle_of(whole)
    losses = whole.train(X, y, optimizer=optimizer, epochs=2100).loss
    expected = oracle.train(X, y, oracle_optimizer(), 2100)
    np.testing.assert_allclose(losses[:30], expected[:30], rtol=1e-9)
    np.testing.assert_allclose(losses, expected, rtol=0, atol=1e-3 * expected[0])
    in_parts = [
        parts.train(X, y, optimizer=optimizer, epochs=epochs).loss for epochs in (1023, 1, 2, 1074)
    ]
    alone = singly.train(X, y, optimizer=optimizer, epochs=2100, eval_set=(X, y)).loss
    for others in (np.concatenate(in_parts), alone):
        np.testing.assert_array_equal(others, losses)
    for network in (parts, singly):
        np.testing.assert_array_equal(network.parameters, whole.parameters)


# Each step is a tenth of the largest number, towards a target near it.
DIVERGING = {
    "gradient descent": lambda step: dl.GradientDescent(step),
    "momentum": lambda step: dl.GradientDescent(step, momentum=0.5),
    "nesterov": lambda step: dl.GradientDescent(step, momentum=0.5, nesterov=True),
    "adam": lambda step: dl.Adam(step),
    "rprop": lambda step: dl.RPROP(step, largest_step=step),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", DIVERGING)
def test_a_divergence_between_repeated_updates_keeps_the_last_state(name, dtype):
    largest = float(np.finfo(dtype).max)
    optimizer = DIVERGING[name](largest / 17)
    X, y = np.ones((1, 1), dtype), np.full((1, 1), largest, dtype)
    diverged, whole = (
        dl.Network([1, 1], output_activation="identity", dtype=dtype, seed=0) for _ in range(2)
    )
    with pytest.warns(dl.DivergenceWarning):
        finished = len(
            diverged.train(X, y, optimizer=optimizer, loss="absolute_error", epochs=100).loss
        )
    assert 2 < finished < 20 and np.isfinite(diverged.parameters).all()
    whole.train(X, y, optimizer=optimizer, loss="absolute_error", epochs=finished)
    np.testing.assert_array_equal(diverged.parameters, whole.parameters)
    for network in (diverged, whole):  # the bias starts from 0 again, which shows the state
        network.train(0 * X, 0 * y, optimizer=optimizer, loss="absolute_error", epochs=1)
    np.testing.assert_array_equal(diverged.parameters, whole.parameters)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sizes", NARROW_AND_WIDE)
@pytest.mark.parametrize("batch_size", [1, 3, 4, 16])
@pytest.mark.parametrize("name", IN_BATCHES)
def test_epochs_in_batches_are_the_oracles(name, batch_size, sizes, dtype, random):
    optimizer, oracle_optimizer = OPTIMIZERS[name]
    network = dl.Network(sizes, bias=sizes != [3, 1], dtype=dtype, seed=1)
    X, y = problem(random, 39, sizes, dtype)
    options = {"reduction": "mean", "batch_size": batch_size}
    assert_epochs_agree(network, optimizer, oracle_optimizer(), X, y, 2, **options)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_run_of_100_epochs_is_the_oracles(name):
    X, y = regression(100)
    optimizer, oracle_optimizer = OPTIMIZERS[name]
    options = {"reduction": "mean", "batch_size": 25 if name in IN_BATCHES else None}
    network = tanh_network()
    oracle = oracle_of(network)
    losses = network.train(X, y, optimizer=optimizer, epochs=100, **options).loss
    expected = oracle.train(X, y, oracle_optimizer(), 100, **options)
    np.testing.assert_allclose(losses, expected, rtol=1e-9)
    assert losses[-1] < losses[0] / 5


SCHEDULES = {
    "inverse scaling": (dl.InverseScaling(0.3), lambda: own.InverseScaling(0.3)),
    "inverse scaling by 1": (
        dl.InverseScaling(0.3, power=1.0),
        lambda: own.InverseScaling(0.3, 1.0),
    ),
    "adaptive": (
        dl.Adaptive(0.3, divisor=3.0, patience=3, tolerance=1e-3, smallest=1e-3),
        lambda: own.Adaptive(0.3, 3.0, 3, 1e-3, 1e-3),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("kind", ["gradient descent", "nesterov", "adam"])
def test_learning_rate_schedules_are_the_oracles(kind, name):
    X, y = regression(100)
    rate, oracle_rate = SCHEDULES[name]
    optimizer, oracle_optimizer = {
        "gradient descent": (dl.GradientDescent(rate), own.GradientDescent(None)),
        "nesterov": (
            dl.GradientDescent(rate, momentum=0.9, nesterov=True),
            own.GradientDescent(None, 0.9, nesterov=True),
        ),
        "adam": (dl.Adam(rate), own.Adam(None)),
    }[kind]
    network, options = tanh_network(), {"reduction": "mean", "batch_size": 30}
    oracle = oracle_of(network)
    history = network.train(X, y, optimizer=optimizer, epochs=60, **options)
    expected = training.train(oracle, X, y, oracle_optimizer, 60, schedule=oracle_rate(), **options)
    assert history.stopped_by == expected.stopped_by
    np.testing.assert_allclose(history.loss, expected.losses, rtol=1e-9)
    np.testing.assert_allclose(network.parameters, oracle.parameters, rtol=0, atol=1e-9)


def test_an_adaptive_rate_ends_the_training():
    """No epoch improves at a minimum: 1 + 2 epochs, then divisions to 0.1 and 0.01."""
    network = dl.Network([1, 1], output_activation="identity", weights=[[[1.0]]])
    rate = dl.Adaptive(1.0, divisor=10.0, patience=2, smallest=0.005)
    history = network.train([[1.0]], [[1.0]], learning_rate=rate, epochs=100)
    assert history.stopped_by == "learning_rate" and len(history.loss) == 7


def test_a_learning_rate_is_short_for_gradient_descent():
    X, y = regression(50)
    networks = tanh_network(), tanh_network()
    for network, option in zip(
        networks, [{"learning_rate": 0.01}, {"optimizer": dl.GradientDescent(0.01)}]
    ):
        network.train(X, y, epochs=3, batch_size=20, **option)
    np.testing.assert_array_equal(networks[0].parameters, networks[1].parameters)


CONTINUED = {name: optimizer for name, (optimizer, _) in OPTIMIZERS.items()} | {
    f"{kind}, {name}": make(rate)
    for name, (rate, _) in SCHEDULES.items()
    for kind, make in [("descent", dl.GradientDescent), ("adam", dl.Adam)]
}


def options_for(name, **options):
    """Return options with shuffled batches, if the optimizer takes batches."""
    batches = {} if name.startswith("rprop") else {"batch_size": 7, "shuffle": True}
    return {"optimizer": CONTINUED[name], "reduction": "mean", **batches, **options}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("between", [None, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
@pytest.mark.parametrize("name", CONTINUED)
def test_the_state_continues_in_the_next_call(name, between, dtype):
    X, y = regression(50, dtype)
    whole, parts = tanh_network(dtype=dtype), tanh_network(dtype=dtype)
    expected = whole.train(X, y, epochs=15, **options_for(name)).loss
    losses = []
    for epochs in [1, 0, 4, 10]:
        losses.append(parts.train(X, y, epochs=epochs, **options_for(name)).loss)
        if between is not None:
            parts = between(parts)
    np.testing.assert_array_equal(np.concatenate(losses), expected)
    np.testing.assert_array_equal(parts.parameters, whole.parameters)


@pytest.mark.parametrize("name", ["momentum", "adam", "rprop"])
def test_another_optimizer_starts_afresh(name):
    optimizer, oracle_optimizer = OPTIMIZERS[name]
    X, y = regression(50)
    network, oracle = tanh_network(), oracle_of(tanh_network())
    for this, other in [
        (optimizer, oracle_optimizer()),
        (dl.Adam(0.001), own.Adam(0.001)),  # same class, other numbers
        (optimizer, oracle_optimizer()),
    ]:
        losses = network.train(X, y, optimizer=this, epochs=3, reduction="mean").loss
        np.testing.assert_allclose(
            losses, oracle.train(X, y, other, 3, reduction="mean"), rtol=1e-12
        )
    assert_parameters_agree(network, oracle)


def test_an_equal_optimizer_is_the_same_one():
    X, y = regression(50)
    same, equal = tanh_network(), tanh_network()
    optimizer = dl.Adam(0.01)
    for _ in range(3):
        same.train(X, y, optimizer=optimizer, epochs=2)
        equal.train(X, y, optimizer=dl.Adam(0.01), epochs=2)
    np.testing.assert_array_equal(same.parameters, equal.parameters)


# Threads share the tiles of the first network's batches, and the units of the second's.
SHAPES = {"tiles": ([3, 40, 40, 1], 1500), "units": ([3, 160, 150, 1], 200), "rows": ([3, 8, 1], 3)}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "shape"),
    [*((name, shape) for name in OPTIMIZERS for shape in ("tiles", "rows")), ("adam", "units")],
)
def test_the_same_bits_on_every_target_and_any_number_of_threads(name, shape, dtype):
    sizes, samples = SHAPES[shape]
    X, y = regression(samples, dtype)

    def trained(threads):
        network = tanh_network(sizes, dtype=dtype)
        options = options_for(name, batch_size=None, num_threads=threads)
        losses = network.train(X, y, epochs=3, **options).loss
        return [losses, network.parameters.copy()]

    assert_same_bits_on_every_target(lambda: trained(1))
    for threads in (2, 3):
        for one, several in zip(trained(1), trained(threads)):
            np.testing.assert_array_equal(one, several)
