"""Networks from the arrays of PyTorch and Keras, neither of which is imported."""

import re
import subprocess
import sys

import denseloop as dl
import numpy as np
import pytest

OPTIONS = {"activation": "tanh", "output_activation": "identity"}


class Tensor:
    """What a tensor that requires a gradient, on another device, lets one do."""

    def __init__(self, values, ready=()):
        self._values, self._ready = values, ready

    def detach(self):
        return Tensor(self._values, ("detached",))

    def cpu(self):
        return Tensor(self._values, (*self._ready, "here"))

    def numpy(self):
        if self._ready != ("detached", "here"):
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self._values


class Variable:
    """What a variable lets one do that only NumPy's protocol reads."""

    def __init__(self, values):
        self._values = values

    def __array__(self, dtype=None, copy=None):
        return self._values


@pytest.fixture(params=["float32", "float64"])
def net(request):
    return dl.Network([3, 4, 2], **OPTIONS, dtype=request.param, seed=0)


def torch_state(net, wrap=np.copy):
    state = {}
    for k, (weights, biases) in enumerate(zip(net.weights, net.biases)):
        state[f"layers.{2 * k}.weight"] = wrap(weights.T.copy())
        state[f"layers.{2 * k}.bias"] = wrap(biases.copy())
    return state


def keras_weights(net, wrap=np.copy):
    return [wrap(array) for pair in zip(net.weights, net.biases) for array in pair]


def keras_dict(net, names):
    return dict(zip(names, keras_weights(net)))


SOURCES = {
    "PyTorch": lambda net: dl.Network.from_torch(torch_state(net), **OPTIONS),
    "tensors": lambda net: dl.Network.from_torch(torch_state(net, Tensor), **OPTIONS),
    "Keras": lambda net: dl.Network.from_keras(keras_weights(net), **OPTIONS),
    "variables": lambda net: dl.Network.from_keras(keras_weights(net, Variable), **OPTIONS),
    "paths": lambda net: dl.Network.from_keras(
        keras_dict(net, ["m/a/kernel", "m/a/bias", "m/b/kernel", "m/b/bias"]), **OPTIONS
    ),
    "TensorFlow's names": lambda net: dl.Network.from_keras(
        keras_dict(net, ["a/kernel:0", "a/bias:0", "b/kernel:0", "b/bias:0"]), **OPTIONS
    ),
}


@pytest.mark.parametrize("source", SOURCES)
def test_the_network_has_the_same_parameters(source, net, random):
    for biases in net.biases:
        biases[...] = random.random(biases.size)
    found = SOURCES[source](net)
    assert repr(found) == repr(net)
    np.testing.assert_array_equal(found.parameters, net.parameters)
    found.weights[0][...] = 0  # its own copy
    assert net.weights[0].all()


def test_a_linear_layer_alone_and_layers_without_biases():
    W = np.ones((1, 2))
    net = dl.Network.from_torch({"weight": W}, activation=[], output_activation="sigmoid")
    assert net.layer_sizes == (2, 1) and not net.bias
    net = dl.Network.from_keras([W.T, np.ones((1, 3)), np.ones(3)], **OPTIONS)
    assert net.layer_sizes == (2, 1, 3) and net.bias
    assert not net.biases[0].any() and net.biases[1].all()


def test_a_name_needs_no_order_within_its_layer():
    state = {"0.bias": np.ones(1), "0.weight": np.ones((1, 2))}
    net = dl.Network.from_torch(state, **OPTIONS)
    assert net.layer_sizes == (2, 1) and net.biases[0] == 1


KERNEL, BIAS = np.ones((3, 2)), np.ones(2)
REFUSED_TORCH = [
    ({"0.weight": KERNEL, "1.running_mean": BIAS}, ValueError, "got '1.running_mean'; leave out"),
    ({"0.weight": np.ones((4, 3, 3))}, ValueError, "must have 2 dimensions as in a dense layer"),
    ({"0.bias": BIAS}, ValueError, "'0.weight' is missing"),
    ({"bias": BIAS}, ValueError, "'weight' is missing"),
    ({"0.weight": KERNEL.astype("float16")}, TypeError, "got float16; convert it first"),
    ({"0.weight": KERNEL, "0.bias": BIAS.astype("float32")}, TypeError, "arrays of one dtype"),
    ({"0.weight": KERNEL, "2.weight": KERNEL}, ValueError, "weights[1] must have shape (3, 3)"),
    ({"0.weight": KERNEL, "0.bias": BIAS}, ValueError, "biases[0] must have shape (3,)"),
    ({}, ValueError, "at least one dense layer, got none"),
    ([KERNEL], TypeError, "expected a dict of arrays, as model.state_dict() is, got list"),
]


@pytest.mark.parametrize(("state", "error", "message"), REFUSED_TORCH)
def test_other_states_are_refused(state, error, message):
    with pytest.raises(error, match=re.escape(message)):
        dl.Network.from_torch(state, **OPTIONS)


REFUSED_KERAS = [
    ([BIAS], ValueError, "weights[0] must be the kernel (fan_in, fan_out)"),
    ([KERNEL, BIAS, BIAS], ValueError, "weights[2] must be the kernel"),
    ([np.ones((2, 2, 2))], ValueError, "got shape (2, 2, 2)"),
    ([KERNEL, KERNEL], ValueError, "weights[1] must have shape (2, 2), got (3, 2)"),
    ([], ValueError, "at least one dense layer, got none"),
    (3, TypeError, "as model.get_weights() returns"),
    ({"a/gamma": BIAS}, ValueError, "end with 'kernel' or 'bias', got 'a/gamma'"),
]


@pytest.mark.parametrize(("weights", "error", "message"), REFUSED_KERAS)
def test_other_weights_are_refused(weights, error, message):
    with pytest.raises(error, match=re.escape(message)):
        dl.Network.from_keras(weights, **OPTIONS)


def test_the_activations_must_be_given():
    with pytest.raises(TypeError, match="output_activation"):
        dl.Network.from_torch({"0.weight": KERNEL}, activation="relu")


@pytest.mark.parametrize("call", ["dl.Network([1, 1]).to_onnx()", "dl.from_onnx('net.onnx')"])
def test_onnx_is_asked_for_only_when_it_is_needed(call):
    program = f"""
import sys
sys.modules["onnx"] = None
import denseloop as dl
{call}
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert re.search(r"ImportError: \w+ needs onnx: pip install onnx", run.stderr)
