"""Warnings that point at the line of the user's call."""

import os
import sys
import warnings

PACKAGE = os.path.dirname(__file__) + os.sep
# Modules of scikit-learn that stand between a user's call of `fit` and the estimators' own code.
WRAPPERS = ("sklearn.base", "sklearn.neural_network._multilayer_perceptron")


def warn(
    message: str | Warning, category: type[Warning] = UserWarning, module: str = "denseloop"
) -> None:
    """Warn at the innermost line outside this package.

    Filters for `module` find the warning, as well as those for denseloop and for the user's module.

    Parameters
    ----------
    message : str or Warning
    category : type of Warning, default UserWarning
        Class of the warning; ignored if `message` is a Warning itself.
    module : str, default "denseloop"
        Name of the module that warns, or would warn in scikit-learn.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_internal(frame):
        frame = frame.f_back
    names = frame.f_globals
    modules = [module, "denseloop", names.get("__name__", "<string>")]
    text, category = str(message), type(message) if isinstance(message, Warning) else category
    warnings.warn_explicit(
        message,
        category,
        filename=frame.f_code.co_filename,
        lineno=frame.f_lineno,
        module=_module_of_first_filter(modules, text, category, frame.f_lineno),
        registry=names.setdefault("__warningregistry__", {}),
    )


def call_with_warnings(module, function, *args, **options):
    """Return function(*args, **options), whose warnings point at the user's line instead."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = function(*args, **options)
    for warning in caught:
        warn(warning.message, module=module)
    return result


def _module_of_first_filter(modules, text, category, line):
    """Return the module, of these, that the first filter for any of them names.

    Python matches a warning's filters with one module only.
    """
    for _, pattern, filtered, of_module, of_line in warnings.filters:
        if issubclass(category, filtered) and _matches(pattern, text) and of_line in (0, line):
            for module in modules:
                if _matches(of_module, module):
                    return module
    return modules[0]


def _matches(pattern, text):
    """Match as Python does: a pattern of None fits all, and a str only itself."""
    if pattern is None or isinstance(pattern, str):
        return pattern in (None, text)
    return pattern.match(text) is not None


def _is_internal(frame):
    """Return whether the frame runs code of this package or of scikit-learn's wrappers."""
    return (
        frame.f_code.co_filename.startswith(PACKAGE) or frame.f_globals.get("__name__") in WRAPPERS
    )
