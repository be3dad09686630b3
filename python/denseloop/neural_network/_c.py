"""Fitted estimators, ensembles and pipelines as C headers."""

from __future__ import annotations  # which help() shows as they are written

import os
import warnings
from typing import Literal

import numpy as np
from sklearn.base import is_classifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted

from denseloop import _checks
from denseloop._c_export.core_run import CoreRun
from denseloop._c_export.export import test_inputs, write
from denseloop._c_export.exported import Exported, Step
from denseloop.neural_network import _overrides
from denseloop.neural_network._ensemble import Ensemble
from denseloop.neural_network._network import EstimatorNetwork, check_parameters
from denseloop.neural_network._perceptron import Perceptron

SCALERS = (StandardScaler, MinMaxScaler)
CLOSE = 1e-2  # where predictions and outputs of the networks are taken for the same


def to_c(
    model: Perceptron | Ensemble | Pipeline,
    path: str | os.PathLike[str],
    name: str = "model",
    *,
    scaling: Literal["step", "folded"] = "step",
    derivative: bool = False,
    fma: bool = True,
) -> None:
    """Write a fitted estimator, or a pipeline that ends in one, as a C header.

    See `denseloop.Network.to_c` for what such a header is. ``name_predict`` makes the numbers of
    ``predict`` for a regressor, and those of ``predict_proba`` for a classifier, which also has
    ``name_class`` (or ``name_classes``, if a sample may have several) and ``name_label``.

    Parameters
    ----------
    model : estimator or Pipeline
        An `MLPClassifier`, `MLPRegressor` or an ensemble of them, or a pipeline of StandardScaler
        and MinMaxScaler before one.
    path : str or os.PathLike
        File to write.
    name : str, default "model"
        Beginning of all names in the header.
    scaling : {"step", "folded"}, default "step"
        Whether the header scales as the pipeline does, with its bits, or by the weights of the
        first layer, which saves time and memory, and rounds differently.
    derivative, fma
        As for `denseloop.Network.to_c`; there are no derivatives of a binary classifier or of an
        ensemble.

    Raises
    ------
    ValueError, TypeError
        For a name that is no identifier, and for models that a header cannot have.
    OSError
        If the file cannot be written; an old one is left as it is.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from denseloop.neural_network import MLPRegressor, to_c
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> X, y = [[0.0], [10.0], [20.0], [30.0]], [0, 2, 4, 6]
    >>> regressor = MLPRegressor(hidden_layer_sizes=4, solver="lm", random_state=0)
    >>> model = make_pipeline(StandardScaler(), regressor)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "model.h")
    ...     to_c(model.fit(X, y), path)
    ...     "model_predict(const double* x, double* y)" in path.read_text()
    True
    """
    folded = _checks.choice("scaling", scaling, {"step": False, "folded": True})
    scalers, estimator = parts(model)
    check_is_fitted(estimator)
    is_ensemble = isinstance(estimator, Ensemble)
    members = estimator.estimators_ if is_ensemble else [estimator]
    networks = [network_of(member) for member in members]
    classes = list(estimator.classes_) if is_classifier(estimator) else None
    if classes is not None and len(classes) < 2:
        raise ValueError(f"a classifier must have at least two classes to be exported: {classes}")
    binary = classes is not None and len(classes) == 2 and members[0].n_outputs_ == 1
    if derivative and (binary or is_ensemble):
        raise ValueError(
            "derivative=True is for single regressors and classifiers of three classes and more, "
            f"got {estimator!r}"
        )
    if len({(network.layer_sizes, network.resolved) for network in networks}) > 1:
        raise ValueError("the members of an ensemble must have the same layers to be exported")
    parameters = np.stack([network.flat for network in networks])
    steps = [step for scaler in scalers for step in steps_of(scaler, parameters.dtype.name)]
    layer_sizes = networks[0].layer_sizes
    if folded:
        parameters, steps = fold(steps, layer_sizes, parameters), []
    exported = Exported(
        layer_sizes,
        True,
        networks[0].resolved,
        parameters,
        average=is_ensemble,
        sum_dtype=None if classes is None else "float64",  # as of scikit-learn's Bagging
        input_steps=tuple(steps),
        classes=classes,
        binary=binary,
        several=classes is not None and not binary and members[0].out_activation_ == "logistic",
    )

    if derivative and any(step.limits for step in steps):
        raise ValueError("derivative=True is not for a MinMaxScaler with clip=True")
    run = CoreRun(exported)
    check_predictions(model, classes, run, test_inputs(exported))
    write(exported, path, name, run, derivative=derivative, fma=fma)


