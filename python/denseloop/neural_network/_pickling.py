"""Copies and pickles of estimators, also of scikit-learn's own."""

import inspect
from functools import lru_cache
from typing import Any, Self

import numpy as np
from sklearn import __version__ as sklearn_version
from sklearn.exceptions import InconsistentVersionWarning

from denseloop._warnings import warn
from denseloop.neural_network import _overrides
from denseloop.neural_network._network import use_network_of_core
from denseloop.neural_network._scikit_learn import EstimatorMixin

# Attributes that an estimator makes anew when it lacks them. To read a generator takes most of the
# time in which a small estimator is read.
NOT_PICKLED = (
    "_network",
    "_own_generator",
    "_random_state",
    "_is_shared",
    "_more_of_fit",
    "_by_scikit_learn",
)


class Pickled(EstimatorMixin):
    """A mixin for an estimator that is copied and pickled, as Perceptron's are."""

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())  # not the estimator's own
        for name in NOT_PICKLED:
            state.pop(name, None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a pickled estimator, which may be scikit-learn's own."""
        check_version(self, state)
        self.__dict__.update(add_defaults(self, state))
        self.__dict__.pop("_sklearn_version", None)
        by_core = not _overrides.of_attributes(type(self))
        if "_network" not in state and "coefs_" in state and by_core:
            use_network_of_core(self)

    def __copy__(self) -> Self:
        """Return a shallow copy, which shares what is fitted until one of both is trained."""
        self._is_shared = True
        copied = object.__new__(type(self))
        copied.__setstate__(
            self.__getstate__() | {"_network": vars(self).get("_network"), "_is_shared": True}
        )
        return copied


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
