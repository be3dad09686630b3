"""The user's samples as the core takes them: checked, converted, and scaled if the network does."""

import numpy as np

from denseloop import _checks
from denseloop._core_terms import is_function
from denseloop._training.caller_loss import caller_loss, check_caller_terms

EVAL_SET = "eval_set[0]", "eval_set[1]", "eval_set[2]"


def read_inputs(network, X, scaling):
    """Return X (n_samples, n_inputs) as the first layer takes it; `scaling` is the network's."""
    if scaling is None:
        return _checks.samples("X", X, network.layer_sizes[0], network.dtype)
    X = _checks.samples("X", X, network.layer_sizes[0], np.float64)
    require_dense("X", X, scaling)
    return scaled(scaling.scale_inputs, "X", X, network.dtype)


def read_samples(network, loss, X, y, scaling, names=("X", "y"), *, fit=False):
    """Return X, what the core takes as targets (an array, or a loss of the user's), and a scaling.

    `scaling` is that of the network, which these samples determine if that is to be done (`fit`)
    and none have before, or None.
    """
    if scaling is None and (type(loss) is str or not is_function(loss)):
        return (*_checks.samples_and_targets(network, X, y, names), None)
    dtype = network.dtype if scaling is None else np.dtype(np.float64)
    if is_function(loss):
        X, y = _checks.samples(names[0], X, network.layer_sizes[0], dtype), np.asarray(y)
        _checks.matching_rows(names, X, y)
        y = y[:, None] if y.ndim == network.layer_sizes[-1] == 1 else y
    else:
        X, y = _checks.samples_and_targets(network, X, y, names, dtype)
    if scaling is not None:
        require_dense(names[0], X, scaling)
        if fit and not scaling.is_fitted:
            scaling = fit_scaling(network, loss, X, y, scaling)
        X = scaled(scaling.scale_inputs, names[0], X, network.dtype)
    if is_function(loss):
        return X, caller_loss(loss, network, scaling, y), scaling
    return X, scaled(scaling.scale_targets, names[1], y, network.dtype), scaling


def read_eval_set(network, loss, eval_set, scaling):
    """Return the validation samples: X, the targets, and the sample weights or None."""
    X, y, weight = _checks.eval_set(eval_set)
    if is_function(loss):
        check_caller_terms({EVAL_SET[2]: (weight, None)})
    X, targets, _ = read_samples(network, loss, X, y, scaling, EVAL_SET[:2])
    if isinstance(X, np.ndarray):  # the core refuses sparse ones
        _checks.require_finite(EVAL_SET[0], X)
    if isinstance(targets, np.ndarray):
        _checks.require_finite(EVAL_SET[1], targets)
    return X, targets, _checks.sample_weight(weight, len(X), network.dtype, EVAL_SET[2])


def require_dense(name, X, scaling):
    """Raise a ValueError for sparse samples, which the scaling would fill."""
    if not isinstance(X, np.ndarray):
        raise ValueError(
            f"{name} must be dense with scaling={scaling.method!r}, whose center would fill what "
            f"is not stored; divide its columns before, by scikit-learn's MaxAbsScaler, say"
        )


def fit_scaling(network, loss, X, y, scaling):
    """Return the scaling as these samples, in float64, determine it."""
    _checks.require_finite("X", X)
    if is_function(loss):
        y = numbers_of(y, network.layer_sizes[-1])
    if y is None or network.output_activation != "identity":
        return scaling.fitted(X, None)
    _checks.require_finite("y", y)
    fitted = scaling.fitted(X, y)
    largest = np.finfo(network.dtype).max
    if (np.abs(fitted.output_center) + fitted.output_scale > largest).any():
        raise ValueError(f"y must be finite in {network.dtype}, got values up to {np.abs(y).max()}")
    return fitted


def numbers_of(y, n_outputs):
    """Return the rows of finite targets (n, n_outputs) of a user's function, or None without any.

    Other targets say nothing about the outputs.
    """
    if y.dtype.kind not in "biuf" or y.shape[1:] != (n_outputs,):
        return None
    y = y[np.isfinite(y).all(axis=1)].astype(np.float64)
    return y if len(y) else None


def scaled(scale, name, array, dtype):
    """Return scale(array) in `dtype`; the core refuses what overflows."""
    _checks.require_finite(name, array)
    with np.errstate(over="ignore"):
        return np.asarray(scale(array), dtype=dtype)
