"""`Network.to_onnx` against ONNX Runtime, read again, and the page: `make tools`."""

import doctest
import os
import re
from pathlib import Path

import denseloop as dl
import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is missing: make tools")

HIDDEN = ["sigmoid", "tanh", "relu", "leaky_relu", dl.LeakyReLU(0.2), "identity", "gelu"]
OUTPUT = [*HIDDEN, "softmax", "exp"]
DTYPES = ["float32", "float64"]
TOLERANCE = {"float32": 1e-6, "float64": 1e-13}
OPSETS = [13, 17, 20, 21]


def outputs(model, X, name="X"):
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is missing: make tools")
    onnx.checker.check_model(model, full_check=True)
    session = runtime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    [found] = session.run(None, {name: X})
    return found


def assert_same_outputs(net, model, X):
    expected, found = net.forward(X), outputs(model, X)
    assert found.dtype == expected.dtype == net.dtype and found.shape == expected.shape
    largest = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE[net.dtype.name] * largest)


def samples(random, dtype, n_inputs=3):
    return random.standard_normal((200, n_inputs)).astype(dtype)


def same_network(found, net):
    assert repr(found) == repr(net) and found.activations == net.activations
    np.testing.assert_array_equal(found.parameters, net.parameters)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", HIDDEN)
def test_hidden_activations_are_the_same_in_onnx_runtime(activation, bias, opset, dtype, random):
    options = {"activation": activation, "output_activation": "identity", "bias": bias}
    net = dl.Network([3, 20, 20, 2], **options, dtype=dtype, seed=1)
    for biases in net.biases:
        biases[...] = random.standard_normal(biases.size)
    model = net.to_onnx(opset=opset)
    assert model.opset_import[0].version == opset
    assert_same_outputs(net, model, samples(random, dtype))
    same_network(dl.from_onnx(model), net)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", OUTPUT)
def test_output_activations_are_the_same_in_onnx_runtime(activation, dtype, random):
    net = dl.Network(
        [3, 5, 4], activation="tanh", output_activation=activation, dtype=dtype, seed=1
    )
    assert_same_outputs(net, net.to_onnx(), samples(random, dtype))
    same_network(dl.from_onnx(net.to_onnx()), net)


# The pre-activations' own roundings make up most of these differences.
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 4e-6), ("float64", 1e-13)])
@pytest.mark.parametrize("activation", ["sigmoid", "gelu", "exp"])
def test_small_outputs_keep_their_digits(activation, dtype, tolerance):
    one = np.ones((1, 1), dtype)
    net = dl.Network([1, 1], output_activation=activation, dtype=dtype, weights=[one])
    X = np.linspace(-8, 0, 100, dtype=dtype)[:, None]
    np.testing.assert_allclose(outputs(net.to_onnx(), X), net.forward(X), rtol=tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("output", ["identity", "sigmoid"])
def test_scaling_is_part_of_the_model(output, dtype, random):
    # Years, of whose center float32 keeps too few digits for the small scale.
    X = (2000.1 + 0.01 * random.standard_normal((60, 3))).astype(dtype)
    y = random.random((60, 2)) if output == "sigmoid" else 50 + 7 * X[:, :2]
    net = dl.Network([3, 4, 2], output_activation=output, dtype=dtype, scaling="standard", seed=0)
    assert_same_outputs(net, net.to_onnx(), samples(random, dtype))
    net.train(X, y, epochs=3, learning_rate=0.01)
    assert_same_outputs(net, net.to_onnx(), X)


def test_names_and_versions_are_the_callers_and_a_file_is_written(tmp_path, random):
    net = dl.Network([3, 2], seed=0)
    path = tmp_path / "net.onnx"
    path.write_text("an old file")
    model = net.to_onnx(path, opset=15, input_name="samples", output_name="probabilities")
    graph = model.graph
    assert [graph.input[0].name, graph.output[0].name] == ["samples", "probabilities"]
    X = samples(random, "float64")
    np.testing.assert_allclose(outputs(model, X, "samples"), net.forward(X), rtol=1e-12)
    assert os.listdir(tmp_path) == ["net.onnx"]
    same_network(dl.from_onnx(path), net)
    same_network(dl.from_onnx(str(path)), net)


def test_a_file_that_cannot_be_replaced_is_left(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        dl.Network([3, 2], seed=0).to_onnx(tmp_path / "folder")
    assert os.listdir(tmp_path) == ["folder"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"opset": 12}, ValueError, "opset must be at least 13, got 12"),
        ({"opset": 10_000}, ValueError, "opset must be at most"),
        ({"opset": 17.0}, TypeError, "opset must be an integer, got 17.0"),
        ({"input_name": ""}, ValueError, "input_name must neither be empty nor begin"),
        ({"output_name": "denseloop/y"}, ValueError, "got 'denseloop/y'"),
        ({"input_name": "Y"}, ValueError, "must differ, got 'Y' twice"),
        ({"output_name": 3}, TypeError, "output_name must be text, got 3"),
        ({"input": "X"}, TypeError, "did you mean 'input_name'"),
    ],
)
def test_bad_arguments_are_refused(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        dl.Network([3, 2]).to_onnx(**options)


def test_networks_in_one_buffer_are_written_one_by_one(random):
    networks = dl.Networks([3, 4, 2], count=3, seed=0)
    assert_same_outputs(networks[1], networks[1].to_onnx(), samples(random, "float64"))


# ---- the documentation

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "onnx.md"


def test_the_examples_of_the_page_and_of_the_docstrings_print_what_they_show(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # to which the page writes
    texts = {"to_onnx": dl.Network.to_onnx.__doc__, "from_onnx": dl.from_onnx.__doc__}
    if PAGE.exists():
        for name in ("onnxruntime", "skl2onnx"):
            pytest.importorskip(name, reason=f"{name} is missing: make tools")
        texts["page"] = PAGE.read_text()
    for name, text in texts.items():
        text = text.replace("# doctest: +SKIP", "")
        test = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
        assert test.examples
        results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
        assert results.failed == 0
