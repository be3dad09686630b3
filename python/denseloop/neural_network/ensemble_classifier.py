"""The ensemble of classifiers."""

from __future__ import annotations  # which help() shows as they are written

import numpy as np
from sklearn.ensemble import BaggingClassifier
from sklearn.utils import compute_class_weight

from denseloop._types import MatrixLike
from denseloop.neural_network._ensemble import Ensemble, constraints, in_this_thread
from denseloop.neural_network._scikit_learn import StrOptions
from denseloop.neural_network._types import (
    Activations,
    BatchSize,
    ClassifierSolver,
    ClassWeight,
    Random,
    RateSchedule,
    Sizes,
    StoppingCriterion,
)
from denseloop.neural_network.classifier import MLPClassifier

__all__ = ["MLPEnsembleClassifier"]


class MLPEnsembleClassifier(Ensemble, BaggingClassifier):
    """Classifiers that are fitted on threads, and whose probabilities are averaged.

    It is scikit-learn's ``BaggingClassifier`` over `MLPClassifier`, with its bits for the same
    `random_state`. Each member minimizes the mean of its own loss.

    Parameters
    ----------
    n_estimators : int, default 10
        Number of members.
    max_samples : float, int or None, default 1.0
        Number of samples that are drawn for a member, as a share of all or as a count.
    bootstrap : bool, default True
        Whether a sample may be drawn several times for a member; it then counts so often.
    oob_score : bool, default False
        Whether to score the ensemble on the samples that its members were not fitted to. Not
        without `bootstrap`, and not with `warm_start`.
    n_jobs : int or None, default None
        Number of threads that fit members; None is as many as the process may keep busy, at most
        OMP_NUM_THREADS, and -1 one for each CPU. It changes no bit of a result.
    random_state : int, RandomState instance or None, default None
        Seed or generator of the members' seeds, by which samples, initial weights, validation
        splits and orders are drawn.
    verbose : bool or int, default False
        How much joblib prints about the members. They print nothing themselves.
    warm_start : bool, default False
        Whether `fit` keeps the members that there are, and adds those that `n_estimators` asks for.
    hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate, learning_rate_init
    power_t, max_iter, shuffle, tol, momentum, nesterovs_momentum, early_stopping
    validation_fraction, beta_1, beta_2, epsilon, n_iter_no_change, max_fun, class_weight
    stopping_criterion, n_restarts
        As for `MLPClassifier`, for each member. `class_weight` is no list, since there is one
        output.

    Attributes
    ----------
    estimators_ : list of MLPClassifier
        Members, whose classes are the indices of `classes_`.
    estimators_samples_ : list of ndarray of int
        Indices of the samples that were drawn for each member.
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    n_classes_ : int
        Number of classes.
    oob_score_ : float
        Accuracy on the samples, each predicted by the members that were not fitted to it; with
        `oob_score`.
    oob_decision_function_ : ndarray of shape (n_samples, n_classes)
        Probabilities of that prediction, nan where there is no such member; with `oob_score`.
    n_iter_ : int
        Largest number of epochs of a member's fit.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Raises
    ------
    ValueError, TypeError
        By `fit`, as scikit-learn's Bagging and a member's fit do.

    Examples
    --------
    >>> from denseloop.neural_network import MLPEnsembleClassifier
    >>> from sklearn.datasets import make_moons
    >>> X, y = make_moons(200, noise=0.1, random_state=0)
    >>> ensemble = MLPEnsembleClassifier(
    ...     30, hidden_layer_sizes=(16,), solver="lbfgs", oob_score=True, random_state=0
    ... )
    >>> ensemble.fit(X, y).score(X, y)
    1.0
    """

    __module__ = "denseloop.neural_network"
    _member_class = MLPClassifier
    _file_kind = "MLPEnsembleClassifier"
    _parameter_constraints = constraints(MLPClassifier, BaggingClassifier) | {
        "class_weight": [dict, StrOptions({"balanced"}), None]
    }

    def __init__(
        self,
        n_estimators: int = 10,
        *,
        max_samples: int | float = 1.0,
        bootstrap: bool = True,
        oob_score: bool = False,
        n_jobs: int | None = None,
        hidden_layer_sizes: Sizes = (100,),
        activation: Activations = "relu",
        solver: ClassifierSolver = "adam",
        alpha: float = 0.0001,
        batch_size: BatchSize = "auto",
        learning_rate: RateSchedule = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Random = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int | float = 10,
        max_fun: int = 15000,
        class_weight: ClassWeight = None,
        stopping_criterion: StoppingCriterion = "score",
        n_restarts: int = 1,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.n_jobs = n_jobs
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.class_weight = class_weight
        self.stopping_criterion = stopping_criterion
        self.n_restarts = n_restarts

    def _validate_estimator(self, default=None):
        super()._validate_estimator(default)
        if isinstance(self.class_weight, dict):  # Bagging numbers the classes for its members
            weights = compute_class_weight(
                self.class_weight, classes=self.classes_, y=self.classes_
            )
            self.estimator_.class_weight = dict(enumerate(weights))

    def _validate_y(self, y):
        y = super()._validate_y(y)
        if self.n_classes_ == 1:
            raise ValueError(
                f"y must have at least two classes, got one class: {self.classes_[0]!r}"
            )
        return y

    def predict_proba(self, X: MatrixLike) -> np.ndarray:
        """Return the mean of the members' probabilities.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities of `classes_`.

        Examples
        --------
        >>> import numpy as np
        >>> from denseloop.neural_network import MLPEnsembleClassifier
        >>> X = np.arange(12.0).reshape(-1, 1)
        >>> ensemble = MLPEnsembleClassifier(3, solver="lbfgs", random_state=0)
        >>> ensemble.fit(X, ["no"] * 6 + ["yes"] * 6).predict_proba([[2.0]]).round(2)
        array([[1., 0.]])
        """
        with in_this_thread():
            return super().predict_proba(X)

    def predict_log_proba(self, X: MatrixLike) -> np.ndarray:
        """Return the logarithms of the mean of the members' probabilities.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Logarithms for `classes_`.
        """
        with in_this_thread():
            return super().predict_log_proba(X)
