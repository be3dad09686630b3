"""What a fit of a perceptron has found, as fields and arrays of a file."""

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.preprocessing import LabelBinarizer

from denseloop._files.fields import Fields
from denseloop._files.layers import (
    Layers,
    layer_tensors,
    layers_from_json,
    layers_to_json,
    take_layers,
)
from denseloop._files.networks import parsed
from denseloop._files.tensors import Tensors
from denseloop.activations import resolve_activations
from denseloop.neural_network._network import (
    EstimatorNetwork,
    layer_activations,
    suits_core,
    use_network_of_core,
)
from denseloop.neural_network._parameter_values import (
    check_classes,
    labels_from_json,
    labels_to_json,
)
from denseloop.neural_network._saving import Saved

COUNTS = ("n_iter_", "t_", "_no_improvement_count")
NUMBERS = ("loss_", "best_loss_", "best_validation_score_", "best_validation_loss_")
CURVES = ("loss_curve_", "validation_scores_", "validation_loss_curve_")
TARGETS = ("binary", "multiclass", "multilabel-indicator")


class SavedPerceptron(Saved):
    """A mixin for one perceptron."""

    _fitted_attribute = "coefs_"

    def _fit_to_file(self):
        return perceptron_to_file(self)

    def _fit_from_file(self, contents, tensors):
        architecture, fitted = parsed(contents, "architecture"), parsed(contents, "fitted")
        fit_from_file(self, architecture, fitted, tensors)


def perceptron_to_file(estimator, prefix: str = ""):
    """Return a description in JSON, and {name: array} with names that begin with the prefix."""
    network = network_to_save(estimator)
    layers = layers_of(estimator, network)
    described = {"architecture": layers_to_json(layers), "fitted": fitted_to_json(estimator)}
    return described, layer_tensors(layers, network.flat, prefix)


def fit_from_file(
    estimator, architecture: Fields, fitted: Fields, tensors: Tensors, prefix: str = ""
) -> None:
    """Make the estimator, which has its parameters, a fitted one."""
    layers = layers_from_json(architecture)
    architecture.end()
    if not layers.bias:
        architecture.refuse("bias", "true", layers.bias)
    taken = take_layers(layers, tensors, prefix=prefix)
    vars(estimator).update(
        _fitted(fitted, layers, is_classifier(estimator)),
        coefs_=[weights.copy() for weights, _ in taken],
        intercepts_=[bias.copy() for _, bias in taken if bias is not None],
    )
    fitted.checked("out_activation_", lambda e: _check_layers(e, layers), estimator)
    use_network_of_core(estimator)


def network_to_save(estimator):
    """Return a network with copies of the weights, which may be wherever the user has set them."""
    if not suits_core(estimator):
        raise ValueError(
            "save needs coefs_ and intercepts_ of NumPy's plain arrays, all of float64 or all of "
            "float32, that fit one another; got others; joblib.dump keeps any of them"
        )
    return EstimatorNetwork(estimator)


def layers_of(estimator, network):
    """Return the layers of a fitted estimator, whose arrays those of the network are."""
    sizes = (network.weights[0].shape[0], *(bias.size for bias in network.biases))
    *hidden, output = layer_activations(estimator)
    return Layers(sizes, True, resolve_activations(hidden, output, sizes), network.dtype)


def fitted_to_json(estimator):
    """Return what a fit has found besides the weights."""
    has, fitted = vars(estimator), {"out_activation_": estimator.out_activation_}
    for names, convert in (
        (COUNTS, lambda count: str(int(count))),
        (NUMBERS, exact),
        (CURVES, exact_curve),
    ):
        fitted |= {name: convert(has[name]) for name in names if name in has}
    curves = has.get("evals_result_", {})
    fitted["evals_result_"] = {
        validation: {name: exact_curve(curve) for name, curve in each.items()}
        for validation, each in curves.items()
    }
    if "feature_names_in_" in has:
        fitted["feature_names_in_"] = list(map(str, estimator.feature_names_in_))
    if "_label_binarizer" in has:
        fitted["labels"] = binarizer_to_json(estimator)
    return fitted


