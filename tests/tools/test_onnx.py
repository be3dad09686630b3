"""`Network.to_onnx` and `from_onnx`, against ONNX Runtime and hand-made graphs: `make tools`."""

import doctest
import os
import re
from pathlib import Path

import denseloop as dl
import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is missing: make tools")
helper, numpy_helper = onnx.helper, onnx.numpy_helper

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


# ---- graphs of other programs

W = np.arange(6.0).reshape(3, 2) - 2
B = np.array([0.5, -1.0])


def graph(nodes, arrays, n_inputs=3, inputs=("X",), output="Y", kind=onnx.TensorProto.DOUBLE):
    ends = [helper.make_tensor_value_info(name, kind, ["n", n_inputs]) for name in inputs]
    return helper.make_model(
        helper.make_graph(
            [helper.make_node(*node[:3], **(node[3] if len(node) > 3 else {})) for node in nodes],
            "other",
            ends,
            [helper.make_tensor_value_info(output, kind, ["n", "units"])],
            [numpy_helper.from_array(array, name) for name, array in arrays.items()],
        )
    )


GEMM, Z = ("Gemm", ["X", "W", "B"], ["Y"]), ("Gemm", ["X", "W"], ["z"])
READ = {
    "transposed": ([(*GEMM, {"transB": 1})], {"W": W.T.copy(), "B": B}, W, B),
    "factors": ([(*GEMM, {"alpha": 2.0, "beta": 0.5})], {"W": W, "B": B}, 2 * W, B / 2),
    "one bias": ([GEMM], {"W": W, "B": np.array(3.0)}, W, np.full(2, 3.0)),
    "bias as a row": ([GEMM], {"W": W, "B": B[None]}, W, B),
    "no bias": ([("MatMul", ["X", "W"], ["Y"])], {"W": W}, W, None),
    "Add": (
        [("MatMul", ["X", "W"], ["p"]), ("Add", ["p", "B"], ["Y"])],
        {"W": W, "B": B},
        W,
        B,
    ),
    "Add, biases first": (
        [("MatMul", ["X", "W"], ["p"]), ("Add", ["B", "p"], ["Y"])],
        {"W": W, "B": B},
        W,
        B,
    ),
    "Constant": (
        [("Constant", [], ["W"], {"value": numpy_helper.from_array(W)}), GEMM],
        {"B": B},
        W,
        B,
    ),
}


@pytest.mark.parametrize("name", READ)
def test_forms_of_a_dense_layer_are_read(name):
    nodes, arrays, weights, biases = READ[name]
    net = dl.from_onnx(graph(nodes, arrays))
    np.testing.assert_array_equal(net.weights[0], weights)
    assert net.bias == (biases is not None) and net.activations == ("identity",)
    if net.bias:
        np.testing.assert_array_equal(net.biases[0], biases)


def test_a_layer_without_biases_gets_zeros_if_another_has_some():
    nodes = [
        ("MatMul", ["X", "W"], ["z"]),
        ("Gelu", ["z"], ["h"]),
        ("Gemm", ["h", "V", "C"], ["Y"]),
    ]
    net = dl.from_onnx(graph(nodes, {"W": W, "V": W.T.copy(), "C": np.ones(3)}))
    assert net.activations == ("gelu", "identity") and net.layer_sizes == (3, 2, 3)
    assert not net.biases[0].any() and net.biases[1].all()


def test_attributes_may_be_given_with_their_defaults():
    nodes = [
        Z,
        ("Gelu", ["z"], ["h"], {"approximate": "none"}),
        ("Gemm", ["h", "V"], ["v"]),
        ("Softmax", ["v"], ["Y"], {"axis": -1}),
    ]
    net = dl.from_onnx(graph(nodes, {"W": W, "V": W.T.copy()}))
    assert net.activations == ("gelu", "softmax")


@pytest.mark.parametrize("first", [("Mul", 2**-0.5), ("Div", 2**0.5)])
def test_a_gelu_of_pytorchs_exporter_is_read(first):
    operator, number = first
    nodes = [
        ("Gemm", ["X", "W"], ["z"]),
        (operator, ["z", "root"], ["scaled"]),
        ("Erf", ["scaled"], ["erf"]),
        ("Add", ["erf", "one"], ["twice"]),
        ("Mul", ["z", "twice"], ["double"]),
        ("Mul", ["double", "half"], ["Y"]),
    ]
    numbers = {"root": np.float32(number), "one": np.float32(1), "half": np.float32(0.5)}
    arrays = {"W": W.astype("float32"), **{k: np.asarray(v) for k, v in numbers.items()}}
    model = graph(nodes, arrays, kind=onnx.TensorProto.FLOAT)
    net = dl.from_onnx(model)
    assert net.activations == ("gelu",) and net.dtype == np.float32
    X = np.ones((1, 3), np.float32)
    np.testing.assert_allclose(outputs(model, X), net.forward(X), rtol=1e-6)


