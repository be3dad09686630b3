"""What is saved is loaded with the same bits, and a training goes on as if nothing had been."""

import threading
from copy import deepcopy

import denseloop as dl
import numpy as np
import pytest

from tests.files.samples import OPTIMIZERS, X, Y, a_network, some_networks

HISTORY = ("loss", "validation_loss", "output", "learning_rate", "damping", "stopped_by")


def saved(network, folder, **options):
    network.save(folder / "x.safetensors", **options)
    return dl.load(folder / "x.safetensors")


def assert_same_history(found, expected):
    for name in HISTORY:
        ours, theirs = getattr(found, name), getattr(expected, name)
        np.testing.assert_array_equal(ours, theirs, err_msg=name)
        assert getattr(ours, "dtype", None) == getattr(theirs, "dtype", None), name


def assert_same_network(found, expected):
    for name in ("layer_sizes", "bias", "activations", "dtype"):
        assert getattr(found, name) == getattr(expected, name), name
    assert found.parameters.tobytes() == expected.parameters.tobytes()
    assert found.parameters.flags.writeable


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    "activation", ["sigmoid", "tanh", "relu", dl.LeakyReLU(1 / 3), "gelu", "identity"]
)
def test_a_network_comes_back(activation, bias, dtype, tmp_path):
    sizes = [3, 5, 1, 2]
    network = dl.Network(sizes, activation=activation, bias=bias, dtype=dtype, seed=2**128 - 1)
    found = saved(network, tmp_path)
    assert type(found) is dl.Network and found.seed == network.seed
    assert repr(found) == repr(network)
    assert_same_network(found, network)
    assert found.forward(X).tobytes() == network.forward(X).tobytes()


@pytest.mark.parametrize("output", ["softmax", "exp", dl.LeakyReLU(0.0)])
def test_activations_of_outputs_come_back(output, tmp_path):
    network = dl.Network([3, 2], output_activation=output)
    found = saved(network, tmp_path)
    assert found.seed == network.seed
    assert_same_network(found, network)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("method", ["standard", "minmax", "robust"])
@pytest.mark.parametrize("output", ["identity", "tanh"])
def test_scaling_comes_back(output, method, dtype, tmp_path):
    network = dl.Network([3, 4, 2], scaling=method, output_activation=output, dtype=dtype)
    new = saved(network, tmp_path)
    assert new.scaling.method == method and not new.scaling.is_fitted
    network.train(X, 0.5 * Y, learning_rate=0.1, epochs=2)
    found = saved(network, tmp_path)
    for name in ("input_center", "input_scale", "output_center", "output_scale"):
        ours, theirs = getattr(found.scaling, name), getattr(network.scaling, name)
        assert (ours is None) == (theirs is None) == (output == "tanh" and "output" in name)
        np.testing.assert_array_equal(ours, theirs)
    assert found.forward(X).tobytes() == network.forward(X).tobytes()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_training_goes_on_to_the_bit(name, dtype, tmp_path):
    options = {"optimizer": OPTIMIZERS[name], "eval_set": (X[:7], Y[:7]), "record_output": True}
    if name not in ("rprop", "lm", "lbfgs"):
        options |= {"batch_size": 7, "shuffle": True}
    network = dl.Network([3, 4, 2], output_activation="identity", dtype=dtype, seed=3)
    network.train(X, Y, epochs=6, **options)
    found, copy = saved(network, tmp_path, training=True), deepcopy(network)
    assert_same_history(found.history, network.history)
    for each in (network, found, copy):
        each.train(X, Y, epochs=5, **options)
    assert_same_network(found, network)
    assert_same_network(copy, network)
    assert_same_history(found.history, network.history)


@pytest.mark.parametrize("training", [False, True])
def test_a_training_is_saved_if_asked_for(training, tmp_path):
    network = a_network()
    found = saved(network, tmp_path, training=training)
    assert (found.history is not None) == training
    assert (found._parameters.core.optimizer is not None) == training
    assert found._parameters.core.shuffled_epochs == (3 if training else 0)
    assert found.scaling.is_fitted


