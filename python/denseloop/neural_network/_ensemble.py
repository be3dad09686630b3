"""What both ensembles add to scikit-learn's Bagging: members that are ours, on threads."""

from __future__ import annotations  # which help() shows as they are written

import inspect
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from joblib import parallel_config
from numpy.typing import ArrayLike
from sklearn import config_context, get_config
from sklearn.base import BaseEstimator

from denseloop import _threads
from denseloop._types import MatrixLike
from denseloop.neural_network._ensemble_files import SavedEnsemble

if TYPE_CHECKING:
    from sklearn.utils.metadata_routing import MetadataRequest, MetadataRouter

# Parameters of an ensemble that its members lack, or that its members do not get.
OF_ENSEMBLE = ("n_estimators", "max_samples", "bootstrap", "oob_score", "n_jobs")
NOT_FOR_MEMBERS = ("random_state", "verbose", "warm_start")


def constraints(member_class, bagging_class):
    """Return the constraints of an ensemble's parameters."""
    of_bagging = bagging_class._parameter_constraints
    return member_class._parameter_constraints | {name: of_bagging[name] for name in OF_ENSEMBLE}


class Ensemble(SavedEnsemble):
    """A mixin for a Bagging of scikit-learn, whose members are of `_member_class`."""

    # What are parameters of Bagging, and not of ours.
    estimator: None = None
    estimator_params: tuple[()] = ()
    max_features: float = 1.0
    bootstrap_features: bool = False

    _is_fitting = False

    def fit(self, X: MatrixLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit all members, each to a sample of the samples.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training samples.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels for classification, numbers for regression.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, which scikit-learn's Bagging heeds: as probabilities of being
            drawn from scikit-learn 1.9 on, as weights of the losses before.

        Returns
        -------
        self : estimator
            The fitted ensemble.

        Raises
        ------
        ValueError, TypeError
            As a member's fit does, and for parameters that do not go together.

        Examples
        --------
        >>> import numpy as np
        >>> from denseloop.neural_network import MLPEnsembleRegressor
        >>> X = np.arange(12.0).reshape(-1, 1)
        >>> ensemble = MLPEnsembleRegressor(5, hidden_layer_sizes=(), solver="lm", random_state=0)
        >>> len(ensemble.fit(X, 2 * X.ravel()).estimators_)
        5
        """
        if not get_config()["skip_parameter_validation"]:
            self._validate_params()
        self._is_fitting = True
        try:
            with (
                parallel_config("threading", n_jobs=_threads.allowed(None)),
                config_context(skip_parameter_validation=True),  # the members' are the same
            ):
                return super().fit(X, y, sample_weight=sample_weight)
        finally:
            del self._is_fitting

    @property
    def n_iter_(self) -> int:
        """Largest number of epochs of a member's fit."""
        return max(member.n_iter_ for member in self.estimators_)

    def get_metadata_routing(self) -> MetadataRequest | MetadataRouter:
        """Return the requests of this ensemble, which no member adds to.

        Returns
        -------
        MetadataRequest
        """
        if self._is_fitting:  # where Bagging, before scikit-learn 1.9, asks who gets the weights
            return super().get_metadata_routing()
        return BaseEstimator.get_metadata_routing(self)

    def _get_estimator(self):
        """Return a new member, for Bagging to copy."""
        names = member_parameters(self._member_class)
        member = self._member_class(**{name: getattr(self, name) for name in names})
        if get_config()["enable_metadata_routing"]:  # Bagging would copy samples otherwise
            member.set_fit_request(sample_weight=True)
        return member

    def _make_estimator(self, append=True, random_state=None):
        """Return a member to be fitted, in the thread that will fit it."""
        if not self._is_fitting:  # an interrupt has ended the fit, but not this thread
            raise RuntimeError("the fit of the ensemble has ended")
        member = super()._make_estimator(append=append, random_state=random_state)
        member._is_member = True
        return member


@lru_cache
def member_parameters(member_class):
    """Return the names of the parameters that members get from their ensemble."""
    return [
        name for name in inspect.signature(member_class).parameters if name not in NOT_FOR_MEMBERS
    ]


def in_this_thread():
    """Return a context in which Bagging asks its members one by one.

    Each then has the threads, and the order of their sum is that of ``n_jobs=1``.
    """
    return parallel_config("sequential")
