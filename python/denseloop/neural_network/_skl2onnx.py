"""The estimators' converters for skl2onnx, with all activations and any number of outputs."""

import numpy as np
from skl2onnx import update_registered_converter
from skl2onnx._supported_operators import get_model_alias
from skl2onnx.common import _registration
from skl2onnx.common.data_types import guess_proto_type
from skl2onnx.common.utils_classifier import get_label_classes
from skl2onnx.proto import TensorProto
from sklearn.base import ClassifierMixin, is_classifier

from denseloop._onnx.writing import write_layers
from denseloop.neural_network._network import EstimatorNetwork

DOUBLE, SINGLE = np.dtype(np.float64), np.dtype(np.float32)


def register_converters(classes):
    """Make skl2onnx convert these classes, by the names of outputs that scikit-learn's have."""
    for ours in classes:
        alias = get_model_alias(ours.__bases__[-1])
        shapes = _registration.get_shape_calculator(alias)
        update_registered_converter(
            ours,
            f"Denseloop{ours.__name__}",
            _shape_calculator(shapes),
            convert_classifier if issubclass(ours, ClassifierMixin) else convert_regressor,
            options=_registration.get_converter(alias).get_allowed_options(),
        )


def _shape_calculator(theirs):
    def calculate(operator):
        theirs(operator)
        model, rows = operator.raw_operator, operator.inputs[0].get_first_dimension()
        if not is_classifier(model):
            operator.outputs[0].type.shape = [rows, _members(model)[0].n_outputs_]
        elif _is_multilabel(model):
            operator.outputs[0].type.shape = [rows, len(model.classes_)]

    return calculate


def _members(model):
    """Return the perceptrons of an ensemble, or the one that the model is."""
    return getattr(model, "estimators_", [model])


def _is_multilabel(model):
    return _members(model)[0]._label_binarizer.y_type_.startswith("multilabel")


class ContainerSink:
    """A `Sink` that adds to a container of skl2onnx."""

    def __init__(self, scope, container, dtype):
        self._scope, self._container = scope, container
        self.dtype, self.opset = dtype, container.target_opset

    def constant(self, name, value, dtype=None):
        value = np.asarray(value, self.dtype if dtype is None else dtype)
        kind, content = KINDS.get(value.dtype, TensorProto.STRING), value.ravel()
        if kind == TensorProto.STRING:
            content = [each.encode() for each in content.tolist()]
        unique = self._scope.get_unique_variable_name(name)
        self._container.add_initializer(unique, kind, list(value.shape), content)
        return unique

    def node(self, operator, inputs, name, **attributes):
        output = self._scope.get_unique_variable_name(name)
        self.last(operator, inputs, output, **attributes)
        return output

    def last(self, operator, inputs, output, **attributes):
        """Add a node whose output has a name already."""
        unique = self._scope.get_unique_operator_name(operator)
        self._container.add_node(operator, inputs, [output], name=unique, **attributes)


KINDS = {
    DOUBLE: TensorProto.DOUBLE,
    SINGLE: TensorProto.FLOAT,
    np.dtype(np.int64): TensorProto.INT64,
}


def _write_outputs(scope, operator, container):
    """Write the network or the mean of an ensemble's; return the sink and the outputs' name."""
    kind, members = guess_proto_type(operator.inputs[0].type), _members(operator.raw_operator)
    sink = ContainerSink(scope, container, DOUBLE if kind == TensorProto.DOUBLE else SINGLE)
    value = operator.inputs[0].full_name
    if kind != KINDS[sink.dtype]:
        value = sink.node("Cast", [value], "inputs", to=KINDS[sink.dtype])
    outputs = []
    for member in members:
        network = EstimatorNetwork(member, sink.dtype)
        parts = network.weights, network.biases, network.resolved
        outputs.append(write_layers(sink, value, *parts))
    if len(outputs) == 1:
        return sink, outputs[0]
    total = sink.node("Sum", outputs, "sum")
    return sink, sink.node("Div", [total, sink.constant("count", len(outputs))], "mean")


def convert_regressor(scope, operator, container):
    """Write the predictions, of shape (n_samples, n_outputs)."""
    sink, value = _write_outputs(scope, operator, container)
    sink.last("Identity", [value], operator.outputs[0].full_name)


def convert_classifier(scope, operator, container):
    """Write the labels and the probabilities."""
    model = operator.raw_operator
    sink, value = _write_outputs(scope, operator, container)
    labels, probabilities = (output.full_name for output in operator.outputs[:2])
    if _is_multilabel(model):
        sink.last("Identity", [value], probabilities)
        chosen = sink.node("Greater", [value, sink.constant("half", 0.5)], "chosen")
        sink.last("Cast", [chosen], labels, to=TensorProto.INT64)
        return
    if len(model.classes_) == 2:
        other = sink.node("Sub", [sink.constant("one", 1.0), value], "other")
        sink.last("Concat", [other, value], probabilities, axis=1)
    else:
        sink.last("Identity", [value], probabilities)
    classes = np.asarray(get_label_classes(scope, model))
    classes = classes.astype(str if classes.dtype.kind in "OU" else np.int64)
    indices = sink.node("ArgMax", [probabilities], "indices", axis=1, keepdims=0)
    names = sink.constant("classes", classes, classes.dtype)
    sink.last("Gather", [names, indices], labels, axis=0)
