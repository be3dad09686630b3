"""Trainings over the samples of Dask collections, with the bits of a training on one machine.

`train` trains a `Network`; `DaskMLPClassifier` and `DaskMLPRegressor` are estimators.
"""

from __future__ import annotations  # which help() shows as they are written

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from denseloop._checks import instance, with_hints
from denseloop._missing import missing

try:
    from denseloop._dask import training
except ImportError as _error:
    raise missing("denseloop.dask", "dask[distributed]", _error) from None
from denseloop._dask.types import CollectedEvalSet, Collection
from denseloop.losses import DerivativeAt, Loss, Reduction
from denseloop.network import Network
from denseloop.optimizers import LearningRate, Optimizer, OptimizerName
from denseloop.progress import Progress
from denseloop.stopping import EarlyStopping

if TYPE_CHECKING:
    from distributed import Client

    from denseloop._dask.classifier import DaskMLPClassifier as DaskMLPClassifier
    from denseloop._dask.regressor import DaskMLPRegressor as DaskMLPRegressor

__all__ = ["DaskMLPClassifier", "DaskMLPRegressor", "train"]
ESTIMATORS = {"DaskMLPClassifier": "classifier", "DaskMLPRegressor": "regressor"}


def __getattr__(name: str) -> Any:
    """Import the estimators when they are wanted, since they need scikit-learn."""
    if name not in ESTIMATORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"denseloop._dask.{ESTIMATORS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


@with_hints
def train(
    client: Client | None,
    network: Network,
    X: Collection,
    y: Collection,
    *,
    epochs: int,
    learning_rate: LearningRate | None = None,
    optimizer: Optimizer | OptimizerName | None = None,
    loss: Loss = "half_squared_error",
    reduction: Reduction = "sum",
    l2: float = 0.0,
    sample_weight: Collection | None = None,
    derivative_at: DerivativeAt = "pre_activation",
    batch_size: int | None = None,
    eval_set: CollectedEvalSet | None = None,
    stopping: EarlyStopping | None = None,
    callback: Callable[[Progress], bool | None] | None = None,
    callback_every: int = 1,
    progress: bool = False,
) -> Network:
    """Train a network on samples that lie on the workers of a Dask cluster.

    The network gets the bits that ``network.train`` gives it on the same rows in one memory, for
    any number of workers and any partitions. For each update the workers get the parameters, and
    return the sums over their rows, which stay where they are.

    Ctrl-C, a lost scheduler and an error on a worker leave the network after its last finished
    update. If a worker dies, Dask loads its rows again elsewhere, and the training goes on with the
    same bits; a worker that joins gets some of the rows.

    Parameters
    ----------
    client : distributed.Client, optional
        Connection to the cluster; None stands for that of `distributed.get_client`.
    network : Network
        Network to train. If it has a `scaling`, that must be determined.
    X : dask Array or DataFrame, shape (n_samples, n_inputs)
    y : dask Array, Series or DataFrame, shape (n_samples,) or (n_samples, n_outputs)
        Dense collections of any partitions, of which some may be empty. Rows are numbered through
        all partitions.
    epochs, learning_rate, optimizer, loss, reduction, l2, derivative_at, stopping
    callback, callback_every, progress
        As for `Network.train`; the loss may be no function.
    sample_weight : dask Array or Series, shape (n_samples,), optional
        As for `Network.train`.
    batch_size : int, optional
        Number of rows of an update, at least 5: of consecutive rows, in their order. By default all
        rows; batches of less than some hundred thousand rows are not worth the messages.
    eval_set : (X, y) or (X, y, sample_weight), optional
        Validation samples, as collections.

    Returns
    -------
    Network
        `network`; its `history` is that of the training.

    Warns
    -----
    DivergenceWarning, TrainingWarning, UserWarning
        As `Network.train` does.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described, or a partition has rows that cannot be used; the message
        names it. Nothing has changed then.
    RuntimeError
        If a worker has another version of denseloop or NumPy, or rows are lost that Dask cannot
        compute again.
    ConnectionError
        If the scheduler is lost.
    ImportError
        If Dask is missing.

    Examples
    --------
    >>> import dask.array as da
    >>> import denseloop as dl
    >>> from dask.distributed import Client
    >>> from denseloop.dask import train
    >>> X = da.random.default_rng(0).random((10_000, 3), chunks=(1_000, 3))
    >>> y = X.sum(axis=1)
    >>> net = dl.Network([3, 5, 1], output_activation="identity", seed=0)
    >>> same = dl.Network([3, 5, 1], output_activation="identity", seed=0)
    >>> with Client(n_workers=2, threads_per_worker=1, dashboard_address=":0") as client:
    ...     net = train(client, net, X, y, optimizer="lm", epochs=3)
    ...     local_X, local_y = client.gather(client.compute([X, y]))
    >>> history = same.train(local_X, local_y, optimizer="lm", epochs=3)
    >>> net.digest() == same.digest()
    True
    """
    instance("network", network, Network)
    training.train(
        *(training.connected(client), network, X, y, sample_weight, eval_set),
        (learning_rate, optimizer, loss, reduction, l2, derivative_at, stopping),
        (batch_size, callback, callback_every, progress),
        epochs,
    )
    return network
