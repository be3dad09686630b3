"""Pickles of small networks are short, and those of estimators have no samples."""

import pickle
from copy import copy, deepcopy

import denseloop as dl
import numpy as np
import pytest

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
RNG = np.random.default_rng(3)
X, Y = RNG.random((40, 2)), RNG.random((40, 1))
OPTIMIZERS = {
    "gradient descent": dl.GradientDescent(0.1),
    "momentum": dl.GradientDescent(dl.InverseScaling(0.1), momentum=0.9, nesterov=True),
    "adaptive": dl.GradientDescent(dl.Adaptive(0.1)),
    "adam": dl.Adam(0.01),
    "rprop": dl.RPROP(),
    "lm": dl.LevenbergMarquardt(),
}


def trained(optimizer, sizes=(2, 6, 1), dtype="float64", **options):
    network = dl.Network(sizes, output_activation="identity", dtype=dtype, seed=2**127)
    network.train(X, Y, optimizer=optimizer, **{"epochs": 1, **options})
    return network


def assert_same_state(found, expected):
    assert found.layer_sizes == expected.layer_sizes and found.activations == expected.activations
    assert found.seed == expected.seed and found.dtype == expected.dtype
    np.testing.assert_array_equal(found.parameters, expected.parameters)
    for name in ("loss", "validation_loss", "output", "learning_rate", "damping", "stopped_by"):
        numbers, others = (getattr(each.history, name) for each in (found, expected))
        np.testing.assert_array_equal(numbers, others, err_msg=name)
        assert getattr(numbers, "dtype", None) == getattr(others, "dtype", None)


@pytest.mark.parametrize("protocol", [pickle.DEFAULT_PROTOCOL, 5])
def test_a_network_of_25_parameters_takes_few_bytes_beyond_them(protocol):
    network = dl.Network([2, 6, 1])
    assert network.parameters.nbytes == 200
    assert len(pickle.dumps(network, protocol)) < 320
    many = [dl.Network([2, 6, 1]) for _ in range(100)]
    assert len(pickle.dumps(many, protocol)) < 100 * 260


@pytest.mark.parametrize(
    ("name", "slots", "most"),
    [("gradient descent", 0, 500), ("lm", 0, 500), ("adam", 2, 540), ("rprop", 2, 520)],
)
@pytest.mark.parametrize("protocol", [pickle.DEFAULT_PROTOCOL, 5])
def test_a_trained_one_adds_its_history_and_the_slots_of_its_optimizer(name, slots, most, protocol):
    network = trained(OPTIMIZERS[name])
    assert len(pickle.dumps(network, protocol)) < most + 200 * slots
    longer = trained(OPTIMIZERS[name], epochs=11)
    numbers = 2 if name == "lm" else 1
    more = len(pickle.dumps(longer, protocol)) - len(pickle.dumps(network, protocol))
    assert 0 <= more <= 10 * 8 * numbers + 10


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickle_of_any_protocol_goes_on(name, protocol):
    options = {"eval_set": (X[:9], Y[:9]), "record_output": name != "lm"}
    network = trained(OPTIMIZERS[name], epochs=4, **options)
    again = pickle.loads(pickle.dumps(network, protocol))
    assert_same_state(again, network)
    for each in (network, again):
        each.train(X, Y, optimizer=OPTIMIZERS[name], epochs=3, **options)
    assert_same_state(again, network)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("sizes", [(2, 6, 1), (2, 3000, 1)])
@pytest.mark.parametrize("duplicate", [copy, deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_copies_share_nothing_also_of_large_networks(duplicate, sizes, dtype):
    network = trained(dl.Adam(0.01), sizes, dtype)
    again = duplicate(network)
    assert_same_state(again, network)
    assert not np.shares_memory(again.parameters, network.parameters)
    before = network.parameters.copy()
    again.train(X, Y, optimizer=dl.Adam(0.01), epochs=2)
    np.testing.assert_array_equal(network.parameters, before)
    network.train(X, Y, optimizer=dl.Adam(0.01), epochs=2)
    assert_same_state(again, network)


def test_large_arrays_may_be_kept_outside_of_a_pickle():
    network, buffers = trained(dl.Adam(0.01), (2, 3000, 1)), []
    text = pickle.dumps(network, 5, buffer_callback=buffers.append)
    assert len(text) < 1500 and len(buffers) == 2  # the parameters, and the slots of Adam
    again = pickle.loads(text, buffers=[bytes(buffer) for buffer in buffers])  # read-only
    assert_same_state(again, network)
    again.train(X, Y, optimizer=dl.Adam(0.01), epochs=1)


def test_pickles_of_networks_in_one_buffer_are_short():
    stack = dl.Networks([2, 6, 1], count=500, seed=0)
    assert len(pickle.dumps(stack)) < 500 * (200 + 8) + 500
    stack.train(X, Y, optimizer="adam", epochs=1)
    assert len(pickle.dumps(stack)) < 500 * 750


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_optimizers_survive(optimizer, protocol):
    for again in (pickle.loads(pickle.dumps(optimizer, protocol)), deepcopy(optimizer)):
        assert again == optimizer and type(again) is type(optimizer)


@pytest.mark.parametrize(
    ("name", "solver"),
    [
        *(("MLPClassifier", solver) for solver in ("sgd", "adam", "rprop", "lbfgs")),
        *(("MLPRegressor", solver) for solver in ("sgd", "adam", "rprop", "lbfgs", "lm")),
    ],
)
@pytest.mark.filterwarnings("ignore")  # two iterations are few
def test_an_estimators_pickle_has_no_samples(name, solver):
    pytest.importorskip("sklearn")
    from denseloop import neural_network

    sizes = []
    for n_samples in (200, 20_000):
        samples = RNG.random((n_samples, 20))
        targets = samples[:, 0] if name == "MLPRegressor" else samples[:, 0] > 0.5
        options = {"solver": solver, "max_iter": 2, "random_state": 0}
        estimator = getattr(neural_network, name)(hidden_layer_sizes=(5,), **options)
        validation = {"eval_set": (samples, targets)} if solver != "lbfgs" else {}
        estimator.fit(samples, targets, **validation).predict(samples)
        sizes.append(len(pickle.dumps(estimator)))
    assert samples.nbytes == 3_200_000
    assert max(sizes) < 8000 and abs(sizes[1] - sizes[0]) < 200
