"""The ensemble of regressors."""

from __future__ import annotations  # which help() shows as they are written

from typing import Literal, overload

import numpy as np
from sklearn.ensemble import BaggingRegressor
from sklearn.utils.validation import check_is_fitted, validate_data

from denseloop._types import MatrixLike
from denseloop.neural_network._ensemble import Ensemble, constraints
from denseloop.neural_network._types import (
    Activations,
    BatchSize,
    Random,
    RateSchedule,
    RegressorLoss,
    RegressorSolver,
    Sizes,
    StoppingCriterion,
)
from denseloop.neural_network.regressor import MLPRegressor

__all__ = ["MLPEnsembleRegressor"]


class MLPEnsembleRegressor(Ensemble, BaggingRegressor):
    """Regressors that are fitted on threads, and whose outputs are averaged.

    It is scikit-learn's ``BaggingRegressor`` over `MLPRegressor`, with its bits for the same
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
    loss, hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate
    learning_rate_init, power_t, max_iter, shuffle, tol, momentum, nesterovs_momentum
    early_stopping, validation_fraction, beta_1, beta_2, epsilon, n_iter_no_change, max_fun
    stopping_criterion, n_restarts
        As for `MLPRegressor`, for each member.

    Attributes
    ----------
    estimators_ : list of MLPRegressor
        Members.
    estimators_samples_ : list of ndarray of int
        Indices of the samples that were drawn for each member.
    oob_score_ : float
        R2 on the samples, each predicted by the members that were not fitted to it; with
        `oob_score`, which is for one output.
    oob_prediction_ : ndarray of shape (n_samples,)
        That prediction, 0 where there is no such member; with `oob_score`.
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
    >>> import numpy as np
    >>> from denseloop.neural_network import MLPEnsembleRegressor
    >>> X = np.linspace(-1, 1, 50).reshape(-1, 1)
    >>> y = np.sin(3 * X).ravel()
    >>> ensemble = MLPEnsembleRegressor(
    ...     hidden_layer_sizes=8, activation="tanh", solver="lm", random_state=0
    ... )
    >>> mean, std = ensemble.fit(X, y).predict([[0.5], [3.0]], return_std=True)
    >>> bool(std[0] < 0.01 < std[1])  # the members disagree where they have seen no samples
    True
    """

    __module__ = "denseloop.neural_network"
    _member_class = MLPRegressor
    _file_kind = "MLPEnsembleRegressor"
    _parameter_constraints = constraints(MLPRegressor, BaggingRegressor)

    def __init__(
        self,
        n_estimators: int = 10,
        *,
        max_samples: int | float = 1.0,
        bootstrap: bool = True,
        oob_score: bool = False,
        n_jobs: int | None = None,
        loss: RegressorLoss = "squared_error",
        hidden_layer_sizes: Sizes = (100,),
        activation: Activations = "relu",
        solver: RegressorSolver = "adam",
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
        stopping_criterion: StoppingCriterion = "score",
        n_restarts: int = 1,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.n_jobs = n_jobs
        self.loss = loss
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
        self.stopping_criterion = stopping_criterion
        self.n_restarts = n_restarts

    @overload
    def predict(self, X: MatrixLike, return_std: Literal[False] = False) -> np.ndarray: ...
    @overload
    def predict(
        self, X: MatrixLike, return_std: Literal[True]
    ) -> tuple[np.ndarray, np.ndarray]: ...
    def predict(
        self, X: MatrixLike, return_std: bool = False
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Return the mean of the members' outputs.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.
        return_std : bool, default=False
            Whether to return the standard deviation over the members, too.

        Returns
        -------
        mean : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predicted numbers.
        std : ndarray of the same shape
            Their standard deviations, if `return_std`.

        Examples
        --------
        >>> import numpy as np
        >>> from denseloop.neural_network import MLPEnsembleRegressor
        >>> X = np.arange(12.0).reshape(-1, 1)
        >>> ensemble = MLPEnsembleRegressor(
        ...     5, hidden_layer_sizes=(), solver="lm", alpha=0, tol=1e-9, random_state=0
        ... )
        >>> mean, std = ensemble.fit(X, 2 * X.ravel()).predict([[20.0]], return_std=True)
        >>> mean.round(4), bool(std < 1e-4)
        (array([40.]), True)
        """
        check_is_fitted(self)
        X = validate_data(
            self,
            X,
            accept_sparse=["csr", "csc"],
            dtype=None,
            ensure_all_finite=False,  # which the members check
            reset=False,
        )
        outputs = [member.predict(X) for member in self.estimators_]
        mean = sum(outputs) / len(outputs)  # in Bagging's order
        return (mean, np.std(outputs, axis=0)) if return_std else mean

    def _validate_y(self, y):
        y = super()._validate_y(y)
        if self.oob_score and y.ndim > 1:
            raise ValueError(f"oob_score=True needs one output, got {y.shape[1]} of them")
        return y