REFUSED = {
    "another operator": ([("Conv", ["X", "W"], ["Y"])], "node 0, Conv, is not expected; from_onnx"),
    "an operator behind a layer": (
        [Z, ("Elu", ["z"], ["Y"], {"name": "second"})],
        "node 1, 'second', Elu, is not expected; from_onnx reads a chain of Gemm",
    ),
    "another domain": (
        [("Gemm", ["X", "W"], ["Y"], {"domain": "mine"})],
        "node 0, mine::Gemm, is not expected",
    ),
    "an approximate gelu": (
        [Z, ("Gelu", ["z"], ["Y"], {"approximate": "tanh"})],
        "node 1, Gelu, is not expected with {'approximate': b'tanh'}",
    ),
    "an attribute that ONNX has not": (
        [Z, ("Relu", ["z"], ["Y"], {"limit": 6.0})],
        "node 1, Relu, is not expected with {'limit': 6.0}",
    ),
    "a number that is no sigmoid's": (
        [
            Z,
            ("Neg", ["z"], ["n"]),
            ("Exp", ["n"], ["e"]),
            ("Add", ["e", "two"], ["d"]),
            ("Reciprocal", ["d"], ["Y"]),
        ],
        "node 1, Neg, is not expected",
    ),
    "a slope above 1": (
        [Z, ("LeakyRelu", ["z"], ["Y"], {"alpha": 1.5})],
        "node 1, LeakyRelu, has a slope that is refused: slope must be",
    ),
    "transA": ([("Gemm", ["X", "W"], ["Y"], {"transA": 1})], "must have transA=0, got 1"),
    "weights that vary": (
        [("Gemm", ["X", "X"], ["Y"])],
        "must have constant weights, an initializer or a Constant, got the value 'X'",
    ),
    "biases that vary": ([("Gemm", ["X", "W", "X"], ["Y"])], "must have constant biases"),
    "integers": ([("Gemm", ["X", "I"], ["Y"])], "weights of float64 or float32, got int64 in 'I'"),
    "two dtypes": (
        [("Gemm", ["X", "W", "F"], ["Y"])],
        "must have one dtype, got ['float32', 'float64']",
    ),
    "sizes": ([("Gemm", ["X", "V"], ["Y"])], "weights of shape (3, n_units), got (2, 3)"),
    "biases of another size": (
        [("Gemm", ["X", "W", "C"], ["Y"])],
        "biases of shape (2,), got (3,)",
    ),
    "nan": ([("Gemm", ["X", "N"], ["Y"])], "must have finite weights, got nan or infinity"),
    "a layer that is left out": (
        [Z, ("Relu", ["z"], ["h"]), ("Gemm", ["z", "V"], ["Y"])],
        "node 2, Gemm, must have the value 'h' of the node before it as its first input",
    ),
    "a sum with itself": (
        [("MatMul", ["X", "W"], ["p"]), ("Add", ["p", "p"], ["Y"])],
        "must have constant biases",
    ),
    "an inner value as output": (
        [Z, ("Relu", ["z"], ["h"])],
        "its last value; got the outputs ['z']",
    ),
    "nothing": ([], "got no node"),
}
ARRAYS = {
    **{"W": W, "V": W.T.copy(), "I": W.astype(int), "N": W * np.nan},
    **{"F": B.astype("float32"), "C": np.ones(3), "two": np.array(2.0)},
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_graphs_are_refused_with_what_was_expected_and_where(name):
    nodes, message = REFUSED[name]
    output = "z" if name == "an inner value as output" else "Y"
    with pytest.raises(ValueError, match=re.escape(message)):
        dl.from_onnx(graph(nodes, ARRAYS, output=output))


def test_inputs_that_are_no_samples_are_refused():
    arrays = {"W": W, "B": B}
    with pytest.raises(ValueError, match=re.escape("one input, the samples, got ['X', 'more']")):
        dl.from_onnx(graph([GEMM], arrays, inputs=("X", "more")))
    with pytest.raises(ValueError, match=re.escape("weights of shape (4, n_units), got (3, 2)")):
        dl.from_onnx(graph([GEMM], arrays, n_inputs=4))
    model = graph([GEMM], arrays)
    model.graph.input[0].type.tensor_type.shape.dim.add()
    with pytest.raises(ValueError, match="'X' must have 2 dimensions"):
        dl.from_onnx(model)


def test_a_softmax_of_a_hidden_layer_is_refused():
    nodes = [Z, ("Softmax", ["z"], ["h"]), ("Gemm", ["h", "V"], ["Y"])]
    with pytest.raises(ValueError, match=re.escape("activation[0] must be one of")):
        dl.from_onnx(graph(nodes, ARRAYS))


def test_other_files_and_objects_are_refused(tmp_path):
    (tmp_path / "text").write_text("no model")
    with pytest.raises(ValueError, match="must be an ONNX model, got a file that is none"):
        dl.from_onnx(tmp_path / "text")
    with pytest.raises(FileNotFoundError):
        dl.from_onnx(tmp_path / "missing")
    with pytest.raises(TypeError, match=re.escape("a path or an onnx.ModelProto, got 3")):
        dl.from_onnx(3)


def test_weights_in_a_second_file_are_read(tmp_path):
    net = dl.Network([40, 30, 2], activation="relu", seed=0)
    options = {"save_as_external_data": True, "location": "weights", "size_threshold": 0}
    onnx.save(net.to_onnx(), tmp_path / "net.onnx", **options)
    same_network(dl.from_onnx(tmp_path / "net.onnx"), net)


# ---- the documentation

PAGE = Path(__file__).parents[2] / "docs" / "onnx.md"


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
