"""States of pickled estimators, also of scikit-learn's own."""

import inspect

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
            )
        )


def add_defaults(estimator, state):
    """Return the state with defaults for what a pickle of scikit-learn's estimator lacks."""
    parameters = inspect.signature(type(estimator)).parameters
    defaults = {name: p.default for name, p in parameters.items() if p.default is not p.empty}
    if "coefs_" in state:
        defaults |= {
            "validation_loss_curve_": [],
            "best_validation_loss_": np.inf,
            "evals_result_": {},
        }
    return defaults | state