def test_a_new_networks_training_is_nothing(tmp_path):
    found = saved(dl.Network([3, 2]), tmp_path, training=True)
    assert found.history is None and found._parameters.core.optimizer is None


def test_a_history_without_epochs_comes_back(tmp_path):
    network = dl.Network([3, 2])
    network.train(X, Y, epochs=0, learning_rate=0.1, record_output=True)
    found = saved(network, tmp_path, training=True)
    assert found.history.output.shape == (0, 30, 2)
    assert_same_history(found.history, network.history)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("bias", [True, False])
def test_networks_come_back(bias, dtype, tmp_path):
    layout = {"activation": dl.LeakyReLU(0.2), "bias": bias, "dtype": dtype}
    networks = dl.Networks([3, 5, 2], count=6, seed=0, **layout)
    found = saved(networks, tmp_path)
    assert type(found) is dl.Networks and len(found) == 6
    assert_same_network(found, networks)
    np.testing.assert_array_equal(found.seeds, networks.seeds)
    assert found.seeds.dtype == np.uint64
    assert found.forward(X).tobytes() == networks.forward(X).tobytes()


def test_trainings_of_networks_go_on_to_the_bit(tmp_path):
    networks = some_networks()
    found = saved(networks, tmp_path, training=True)
    assert [history is None for history in found.histories] == [True, False, False]
    for ours, theirs in zip(found.histories[1:], networks.histories[1:]):
        assert_same_history(ours, theirs)
    for each in (networks, found):
        each[1].train(X, Y, optimizer=dl.RPROP(), epochs=4)
        each[2].train(X, Y, optimizer=dl.LevenbergMarquardt(), epochs=2)
        each.train(X, Y, optimizer="adam", batch_size=8, shuffle=True, epochs=3)
    assert_same_network(found, networks)


def test_networks_without_their_training_have_no_histories(tmp_path):
    assert saved(some_networks(), tmp_path).histories == [None, None, None]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_parameters_that_are_not_finite_are_refused_unless_asked_for(value, tmp_path):
    network = dl.Network([3, 4, 2])
    network.weights[1][2, 1] = value
    with pytest.raises(dl.FileError) as caught:
        saved(network, tmp_path)
    byte = int(str(caught.value).split("byte ")[1].split(";")[0])
    found = np.frombuffer((tmp_path / "x.safetensors").read_bytes(), np.uint8)[byte : byte + 8]
    assert not np.isfinite(found.view(np.float64)[0])
    assert f"'layers.1.weight' must be finite, got {value} at (2, 1)" in str(caught.value)
    assert "allow_nan=True" in str(caught.value)
    found = dl.load(tmp_path / "x.safetensors", allow_nan=True)
    assert found.parameters.tobytes() == network.parameters.tobytes()


def test_a_network_that_another_thread_trains_can_be_saved(tmp_path):
    network = dl.Network([3, 50, 2], seed=0)
    X_long, Y_long = np.tile(X, (300, 1)), np.tile(Y, (300, 1))
    ended = threading.Event()
    options = {"optimizer": dl.Adam(0.01), "callback": lambda progress: ended.is_set()}
    thread = threading.Thread(
        target=network.train, args=(X_long, Y_long), kwargs={"epochs": 10**6, **options}
    )
    thread.start()
    try:
        for _ in range(5):
            found = saved(network, tmp_path, training=True)
            assert np.isfinite(found.parameters).all()
            assert found._parameters.core.optimizer is None  # its state would not fit
    finally:
        ended.set()
        thread.join()


def test_attributes_of_the_user_are_left_out(tmp_path):
    network = dl.Network([3, 2])
    network.note = "mine"
    assert not hasattr(saved(network, tmp_path), "note")
