"""Warnings that point at the line of the user's call."""

import os
import sys
import warnings

PACKAGE = os.path.dirname(__file__) + os.sep
# Modules of scikit-learn that stand between a user's call of `fit` and the estimators' own code.
WRAPPERS = ("sklearn.base", "sklearn.neural_network._multilayer_perceptron")


def warn(message: str | Warning, category: type[Warning] = UserWarning) -> None:
    """Warn at the innermost line outside this package.

    Parameters
    ----------
    message : str or Warning
    category : type of Warning, default UserWarning
        Class of the warning; ignored if `message` is a Warning itself.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_internal(frame):
        frame = frame.f_back
    names = frame.f_globals
    warnings.warn_explicit(
        message,
        category,
        filename=frame.f_code.co_filename,
        lineno=frame.f_lineno,
        module=names.get("__name__", "<string>"),
        registry=names.setdefault("__warningregistry__", {}),
    )


def call_with_warnings(function, *args, **options):
    """Return function(*args, **options), whose warnings point at the user's line instead."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = function(*args, **options)
    for warning in caught:
        warn(warning.message)
    return result


def _is_internal(frame):
    """Return whether the frame runs code of this package or of scikit-learn's wrappers."""
    return (
        frame.f_code.co_filename.startswith(PACKAGE) or frame.f_globals.get("__name__") in WRAPPERS
    )
