"""Lazy predictions of a local estimator for the blocks of a collection."""

import uuid

import dask
import dask.array as da
import numpy as np

from denseloop._dask.partitions import in_order, require_collection, whole_rows
from denseloop._dask.stand_ins import inputs_like
from denseloop.neural_network._network import EstimatorNetwork, use_network

# What training leaves, and predictions do not need.
OF_TRAINING = ("_optimizer", "_best_coefs", "_best_intercepts")


def predict(local, method, X):
    """Return what the method of a fitted local estimator returns for X, lazily by blocks.

    The estimator is one key of the graph, so that each worker gets it once.
    """
    require_collection("X", X)
    sample = inputs_like(X, 1, "numeric")
    suit(local, sample)
    for name in OF_TRAINING:
        vars(local).pop(name, None)
    predicted = getattr(local, method)(sample)
    none, columns = predicted[:0], predicted.shape[1:]
    model = dask.delayed(local, name=f"denseloop-model-{uuid.uuid4()}", traverse=False)
    if isinstance(X, da.Array):
        X = whole_rows(X)
        chunks = X.chunks[0], *((count,) for count in columns)
        options = {} if columns else {"drop_axis": 1}
        return X.map_blocks(predict_block, model, method, none, chunks=chunks, meta=none, **options)
    names = None
    if columns:
        names = local.classes_ if method == "predict_proba" else np.arange(*columns)
    meta = with_index(X._meta, none, names)
    order = list(X.columns)
    return X.map_partitions(predict_frame, model, method, none, names, order, meta=meta)


def suit(local, sample):
    """Give the estimator a network with the digits of the sample."""
    is_single = np.result_type(np.asarray(sample), local.coefs_[0]) == np.float32
    use_network(local, EstimatorNetwork(local, np.float32 if is_single else np.float64))


def predict_block(X, local, method, none):
    """Return the predictions of a block, `none` for one without rows."""
    return getattr(local, method)(X) if len(X) else none


def predict_frame(X, local, method, none, names, order):
    """Return the predictions of a DataFrame, with its index."""
    return with_index(X, predict_block(in_order(X, order), local, method, none), names)


def with_index(frame, predicted, names):
    """Return a Series, or a DataFrame with columns of these names, with the index of a frame."""
    if names is None:
        return frame._constructor_sliced(predicted, index=frame.index)
    return frame._constructor(predicted, index=frame.index, columns=names)
