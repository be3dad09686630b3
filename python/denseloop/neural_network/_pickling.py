"""States of pickled estimators, also of scikit-learn's own."""

import inspect
from functools import lru_cache

import numpy as np
from sklearn import __version__ as sklearn_version
from sklearn.exceptions import InconsistentVersionWarning

from denseloop._warnings import warn


def check_version(estimator, state):
    """Warn if another version of scikit-learn wrote the state."""
    version = state.get("_sklearn_version", sklearn_version)
    if version != sklearn_version:
        warn(
            InconsistentVersionWarning(
                estimator_name=type(estimator).__name__,
                current_sklearn_version=sklearn_version,
                original_sklearn_version=version,
            ),
            module="sklearn.base",
        )


def add_defaults(estimator, state):
    """Return the state with defaults for what a pickle of scikit-learn's estimator lacks."""
    defaults = _default_parameters(type(estimator))
    if "coefs_" in state:
        defaults = defaults | {
            "validation_loss_curve_": [],
            "best_validation_loss_": np.inf,
            "evals_result_": {},
        }
    return state if defaults.keys() <= state.keys() else defaults | state


@lru_cache(maxsize=64)
def _default_parameters(estimator_class):
    parameters = inspect.signature(estimator_class).parameters
    return {name: p.default for name, p in parameters.items() if p.default is not p.empty}
