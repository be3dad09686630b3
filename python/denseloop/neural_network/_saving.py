"""`save` and `load` of the perceptrons, in the format that docs/files.md describes."""

from __future__ import annotations  # which help() shows as they are written

import inspect
import os
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.preprocessing import LabelBinarizer

from denseloop._files.errors import FileError
from denseloop._files.fields import Fields
from denseloop._files.layers import (
    Layers,
    layer_tensors,
    layers_from_json,
    layers_to_json,
    take_layers,
)
from denseloop._files.networks import parsed, read_described, write_described
from denseloop._files.tensors import Tensors
from denseloop.activations import resolve_activations
from denseloop.neural_network._network import (
    EstimatorNetwork,
    layer_activations,
    suits_core,
    use_network_of_core,
)
from denseloop.neural_network._parameter_values import (
    from_json,
    labels_from_json,
    labels_to_json,
    to_json,
)

COUNTS = ("n_iter_", "t_", "_no_improvement_count")
NUMBERS = ("loss_", "best_loss_", "best_validation_score_", "best_validation_loss_")
CURVES = ("loss_curve_", "validation_scores_", "validation_loss_curve_")
TARGETS = ("binary", "multiclass", "multilabel-indicator")


class Saved:
    """A mixin for a perceptron that is written to files. `_file_kind` is the name of its class."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the estimator to a file in the safetensors layout.

        The file has the parameters, and of a fitted estimator the weights, the classes and what
        the fit has reported: it predicts the same bits. It has neither samples nor the state of the
        optimizer, so that a `partial_fit` of the loaded estimator begins with a new optimizer. A
        crash, a full disk or an exception leaves the file that was there before.

        Parameters
        ----------
        path : str or path-like
            File to write. A file of this name is replaced.

        Raises
        ------
        ValueError
            If the estimator is of a subclass, or has parameters or weights of types that the file
            has no form for, such as a generator as `random_state`.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from denseloop.neural_network import MLPRegressor
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 2, 4, 6]
        >>> regressor = MLPRegressor(hidden_layer_sizes=(), solver="lm", alpha=0, random_state=0)
        >>> with TemporaryDirectory() as folder:
        ...     regressor.fit(X, y).save(f"{folder}/line.safetensors")
        ...     MLPRegressor.load(f"{folder}/line.safetensors").predict([[1.5]]).round(4)
        array([3.])
        """
        kind = vars(type(self)).get("_file_kind")
        if kind is None:
            raise ValueError(
                f"save must be of an MLPClassifier or an MLPRegressor, got the subclass "
                f"{type(self).__name__}, which the file could not name; joblib.dump keeps it"
            )
        self._validate_params()
        parameters = self.get_params(deep=False)
        described = {"parameters": {name: to_json(name, v) for name, v in parameters.items()}}
        tensors: dict[str, np.ndarray] = {}
        if hasattr(self, "coefs_"):
            network = network_to_save(self)
            layers = layers_of(self, network)
            described["architecture"] = layers_to_json(layers)
            described["fitted"] = fitted_to_json(self)
            tensors = layer_tensors(layers, network.flat)
        write_described(path, kind, described, tensors)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, allow_nan: bool = False):
        """Return the estimator that `save` has written, as `denseloop.load` does.

        Parameters
        ----------
        path, allow_nan
            As for `denseloop.load`, which also raises the same exceptions.

        Returns
        -------
        estimator
            One of this class.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from denseloop.neural_network import MLPClassifier
        >>> with TemporaryDirectory() as folder:
        ...     MLPClassifier((8,), alpha=0.1).save(f"{folder}/new.safetensors")
        ...     MLPClassifier.load(f"{folder}/new.safetensors")
        MLPClassifier(alpha=0.1, hidden_layer_sizes=(8,))
        """
        kind, contents = read_described(path)
        if kind != vars(cls).get("_file_kind"):
            raise FileError(
                contents.path, f"expected a {cls.__name__}, got a {kind!r}; denseloop.load reads it"
            )
        return read_estimator(cls, contents, allow_nan)


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


def read_estimator(kind: type, contents, allow_nan: bool) -> Any:
    """Return an estimator of this class, from a file that is checked."""
    given, tensors = parsed(contents, "parameters"), Tensors(contents, allow_nan)
    known = inspect.signature(kind).parameters
    parameters = {
        name: from_json(given, name, given.take(name)) for name in given.names() if name in known
    }
    given.end()
    estimator = kind(**parameters)
    given.checked("parameters", lambda checked: checked._validate_params(), estimator)
    if "architecture" in contents.metadata:
        architecture = parsed(contents, "architecture")
        layers = layers_from_json(architecture)
        architecture.end()
        taken, fitted = take_layers(layers, tensors), parsed(contents, "fitted")
        attributes = _fitted(fitted, layers, is_classifier(estimator))
        tensors.end()
        vars(estimator).update(
            attributes,
            coefs_=[weights.copy() for weights, _ in taken],
            intercepts_=[bias.copy() for _, bias in taken],
        )
        fitted.checked("out_activation_", lambda e: _check_layers(e, layers), estimator)
        use_network_of_core(estimator)
    tensors.end()
    return estimator


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
        names = given.items("feature_names_in_")
        if len(names) != n_inputs or not all(isinstance(name, str) for name in names):
            given.refuse("feature_names_in_", f"a list of {n_inputs} texts", names)
        found["feature_names_in_"] = np.array(names, object)
    if classifies:
        place = f"{given.where}.labels"
        found |= _labels(Fields(given.path, place, given.take("labels")), n_outputs)
    given.end()
    return found


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
    if len(classes) not in ((1, 2) if y_type == "binary" else (n_outputs,)):
        given.refuse("classes", f"those of {n_outputs} {y_type} outputs", f"{len(classes)} classes")
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
