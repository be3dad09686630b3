"""The layers of an ONNX graph that is a chain of dense layers."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from denseloop._missing import missing
from denseloop._onnx.formulas import known_formulas
from denseloop.activations import Activation, LeakyReLU

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

DOMAINS = ("", "ai.onnx")  # two names of ONNX's own
EXPECTED = (
    "a chain of Gemm, or MatMul and Add, each followed by at most one activation: Sigmoid, Tanh, "
    "Relu, LeakyRelu, Gelu, Softmax, Exp or Identity"
)

# Attributes that a node may leave out.
DEFAULTS = {
    "Gelu": {"approximate": b"none"},
    "LeakyRelu": {"alpha": 0.01},
    "Softmax": {"axis": -1},
}


class Layers(NamedTuple):
    """What a graph computes with."""

    weights: list[np.ndarray]  # (fan_in, fan_out) each
    biases: list[np.ndarray | None]
    activations: list[Activation]


class Node(NamedTuple):
    """A node of the graph, with its attributes as Python has them."""

    operator: str
    inputs: list[str]
    output: str
    attributes: dict
    where: str  # for messages


def load(path_or_model: str | os.PathLike[str] | ModelProto) -> ModelProto:
    """Return the model of a file, or a model itself."""
    try:
        import onnx
    except ImportError as error:
        raise missing("from_onnx", "onnx", error) from error
    if isinstance(path_or_model, onnx.ModelProto):
        return path_or_model
    try:
        path = os.fspath(path_or_model)
    except TypeError:
        raise TypeError(
            f"from_onnx needs a path or an onnx.ModelProto, got {path_or_model!r}"
        ) from None
    try:
        return onnx.load(path)
    except OSError:
        raise
    except Exception as error:  # of protobuf, by classes that change with its versions
        raise ValueError(
            f"{path} must be an ONNX model, got a file that is none: {error}"
        ) from error


def read_layers(graph: GraphProto) -> Layers:
    """Return the layers of a graph.

    Raises
    ------
    ValueError
        If there is anything else in it; the message names the node.
    """
    value, size = _only_input(graph)
    constants, nodes = _constants_and_nodes(graph)
    layers, k = Layers([], [], []), 0
    while k < len(nodes):
        weight, bias, value, k = _dense(nodes, k, value, constants, size)
        activation, value, k = _activation(nodes, k, value, constants)
        layers.weights.append(weight)
        layers.biases.append(bias)
        layers.activations.append(activation)
        size = weight.shape[1]
    outputs = [output.name for output in graph.output]
    if not layers.weights or outputs != [value]:
        found = f"the outputs {outputs}" if nodes else "no node"
        raise ValueError(f"the graph must be {EXPECTED}, and return its last value; got {found}")
    arrays = [*layers.weights, *(bias for bias in layers.biases if bias is not None)]
    if len(dtypes := sorted({array.dtype.name for array in arrays})) > 1:
        raise ValueError(f"all weights and biases must have one dtype, got {dtypes}")
    return layers


def _only_input(graph):
    """Return the name of the graph's input, and its number of columns or None."""
    constants = {each.name for each in graph.initializer}  # which old models list as inputs too
    inputs = [each for each in graph.input if each.name not in constants]
    if len(inputs) != 1:
        raise ValueError(
            f"the graph must have one input, the samples, got {[each.name for each in inputs]}"
        )
    shape = inputs[0].type.tensor_type.shape
    if not inputs[0].type.tensor_type.HasField("shape"):
        return inputs[0].name, None
    if len(shape.dim) != 2:
        raise ValueError(
            f"the input {inputs[0].name!r} must have 2 dimensions, (n_samples, n_inputs), got "
            f"{len(shape.dim)}"
        )
    return inputs[0].name, shape.dim[1].dim_value or None


def _constants_and_nodes(graph):
    """Return {name: array} of the constants, and the other nodes in their order."""
    from onnx import helper, numpy_helper

    constants = {each.name: _array(numpy_helper, each.name, each) for each in graph.initializer}
    nodes = []
    for k, proto in enumerate(graph.node):
        node = _read_node(helper, proto, k)
        if node.operator == "Constant" and "value" in node.attributes:
            constants[node.output] = _array(numpy_helper, node.output, node.attributes["value"])
        else:
            nodes.append(node)
    return constants, nodes


def _array(numpy_helper, name, tensor):
    try:
        return numpy_helper.to_array(tensor)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ValueError(f"the constant {name!r} of the graph must be an array: {error}") from error


def _read_node(helper, proto: NodeProto, k: int) -> Node:
    operator = proto.op_type
    if proto.domain not in DOMAINS:
        operator = f"{proto.domain}::{operator}"
    name = f", {proto.name!r}" if proto.name else ""
    attributes = {each.name: _value(helper, each) for each in proto.attribute}
    output = proto.output[0] if len(proto.output) == 1 else ""
    return Node(operator, list(proto.input), output, attributes, f"node {k}{name}, {operator},")


