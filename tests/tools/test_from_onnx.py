"""`from_onnx` reads dense layers of other programs, and refuses the rest: `make tools`."""

import re

import denseloop as dl
import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is missing: make tools")
helper, numpy_helper = onnx.helper, onnx.numpy_helper

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
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is missing: make tools")
    session = runtime.InferenceSession(model.SerializeToString())
    np.testing.assert_allclose(session.run(None, {"X": X})[0], net.forward(X), rtol=1e-6)


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
    found = dl.from_onnx(tmp_path / "net.onnx")
    np.testing.assert_array_equal(found.parameters, net.parameters)
