"""The classifier of Dask collections."""

from __future__ import annotations  # which help() shows as they are written

import inspect
from typing import TYPE_CHECKING, ClassVar, overload

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin

from denseloop._dask.estimators import DaskPerceptron, constraints
from denseloop._dask.types import Collection
from denseloop.neural_network import MLPClassifier
from denseloop.neural_network._types import (
    Activations,
    ClassifierSolver,
    ClassWeight,
    Random,
    RateSchedule,
    Sizes,
    StoppingCriterion,
)

if TYPE_CHECKING:
    from dask.array import Array
    from dask.dataframe import DataFrame
    from distributed import Client


__all__ = ["DaskMLPClassifier"]


class DaskMLPClassifier(ClassifierMixin, DaskPerceptron):
    """The `MLPClassifier` of `denseloop.neural_network` for the rows of Dask collections.

    A fit gets the bits that the local estimator gets with ``shuffle=False`` and the same
    `batch_size` from the same rows in one memory, for any number of workers and any partitions. The
    rows stay on the workers: for each update these get the parameters, and return sums.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, or int, default (100,)
        Widths of the hidden layers; an empty sequence makes a network without any.
    activation : str or list of str, default "relu"
        Activation of the hidden layers, one for all or a list of one per layer.
    solver : {"adam", "sgd", "lbfgs", "rprop"}, default "adam"
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
        restore the best parameters. Not for "lbfgs".
    class_weight : dict, "balanced" or None, default None
        Weights of the classes, by which the sample weights are multiplied; None where a sample may
        have several labels.
    stopping_criterion : {"score", "loss"}, default "score"
        What `early_stopping` watches: the accuracy or the loss.
    n_restarts : int, default 1
        Number of fits from different initial weights, of which `fit` keeps the best.
    client : distributed.Client or None, default None
        Connection to the cluster; None stands for that of `distributed.get_client`. A clone has
        the same client, a pickle or copy has None.

    Attributes
    ----------
    coefs_, intercepts_, loss_, loss_curve_, n_iter_, evals_result_ and others
        Those of the local estimator, such as `classes_`.

    Notes
    -----
    Batches of at most 4 rows, and what the local estimator leaves to scikit-learn's own loop, are
    refused. Losses, Ctrl-C and warnings are as of the local estimator.

    Examples
    --------
    >>> import dask.array as da
    >>> import numpy as np
    >>> from dask.distributed import Client
    >>> from denseloop.dask import DaskMLPClassifier
    >>> from sklearn.datasets import make_moons
    >>> X, y = (da.from_array(part, chunks=50) for part in make_moons(200, random_state=0))
    >>> model = DaskMLPClassifier(16, solver="rprop", alpha=0, random_state=0)
    >>> with Client(processes=False, dashboard_address=":0"):
    ...     model = model.fit(X, y)
    >>> local = model.to_local()
    >>> same = local.fit(*map(np.asarray, (X, y)))
    >>> all(map(np.array_equal, model.coefs_, same.coefs_))
    True
    """

    __module__ = "denseloop.dask"

    _local_class: ClassVar[type] = MLPClassifier

    def __init__(
        self,
        hidden_layer_sizes: Sizes = (100,),
        activation: Activations = "relu",
        *,
        solver: ClassifierSolver = "adam",
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
        class_weight: ClassWeight = None,
        stopping_criterion: StoppingCriterion = "score",
        n_restarts: int = 1,
        client: Client | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
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
        self.class_weight = class_weight
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
        def to_local(self) -> MLPClassifier: ...
    else:
        score = DaskPerceptron.score  # and not the mixin's
    _parameter_constraints: ClassVar[dict] = constraints(
        MLPClassifier, inspect.signature(__init__).parameters
    )

    @overload
    def predict_proba(self, X: Array) -> Array: ...
    @overload
    def predict_proba(self, X: DataFrame) -> DataFrame: ...
    @overload
    def predict_proba(self, X: ArrayLike) -> np.ndarray: ...
    def predict_proba(self, X: Array | DataFrame | ArrayLike) -> Array | DataFrame | np.ndarray:
        """Return the probabilities of the classes, lazily for a collection.

        Parameters
        ----------
        X : dask Array or DataFrame, or array-like, shape (n_samples, n_features)

        Returns
        -------
        dask Array or DataFrame, or ndarray, shape (n_samples, n_classes)
            As of `predict`; a DataFrame has the classes as columns.

        Examples
        --------
        >>> import dask.array as da
        >>> from dask.distributed import Client
        >>> from denseloop.dask import DaskMLPClassifier
        >>> X = da.arange(20, chunks=7).reshape(-1, 1) - 9.5
        >>> model = DaskMLPClassifier((), solver="rprop", random_state=0)
        >>> with Client(processes=False, dashboard_address=":0"):
        ...     model = model.fit(X, X[:, 0] > 0)
        >>> model.predict_proba(X)[:2].compute().round(2)
        array([[1., 0.],
               [1., 0.]])
        """
        return self._outputs("predict_proba", X)