def _value(helper, attribute):
    """Return an attribute's value; a number of float32 as the shortest decimal that stands for it.

    A slope of 0.01 thus stays 0.01.
    """
    value = helper.get_attribute_value(attribute)
    return float(str(np.float32(value))) if isinstance(value, float) else value


def _dense(nodes, k, value, constants, size):
    """Return the weights, the biases, the output and the next node of a dense layer."""
    node = nodes[k]
    if node.operator not in ("Gemm", "MatMul"):
        options = f" with {node.attributes}" if node.attributes else ""
        raise ValueError(f"{node.where} is not expected{options}; from_onnx reads {EXPECTED}")
    if len(node.inputs) < 2 or node.inputs[0] != value:
        raise ValueError(
            f"{node.where} must have the value {value!r} of the node before it as its first "
            f"input, got {node.inputs}"
        )
    weight = _parameter(node, "weights", node.inputs[1], constants)
    bias, output, following = None, node.output, k + 1
    if node.operator == "Gemm":
        given = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0} | node.attributes
        if given["transA"]:
            raise ValueError(f"{node.where} must have transA=0, got {given['transA']}")
        weight = given["alpha"] * (weight.T if given["transB"] else weight)
        if len(node.inputs) > 2 and node.inputs[2]:
            bias = given["beta"] * _parameter(node, "biases", node.inputs[2], constants)
    elif following < len(nodes) and nodes[following].operator == "Add":
        node, following = nodes[following], following + 1
        if output not in node.inputs:
            raise ValueError(
                f"{node.where} must add biases to the value {output!r}, got {node.inputs}"
            )
        [name] = [each for each in node.inputs if each != output] or [output]
        bias, output = _parameter(node, "biases", name, constants), node.output
    return *_checked(node, weight, bias, size), output, following


def _parameter(node, what, name, constants):
    if name not in constants:
        raise ValueError(
            f"{node.where} must have constant {what}, an initializer or a Constant, got the value "
            f"{name!r}"
        )
    array = constants[name]
    if array.dtype not in (np.float64, np.float32):
        raise ValueError(
            f"{node.where} must have {what} of float64 or float32, got {array.dtype} in {name!r}"
        )
    return array


def _checked(node, weight, bias, size):
    if weight.ndim != 2 or size not in (None, weight.shape[0]):
        rows = "n_inputs" if size is None else size
        raise ValueError(
            f"{node.where} must have weights of shape ({rows}, n_units), got {weight.shape}"
        )
    units = weight.shape[1]
    if bias is not None:
        if bias.size not in (1, units) or bias.ndim and bias.shape[-1] != bias.size:
            raise ValueError(f"{node.where} must have biases of shape ({units},), got {bias.shape}")
        bias = np.broadcast_to(bias.ravel(), (units,))
    for name, array in (("weights", weight), ("biases", bias)):
        if array is not None and not np.isfinite(array).all():
            raise ValueError(f"{node.where} must have finite {name}, got nan or infinity")
    return weight, bias


def _activation(nodes, k, value, constants):
    """Return the activation at node k, its output and the next node."""
    for activation, formula in known_formulas():
        found = _match(formula, nodes[k : k + len(formula)], value, constants)
        if found is None:
            continue
        output, slope = found
        if activation is LeakyReLU:
            try:
                activation = LeakyReLU(slope)
            except ValueError as error:
                raise ValueError(
                    f"{nodes[k].where} has a slope that is refused: {error}"
                ) from error
        return activation, output, k + len(formula)
    return "identity", value, k


def _match(formula, nodes, value, constants):
    """Return the output and the slope, if any, of nodes that are a formula of `value`, or None."""
    if len(nodes) < len(formula):
        return None
    names, slope = {"z": value}, None
    for step, node in zip(formula, nodes):
        if step.operator != node.operator or len(step.inputs) != len(node.inputs):
            return None
        defaults = DEFAULTS.get(step.operator, {})
        wanted, given = defaults | step.attributes, defaults | node.attributes
        if set(wanted) != set(given):
            return None
        pairs = [(wanted[name], given[name]) for name in wanted]
        for expected, name in zip(step.inputs, node.inputs):
            if not isinstance(expected, str):
                constant = constants.get(name, np.empty(0))
                pairs.append((expected, constant.item() if constant.size == 1 else None))
            elif names[expected] != name:
                return None
        for expected, found in pairs:
            if isinstance(expected, float) and math.isnan(expected) and found is not None:
                slope = found
            elif not _same(expected, found):
                return None
        names[step.output] = node.output
    return names["y"], slope


def _same(expected, found):
    """Return whether two numbers are the same in float32, or two texts the same."""
    if isinstance(expected, (int, float)) and isinstance(found, (int, float)):
        return math.isclose(expected, found, rel_tol=1e-6)
    return expected == found
