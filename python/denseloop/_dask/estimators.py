"""What both estimators of Dask collections share: fit, predictions, scores and copies."""

from __future__ import annotations  # which help() shows as they are written

from contextlib import ExitStack
from copy import deepcopy
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, Self, overload

import dask
import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from denseloop._dask import fitting, predictions
from denseloop._dask.training import connected
from denseloop._dask.types import CollectedEvalSets, Collection
from denseloop._dask.waiting import without_a_thread
from denseloop.neural_network import MLPClassifier, MLPRegressor
from denseloop.neural_network._scikit_learn import Interval

if TYPE_CHECKING:
    from dask.array import Array
    from dask.dataframe import DataFrame, Series
    from distributed import Client


# Attributes that are neither parameters nor found by a fit.
OF_SCIKIT_LEARN = ("_metadata_request", "_sklearn_version")


def constraints(local_class, names):
    """Return the constraints of the parameters that an estimator shares with its local class."""
    of_local = local_class._parameter_constraints
    return {name: of_local[name] for name in names if name in of_local} | {
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "client": "no_validation",
    }


class DaskPerceptron(BaseEstimator):
    """A perceptron that is fitted to the rows of Dask collections where they are.

    Its attributes after a fit are those of a local estimator.
    """

    _local_class: ClassVar[type]
    batch_size: int | None
    warm_start: bool
    client: Client | None

    def fit(
        self,
        X: Collection,
        y: Collection,
        *,
        sample_weight: Collection | None = None,
        eval_set: CollectedEvalSets = None,
    ) -> Self:
        """Fit the network to the rows of collections.

        Ctrl-C or an error during the training leaves the estimator after its last finished epoch,
        and with "lbfgs" at its first weights; before the training, it is left as it was. Lazy
        labels of a classifier are computed twice.

        Parameters
        ----------
        X : dask Array or DataFrame, shape (n_samples, n_features)
            Training samples, dense. Rows are numbered through all partitions.
        y : dask Array, Series or DataFrame, shape (n_samples,) or (n_samples, n_outputs)
            Class labels or indicators for classification, numbers for regression.
        sample_weight : dask Array or Series, shape (n_samples,), default=None
            Weights of the samples, at least 0; None weighs all alike.
        eval_set : tuple (X, y) or (X, y, sample_weight), or list of such tuples, default=None
            Validation samples, as collections. As for the local estimators; `early_stopping` needs
            them.

        Returns
        -------
        self : estimator
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            For invalid parameters, samples or weights, of which the message names the partition,
            and if the network's parameters become non-finite.
        RuntimeError
            If a worker has another version of denseloop or NumPy, or rows are lost that Dask cannot
            compute again.
        ConnectionError
            If the scheduler is lost.

        Examples
        --------
        >>> import dask.array as da
        >>> from dask.distributed import Client
        >>> from denseloop.dask import DaskMLPRegressor
        >>> X = da.arange(20, chunks=7).reshape(-1, 1)
        >>> model = DaskMLPRegressor((), solver="lm", alpha=0, random_state=0)
        >>> with Client(processes=False, dashboard_address=":0"):
        ...     model = model.fit(X, 2 * X[:, 0], eval_set=[(X, 2 * X[:, 0])])
        >>> round(model.evals_result_["validation_0"]["r2"][-1], 4)
        1.0
        """
        self._validate_params()
        kind = fitting.trained_class(self._local_class, type(self).__name__)
        local = self._new_local(kind, found_by(self) if self.warm_start else {})
        with ExitStack() as stack:
            stack.enter_context(without_a_thread())
            fit = fitting.Fit(connected(self.client), local, self.batch_size, stack)
            train = fit.prepare(X, y, sample_weight, eval_set)
            try:
                train()
            finally:
                self._take_from(local)
        return self

    @overload
    def predict(self, X: Array) -> Array: ...
    @overload
    def predict(self, X: DataFrame) -> Series | DataFrame: ...
    @overload
    def predict(self, X: ArrayLike) -> np.ndarray: ...
    def predict(self, X: Array | DataFrame | ArrayLike) -> Array | Series | DataFrame | np.ndarray:
        """Return the predictions for `X`, lazily for a collection.

        Parameters
        ----------
        X : dask Array or DataFrame, or array-like, shape (n_samples, n_features)

        Returns
        -------
        dask Array, Series or DataFrame, or ndarray
            What the local estimator predicts: for an Array an Array with its chunks of rows, for a
            DataFrame a Series (or for several outputs a DataFrame) with its index, which are
            computed when they are needed, on any scheduler; for other samples an ndarray, at once.

        Examples
        --------
        >>> import dask.array as da
        >>> from dask.distributed import Client
        >>> from denseloop.dask import DaskMLPRegressor
        >>> X = da.arange(20, chunks=7).reshape(-1, 1)
        >>> model = DaskMLPRegressor((), solver="lm", alpha=0, tol=1e-9, random_state=0)
        >>> with Client(processes=False, dashboard_address=":0"):
        ...     model = model.fit(X, 2 * X[:, 0])
        >>> model.predict(X).chunks, model.predict([[30.0]]).round(4)
        (((7, 7, 6),), array([60.]))
        """
        return self._outputs("predict", X)

    def _outputs(self, method, X):
        local = self.to_local()
        if not dask.is_dask_collection(X):
            return getattr(local, method)(X)
        return predictions.predict(local, method, X)

    def score(
        self,
        X: Collection | ArrayLike,
        y: Collection | ArrayLike,
        sample_weight: Collection | ArrayLike | None = None,
    ) -> float:
        """Return the score of the predictions, as scikit-learn's: R2 or the accuracy.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`, or in the memory of this process. Collections are computed, each part
            where it is.

        Returns
        -------
        float

        Examples
        --------
        >>> import dask.array as da
        >>> from dask.distributed import Client
        >>> from denseloop.dask import DaskMLPRegressor
        >>> X = da.arange(20, chunks=7).reshape(-1, 1)
        >>> model = DaskMLPRegressor((), solver="lm", alpha=0, random_state=0)
        >>> with Client(processes=False, dashboard_address=":0"):
        ...     round(model.fit(X, 2 * X[:, 0]).score(X, 2 * X[:, 0]), 4)
        1.0
        """
        local = self.to_local()
        if not dask.is_dask_collection(X):
            return local.score(X, y, sample_weight)
        return fitting.score(connected(self.client), local, X, y, sample_weight)

    def to_local(self) -> MLPClassifier | MLPRegressor:
        """Return a fitted local estimator, a copy that has no connection to the cluster.

        Returns
        -------
        MLPClassifier or MLPRegressor
            Of `denseloop.neural_network`. Fitted to the gathered samples, it has the same bits.

        Raises
        ------
        NotFittedError
            Before the first fit.

        Examples
        --------
        >>> import dask.array as da
        >>> from dask.distributed import Client
        >>> from denseloop.dask import DaskMLPRegressor
        >>> X = da.arange(20, chunks=7).reshape(-1, 1)
        >>> model = DaskMLPRegressor((), solver="lm", alpha=0, random_state=0)
        >>> with Client(processes=False, dashboard_address=":0"):
        ...     model = model.fit(X, 2 * X[:, 0])
        >>> model.to_local()
        MLPRegressor(alpha=0, batch_size=20, hidden_layer_sizes=(), random_state=0,
                     shuffle=False, solver='lm')
        """
        check_is_fitted(self, "coefs_")
        return deepcopy(self._new_local(self._local_class, found_by(self)))

    def _new_local(self, kind, found):
        """Return a local estimator with the parameters, and copies of what a fit has found."""
        local, parameters = kind(), self.get_params(deep=False)
        given = {name: parameters[name] for name in vars(local) if name in parameters}
        found = deepcopy(found)
        given |= {"shuffle": False, "batch_size": found.pop("_fit_batch_size", "auto")}
        local.__setstate__(vars(local) | given | found)
        return local

    def _take_from(self, local):
        """Take what a fit of the local estimator has found."""
        kept = {k: v for k, v in vars(self).items() if k not in found_by(self)}
        self.__dict__ = kept | found_by(local) | {"_fit_batch_size": local.batch_size}

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes but the client, which belongs to this process."""
        return dict(super().__getstate__()) | {"client": None}

    def __sklearn_clone__(self) -> Self:
        """Return an unfitted estimator with the same client and copies of the other parameters."""
        parameters = self.get_params(deep=False)
        client = parameters.pop("client")
        copies = {name: clone(value, safe=False) for name, value in parameters.items()}
        copied = type(self)(**copies, client=client)
        copied.__dict__.update({k: v for k, v in vars(self).items() if k in OF_SCIKIT_LEARN})
        return copied


def found_by(estimator):
    """Return what a fit of the estimator has found, as it is pickled."""
    others = {*estimator.get_params(deep=False), *OF_SCIKIT_LEARN}
    return {k: v for k, v in estimator.__getstate__().items() if k not in others}
