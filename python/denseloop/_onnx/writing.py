"""A dense network as an ONNX model."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from denseloop import _checks, _core
from denseloop._missing import missing
from denseloop._onnx.formulas import formula_of
from denseloop._replacing import replace_file
from denseloop.activations import Activation
from denseloop.parameters import layer_views

if TYPE_CHECKING:
    from onnx import ModelProto

    from denseloop.model import Model

OLDEST_OPSET = 13  # the first whose Softmax is along one axis
INNER = "denseloop/"  # begins the names of all values but the inputs and the outputs
LARGEST = 2**31 - 1  # bytes of a protobuf message
ROOM = 2**16  # bytes for everything that is not a parameter


class Sink(Protocol):
    """What takes the nodes and the constants of a graph."""

    dtype: np.dtype
    opset: int

    def constant(self, name: str, value: np.ndarray | float) -> str:
        """Add a constant, and return the name by which nodes take it."""

    def node(self, operator: str, inputs: Sequence[str], name: str, **attributes) -> str:
        """Add a node, and return the name of its output."""


class Graph:
    """A `Sink` that collects what an ONNX graph is made of."""

    def __init__(self, dtype: np.dtype, opset: int):
        from onnx import helper, numpy_helper

        self.dtype, self.opset = dtype, opset
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._make_node, self._make_constant = helper.make_node, numpy_helper.from_array

    def constant(self, name, value):
        value = np.asarray(value, self.dtype)
        self.constants.append(self._make_constant(value, INNER + name))
        return INNER + name

    def node(self, operator, inputs, name, **attributes):
        output = INNER + name
        self.nodes.append(self._make_node(operator, inputs, [output], output, **attributes))
        return output


def write_layers(
    sink: Sink,
    value: str,
    weights: Sequence[np.ndarray],
    biases: Sequence[np.ndarray],
    activations: Sequence[Activation],
) -> str:
    """Write all layers from the inputs `value` on, and return the name of the outputs."""
    for k, (weight, activation) in enumerate(zip(weights, activations)):
        layer = f"layer{k + 1}/"
        terms = [sink.constant(f"{layer}weights", weight)]
        if biases:
            terms.append(sink.constant(f"{layer}biases", biases[k]))
        value = sink.node("Gemm", [value, *terms], f"{layer}z")
        hidden = k < len(weights) - 1
        names = {"z": value, "y": value}
        for step in formula_of(activation, sink.dtype, sink.opset, hidden=hidden):
            inputs = [
                names[each]
                if isinstance(each, str)
                else sink.constant(f"{layer}{step.output}/number", each)
                for each in step.inputs
            ]
            names[step.output] = sink.node(
                step.operator, inputs, layer + step.output, **step.attributes
            )
        value = names["y"]
    return value


def _scale_inputs(graph, value, scaling):
    """Write the scaling of the inputs.

    The centers are subtracted in two parts, since one of float32 may be off by more than a scale.
    """
    rest = scaling.input_center
    for name in ("center", "center_rest"):
        part = rest.astype(graph.dtype)
        if name == "center" or part.any():
            center = graph.constant(f"inputs/{name}", part)
            value = graph.node("Sub", [value, center], f"inputs/less_{name}")
        rest = rest - part
    scale = graph.constant("inputs/scale", scaling.input_scale)
    return graph.node("Div", [value, scale], "inputs/scaled")


def _restore_outputs(graph, value, scaling):
    scale = graph.constant("outputs/scale", scaling.output_scale)
    center = graph.constant("outputs/center", scaling.output_center)
    value = graph.node("Mul", [value, scale], "outputs/spread")
    graph.node("Add", [value, center], "outputs/restored")


def model_of(network: Model, opset: int, input_name: str, output_name: str) -> ModelProto:
    """Return the ONNX model of a network."""
    try:
        import onnx
        from onnx import helper
    except ImportError as error:
        raise missing("to_onnx", "onnx", error) from error
    opset = _checks.whole_number("opset", opset, OLDEST_OPSET, onnx.defs.onnx_opset_version())
    _check_names(input_name, output_name)
    if (size := network.parameters.nbytes) + ROOM > LARGEST:
        raise ValueError(
            f"to_onnx needs parameters that fit the 2 GiB of an ONNX file, got {size} bytes"
        )
    graph = Graph(network.dtype, opset)
    _write_network(graph, input_name, network)
    graph.nodes[-1].output[0] = output_name
    kind = helper.np_dtype_to_tensor_dtype(network.dtype)
    sizes = network.layer_sizes[0], network.layer_sizes[-1]
    ends = [
        helper.make_tensor_value_info(name, kind, ["n_samples", size])
        for name, size in zip((input_name, output_name), sizes)
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "denseloop", ends[:1], ends[1:], graph.constants),
        opset_imports=[helper.make_opsetid("", opset)],
        producer_name="denseloop",
        producer_version=_core.version,
    )
    # The lowest, which the most programs read.
    model.ir_version = helper.find_min_ir_version_for(model.opset_import)
    return model


def _check_names(input_name, output_name):
    for name, value in (("input_name", input_name), ("output_name", output_name)):
        if not isinstance(value, str):
            raise TypeError(f"{name} must be text, got {value!r}")
        if not value or value.startswith(INNER):
            raise ValueError(
                f"{name} must neither be empty nor begin with {INNER!r}, as the names within the "
                f"graph do; got {value!r}"
            )
    if input_name == output_name:
        raise ValueError(f"input_name and output_name must differ, got {input_name!r} twice")


def _write_network(graph, value, network):
    # From one moment, also while another thread trains.
    parameters, *_, scaling = network._parameters.core.copied_state()
    weights, biases = layer_views(parameters, network._parameters.layers)
    if scaling is not None and scaling.is_fitted:
        value = _scale_inputs(graph, value, scaling)
    value = write_layers(graph, value, weights, biases, network.activations)
    if scaling is not None and scaling.output_scale is not None:
        _restore_outputs(graph, value, scaling)


def save(model: ModelProto, path: str | os.PathLike[str]) -> None:
    """Write a model to a file, which is either the old one or the whole new one."""
    replace_file(path, [model.SerializeToString()])