def parts(model):
    """Return the scalers of a model, and its estimator."""
    steps = [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]
    scalers = [step for step in steps[:-1] if step not in (None, "passthrough")]
    for step in scalers:
        if type(step) not in SCALERS:
            raise TypeError(
                f"a pipeline must have only {' and '.join(s.__name__ for s in SCALERS)} before its "
                f"estimator to be exported, got {step!r}"
            )
    if not isinstance(steps[-1], (Perceptron, Ensemble)):
        raise TypeError(
            "model must be an MLPClassifier, an MLPRegressor, an ensemble of them, or a pipeline "
            f"that ends in one; got {steps[-1]!r}{hint_for(steps[-1])}"
        )
    return scalers, steps[-1]


def hint_for(other):
    """Return what may have been meant by a model that is none of ours."""
    if hasattr(other, "best_estimator_"):
        return "; pass its best_estimator_"
    if hasattr(other, "to_c"):
        return "; it has a method to_c itself"
    if isinstance(other, (MLPClassifier, MLPRegressor)):
        return ", which is scikit-learn's own: import it from denseloop.neural_network"
    return ""


def network_of(estimator):
    """Return the network of a fitted estimator."""
    if override := _overrides.of_outputs(estimator):
        raise ValueError(f"a header cannot have {override}")
    check_parameters(estimator)
    return EstimatorNetwork(estimator)


def steps_of(scaler, dtype):
    """Return the Steps of a fitted scaler, in the dtype of the samples."""
    check_is_fitted(scaler)
    count = scaler.n_features_in_
    if isinstance(scaler, StandardScaler):
        center = np.zeros(count) if scaler.mean_ is None or not scaler.with_mean else scaler.mean_
        unscaled = scaler.scale_ is None or not scaler.with_std
        scale = np.ones(count) if unscaled else scaler.scale_
        return [Step("standardize", center.astype(dtype), scale.astype(dtype), dtype)]
    limits = tuple(map(float, scaler.feature_range)) if scaler.clip else None
    return [Step("stretch", scaler.scale_.astype(dtype), scaler.min_.astype(dtype), dtype, limits)]


def fold(steps, layer_sizes, parameters):
    """Return parameters (n_networks, n_parameters) whose first layer does the scaling, too."""
    factor, term = np.ones(layer_sizes[0]), np.zeros(layer_sizes[0])
    for step in steps:
        if step.limits:
            raise ValueError(
                "a MinMaxScaler with clip=True cannot be folded: scaling='step' keeps it"
            )
        if step.kind == "standardize":
            factor, term = factor / step.second, (term - step.first) / step.second
        else:
            factor, term = factor * step.first, term * step.first + step.second
    n_weights = layer_sizes[0] * layer_sizes[1]
    found = parameters.copy()
    for flat in found:
        weights = flat[:n_weights].reshape(layer_sizes[:2]).astype(np.float64)
        flat[n_weights : n_weights + layer_sizes[1]] += (term @ weights).astype(flat.dtype)
        flat[:n_weights] = (factor[:, None] * weights).ravel()
    return found


def check_predictions(model, classes, run, X):
    """Raise a ValueError if the model predicts otherwise than its networks, as a subclass may."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about names of features
        found = model.predict(X) if classes is None else model.predict_proba(X)
        outputs = run.predict(X)
    found = np.asarray(found, np.float64).reshape(len(X), -1)
    if found.shape != outputs.shape or not np.allclose(found, outputs, CLOSE, CLOSE, True):
        raise ValueError(
            "the model predicts other numbers than its networks do, which a header cannot have: "
            f"{found[0]} instead of {outputs[0]} for a row"
        )
