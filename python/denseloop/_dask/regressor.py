"""The regressor of Dask collections."""

from __future__ import annotations  # which help() shows as they are written

import inspect
from typing import TYPE_CHECKING, ClassVar

from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin

from denseloop._dask.estimators import DaskPerceptron, constraints
from denseloop._dask.types import Collection
from denseloop.neural_network import MLPRegressor
from denseloop.neural_network._types import (
    Activations,
    Random,
    RateSchedule,
    RegressorLoss,
    RegressorSolver,
    Sizes,
    StoppingCriterion,
)

if TYPE_CHECKING:
    from distributed import Client


__all__ = ["DaskMLPRegressor"]


class DaskMLPRegressor(RegressorMixin, DaskPerceptron):
    """The `MLPRegressor` of `denseloop.neural_network` for the rows of Dask collections.

    A fit gets the bits that the local estimator gets with ``shuffle=False`` and the same
    `batch_size` from the same rows in one memory, for any number of workers and any partitions. The
    rows stay on the workers: for each update these get the parameters, and return sums.

    Parameters
    ----------
    loss : str, Huber or Quantile, default "squared_error"
        Loss: "squared_error", "poisson", "absolute_error", "huber", "quantile",
        `denseloop.Huber` or `denseloop.Quantile`.
    hidden_layer_sizes : sequence of int, or int, default (100,)
        Widths of the hidden layers; an empty sequence makes a network without any.
    activation : str or list of str, default "relu"
        Activation of the hidden layers, one for all or a list of one per layer.
    solver : {"adam", "sgd", "lbfgs", "rprop", "lm"}, default "adam"
        Optimizer, as for the local estimator.
    alpha : float, default 0.0001
        Strength of the L2 penalty.
    batch_size : int or None, default None
        Number of rows of an update of "sgd" and "adam", at least 5: of consecutive rows, in their
        order. None stands for all rows; smaller batches than some hundred thousand are not worth
        the messages.
    learning_rate, learning_rate_init, power_t, momentum, nesterovs_momentum
    beta_1, beta_2, epsilon, max_iter, tol, n_iter_no_change, max_fun, verbose
        As for the local estimator, with its defaults.
    random_state : int, RandomState instance or None, default None
        Seed or generator of the initial weights.
    warm_start : bool, default False
        Whether `fit` continues from the parameters of the last fit.
    early_stopping : bool, default False
        Whether to stop when the score or loss of the `eval_set` of `fit` no longer improves, and
        restore the best parameters. Not for "lbfgs" and "lm".
    stopping_criterion : {"score", "loss"}, default "score"
        What `early_stopping` watches: the R2 or the loss.
    n_restarts : int, default 1
        Number of fits from different initial weights, of which `fit` keeps the best.
    client : distributed.Client or None, default None
        Connection to the cluster; None stands for that of `distributed.get_client`. A clone has
        the same client, a pickle or copy has None.

    Attributes
    ----------
    coefs_, intercepts_, loss_, loss_curve_, n_iter_, evals_result_ and others
        Those of the local estimator.

    Notes
    -----
    Batches of at most 4 rows, and what the local estimator leaves to scikit-learn's own loop, are
    refused. Losses, Ctrl-C and warnings are as of the local estimator.

    Examples
    --------
    >>> import dask.array as da
    >>> import numpy as np
    >>> from dask.distributed import Client
    >>> from denseloop.dask import DaskMLPRegressor
    >>> X = da.random.default_rng(0).random((10_000, 3), chunks=(1_000, 3))
    >>> y = da.sin(3 * X).sum(axis=1)
    >>> model = DaskMLPRegressor(8, "tanh", solver="lm", max_iter=10, tol=0.1, random_state=0)
    >>> with Client(processes=False, dashboard_address=":0"):
    ...     model = model.fit(X, y)
    >>> same = model.to_local().fit(X.compute(), y.compute())
    >>> all(map(np.array_equal, model.coefs_, same.coefs_))
    True
    """

    __module__ = "denseloop.dask"

    _local_class: ClassVar[type] = MLPRegressor

    def __init__(
        self,
        hidden_layer_sizes: Sizes = (100,),
        activation: Activations = "relu",
        *,
        loss: RegressorLoss = "squared_error",
        solver: RegressorSolver = "adam",
        alpha: float = 0.0001,
        batch_size: int | None = None,
        learning_rate: RateSchedule = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        random_state: Random = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int | float = 10,
        max_fun: int = 15000,
        stopping_criterion: StoppingCriterion = "score",
        n_restarts: int = 1,
        client: Client | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.loss = loss
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.stopping_criterion = stopping_criterion
        self.n_restarts = n_restarts
        self.client = client

    if TYPE_CHECKING:

        def score(
            self,
            X: Collection | ArrayLike,
            y: Collection | ArrayLike,
            sample_weight: Collection | ArrayLike | None = None,
        ) -> float: ...
        def to_local(self) -> MLPRegressor: ...
    else:
        score = DaskPerceptron.score  # and not the mixin's
    _parameter_constraints: ClassVar[dict] = constraints(
        MLPRegressor, inspect.signature(__init__).parameters
    )
