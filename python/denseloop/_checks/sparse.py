"""Sparse samples, as the core takes them."""

import numpy as np

from denseloop import _core

SPARSE_SAMPLES = (_core.SparseSamples32, _core.SparseSamples64)
MOST_COLUMNS = np.iinfo(np.int32).max


def is_sparse(value):
    """Return whether this is a sparse matrix or array, of SciPy, with its methods or the core's."""
    return hasattr(value, "tocsr") or isinstance(value, SPARSE_SAMPLES)


def sparse_samples(name, value, columns, dtype):
    """Return a sparse matrix of real numbers (n_samples, columns) as the core's SparseSamples."""
    if len(value.shape) != 2 or value.shape[1] != columns:
        raise ValueError(f"{name} must have shape (n_samples, {columns}), got {value.shape}")
    if value.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {value.dtype}")
    return core_samples(value, dtype)


def core_samples(matrix, dtype):
    """Return a sparse matrix that has been checked as the core's SparseSamples.

    It shares the arrays of a CSR matrix without duplicates whose types fit.
    """
    if isinstance(matrix, SPARSE_SAMPLES):
        return matrix
    matrix = matrix.tocsr()
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    n_columns = matrix.shape[1]
    if n_columns > MOST_COLUMNS:
        raise ValueError(f"a sparse matrix must have at most {MOST_COLUMNS} columns")
    stored = int(matrix.indptr[-1])
    with np.errstate(over="ignore"):  # the core refuses what is not finite
        values = np.ascontiguousarray(matrix.data[:stored], dtype)
    indices = np.ascontiguousarray(matrix.indices[:stored], np.int32)
    starts = np.ascontiguousarray(matrix.indptr, np.int64)
    kind = _core.SparseSamples64 if values.dtype == np.float64 else _core.SparseSamples32
    return kind(values, indices, starts, n_columns)
