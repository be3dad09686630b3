"""Small arrays in the place of collections, for the checks of names, shapes and dtypes."""

from math import isnan

import dask.array as da
import numpy as np
from sklearn.utils.validation import check_array

FLOATS = (np.float64, np.float32)


def n_columns(name, value):
    """Return the number of columns of a collection, 1 for one dimension."""
    columns = 1 if value.ndim == 1 else value.shape[1]
    if isnan(columns):
        raise ValueError(f"{name} must have a known number of columns, got shape {value.shape}")
    return columns


def inputs_like(X, n_rows, dtype=FLOATS):
    """Return so many rows of zeros, with the names of X and the dtype that it is converted to.

    `dtype` is as for scikit-learn's `check_array`.
    """
    if X.ndim != 2:
        raise ValueError(f"X must have shape (n_samples, n_features), got {X.ndim} dimension(s)")
    zeros = np.zeros((n_rows, n_columns("X", X)))
    if isinstance(X, da.Array):
        empty = np.empty((0, zeros.shape[1]), X.dtype)
        return zeros.astype(check_array(empty, dtype=dtype, ensure_min_samples=0).dtype)
    zeros = zeros.astype(check_array(X._meta, dtype=dtype, ensure_min_samples=0).dtype)
    return X._meta._constructor(zeros, columns=X.columns)


def targets_like(y):
    """Return a row of the numbers y, which is 0."""
    columns = n_columns("y", y)
    empty = np.empty((0, *y.shape[1:]), y.dtype) if isinstance(y, da.Array) else y._meta
    dtype = check_array(empty, ensure_2d=False, dtype=None, ensure_min_samples=0).dtype
    dtype = np.float64 if dtype.kind == "O" else dtype
    return np.zeros(1 if y.ndim == 1 else (1, columns), dtype)
