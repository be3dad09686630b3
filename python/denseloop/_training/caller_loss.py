"""A loss that the user computes, as the core calls it."""

import numpy as np

from denseloop import _checks, _core


def caller_loss(function, network, scaling, y):
    """Return the core's loss that calls ``function(outputs, targets)`` for each batch.

    `y` has all targets, in an array of any shape (n_samples, ...) and any dtype.
    """
    dtype, n_outputs = network.dtype, network.layer_sizes[-1]
    y = y.view()
    y.flags.writeable = False  # the function gets views of it

    def evaluate(rows, outputs):
        if scaling is not None:
            outputs = scaling.restore_outputs(outputs)
        value, derivatives = read_result(function(outputs, y[rows]), (len(outputs), n_outputs))
        if scaling is not None:
            derivatives = scaling.scale_derivatives(derivatives)
        return value, np.ascontiguousarray(derivatives, dtype)

    kind = _core.CallerLoss64 if dtype == np.float64 else _core.CallerLoss32
    return kind(evaluate, len(y), n_outputs)


def read_result(result, shape):
    """Return the value and the derivatives that the user's function has returned."""
    problem = "the function given as loss must return (value, derivatives by the outputs)"
    try:
        value, derivatives = result
    except (TypeError, ValueError):
        raise TypeError(f"{problem}, got a {type(result).__name__}") from None
    try:
        value = _checks.to_float(value)
    except (TypeError, ValueError):
        form = f" of shape {value.shape}" if hasattr(value, "shape") else ""
        raise TypeError(
            f"{problem}, and a number as value, got a {type(value).__name__}{form}"
        ) from None
    derivatives = _checks.real_array("derivatives by the outputs", derivatives, np.float64)
    if derivatives.shape != shape:
        raise ValueError(
            f"the function given as loss must return derivatives of the shape of its outputs, "
            f"{shape}, got {derivatives.shape}"
        )
    return value, derivatives


def check_caller_terms(terms):
    """Raise a ValueError unless the terms {name: (given, needed)} leave them to the function."""
    for name, (given, needed) in terms.items():
        if given is needed or (isinstance(given, str) and given == needed):
            continue
        got = repr(given) if isinstance(given, str) else f"a {type(given).__name__}"
        raise ValueError(
            f"with a function as loss, {name} must be {needed!r}, got {got}; the function "
            f"weights and sums its batch itself"
        )
