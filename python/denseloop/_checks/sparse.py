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
    return core_samples(value, dtype, name)


def core_samples(matrix, dtype, name="X"):
    """Return a sparse matrix of real numbers as the core's SparseSamples.

    It shares the arrays of a CSR matrix without duplicates whose types fit.
    """
    if isinstance(matrix, SPARSE_SAMPLES):
        return matrix
    if getattr(matrix, "format", None) in ("csc", "bsr"):  # SciPy would read wherever they lead
        check_places(name, matrix)
    matrix = matrix.tocsr()
    check_places(name, matrix)
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    n_columns = matrix.shape[1]
    if n_columns > MOST_COLUMNS:
        raise ValueError(f"a sparse matrix must have at most {MOST_COLUMNS} columns")
    stored = int(matrix.indptr[-1])
    with np.errstate(over="ignore"):  # the core refuses what is not finite
        values = np.require(matrix.data[:stored], dtype, ["C", "A"])
    indices = np.require(matrix.indices[:stored], np.int32, ["C", "A"])
    starts = np.require(matrix.indptr, np.int64, ["C", "A"])
    kind = _core.SparseSamples64 if values.dtype == np.float64 else _core.SparseSamples32
    return kind(values, indices, starts, n_columns)


def check_places(name, matrix):
    """Raise a ValueError unless the places of a matrix's numbers lie within it.

    The core checks those of a CSR matrix again, but for integers of another size.
    """
    starts, indices = np.asarray(matrix.indptr), np.asarray(matrix.indices)
    if starts.dtype.kind not in "iu" or indices.dtype.kind not in "iu":
        raise ValueError(f"{name} must have integer indices, got {indices.dtype}, {starts.dtype}")
    stored = min(len(matrix.data), len(indices))
    if len(starts) == 0 or starts[0] != 0 or starts[-1] > stored or (np.diff(starts) < 0).any():
        raise ValueError(
            f"{name} must have an indptr that ascends from 0 to at most the {stored} stored "
            f"numbers; check_format() of the matrix says more"
        )
    places = matrix.shape[0 if matrix.format == "csc" else 1]
    if len(indices) and matrix.format != "bsr" and not 0 <= indices.min() <= indices.max() < places:
        raise ValueError(
            f"{name} must have indices from 0 to {places - 1}, got {indices.min()} to "
            f"{indices.max()}"
        )