def exact(number):
    return None if number is None else float(number).hex()


def exact_curve(curve):
    return None if curve is None else [*map(exact, curve)]


def binarizer_to_json(estimator):
    """Return the classes, and how the outputs stand for them."""
    binarizer = estimator._label_binarizer
    plain = type(binarizer) is LabelBinarizer and type(binarizer.classes_) is np.ndarray
    if not plain or not np.array_equal(binarizer.classes_, estimator.classes_):
        raise ValueError(
            "save needs the classes_ that the fit has found, got others; joblib.dump keeps any"
        )
    return {
        "classes": labels_to_json(binarizer.classes_),
        "y_type": binarizer.y_type_,
        "sparse": bool(binarizer.sparse_input_),
    }


def _fitted(given: Fields, layers: Layers, classifies: bool) -> dict[str, Any]:
    """Return the attributes that a fit has set, but not the weights."""
    n_inputs, n_outputs = layers.layer_sizes[0], layers.layer_sizes[-1]
    found: dict[str, Any] = {
        "n_layers_": len(layers.layer_sizes),
        "n_features_in_": n_inputs,
        "n_outputs_": n_outputs,
        "out_activation_": given.text("out_activation_"),
    }
    found |= {name: given.integer(name) for name in COUNTS if given.has(name)}
    for name in (*NUMBERS, *CURVES):
        if given.has(name):
            read = _curve if name in CURVES else _number
            value = given.take(name)
            found[name] = None if value is None else read(given, name, value)
    found["evals_result_"] = {}
    results = Fields(given.path, f"{given.where}.evals_result_", given.take("evals_result_"))
    for validation in results.names():
        curves = Fields(given.path, results.where, results.take(validation))
        found["evals_result_"][validation] = {
            name: _curve(results, "", curves.take(name)) for name in curves.names()
        }
    if given.has("feature_names_in_"):
        found["feature_names_in_"] = feature_names(given, n_inputs)
    if classifies:
        place = f"{given.where}.labels"
        found |= _labels(Fields(given.path, place, given.take("labels")), n_outputs)
    given.end()
    return found


def feature_names(given: Fields, n_inputs: int) -> np.ndarray:
    """Return the names of the inputs' columns."""
    names = given.items("feature_names_in_")
    if len(names) != n_inputs or not all(isinstance(name, str) for name in names):
        given.refuse("feature_names_in_", f"a list of {n_inputs} texts", names)
    return np.array(names, object)


def _number(given, name, value):
    if not isinstance(value, str):
        given.refuse(name, "a number as a hexadecimal text", value)
    return given.checked(name, float.fromhex, value)


def _curve(given, name, values):
    if not isinstance(values, list):
        given.refuse(name, "a list of hexadecimal texts", values)
    return [_number(given, name, value) for value in values]


def _labels(given, n_outputs):
    """Return the classes, and the binarizer that a fit would have made."""
    classes = labels_from_json(Fields(given.path, f"{given.where}.classes", given.take("classes")))
    y_type, sparse = given.text("y_type"), given.flag("sparse")
    if y_type not in TARGETS:
        given.refuse("y_type", f"one of {', '.join(TARGETS)}", y_type)
    check_classes(given, classes, n_outputs)
    if (y_type == "binary") != (n_outputs == 1):
        given.refuse("y_type", f"one that has {n_outputs} outputs", y_type)
    given.end()
    binarizer = LabelBinarizer()
    binarizer.classes_, binarizer.y_type_, binarizer.sparse_input_ = classes, y_type, sparse
    return {"_label_binarizer": binarizer, "classes_": classes}


def _check_layers(estimator, layers):
    """Raise a ValueError unless the parameters and the layers have the same activations."""
    *hidden, output = layer_activations(estimator)
    activations = resolve_activations(hidden, output, layers.layer_sizes)
    if activations != layers.activations:
        raise ValueError(
            f"the activations must be those of the layers, {layers.activations}, got {activations}"
        )
