"""Checks of samples, targets and sample weights."""

import numbers

import numpy as np

from denseloop._checks.scalars import to_float
from denseloop._checks.sparse import is_sparse, sparse_samples


def real_array(name, value, dtype):
    """Return `value` as an array of `dtype`, if it holds real numbers."""
    if type(value) is np.ndarray and value.dtype == dtype:
        return value
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be a masked array: its masked values would be used")
    require_dense(name, value)
    try:
        array = np.asarray(value)
    except ValueError as error:  # a ragged list
        raise ValueError(f"{name} must be a regular array: {error}") from None
    if array.dtype == object and array.ndim:  # mixed pandas columns, Python integers, fractions
        for k, item in enumerate(array.flat):
            if not isinstance(item, (numbers.Real, np.bool_)):
                place = tuple(int(i) for i in np.unravel_index(k, array.shape))
                where = described_place(place, value)
                raise TypeError(f"{name} must hold real numbers, got {item!r} {where}")
        array = np.array([to_float(item) for item in array.flat]).reshape(array.shape)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    with np.errstate(over="ignore"):  # an overflow is reported as a value that is not finite
        return np.asarray(array, dtype=dtype)


def described_place(place, value):
    """Return where an item of an array is; the columns of a DataFrame have names."""
    if len(place) != 2:
        return f"at {place}"
    names = getattr(value, "columns", None)
    column = place[1] if names is None else repr(names[place[1]])
    return f"in row {place[0]}, column {column}"


def require_dense(name, value):
    """Raise a TypeError for a sparse matrix."""
    if is_sparse(value):
        raise TypeError(f"{name} must be dense, got a {type(value).__name__}; use toarray()")


def require_rows(name, value):
    """Raise a TypeError unless `value` has rows whose number len() returns."""
    require_dense(name, value)
    if np.ndim(value) == 0:
        raise TypeError(f"{name} must have rows, got {value!r}")


def samples(name, value, columns, dtype):
    """Return `value` as an array (n_samples, columns), or SparseSamples if it is sparse."""
    if is_sparse(value):
        return sparse_samples(name, value, columns, dtype)
    return rows(name, real_array(name, value, dtype), columns)


def rows(name, array, columns):
    """Return `array` if it has the shape (n_samples, columns)."""
    if array.ndim != 2 or array.shape[1] != columns:
        hint = ""
        if array.shape == (columns,):
            hint = f"; {name}[None, :] makes it one sample"
        elif array.ndim == 1 and columns == 1:
            hint = f"; {name}[:, None] makes it one column"
        elif array.ndim == 2 and len(array) == columns:
            hint = f"; {name}.T has samples in its rows"
        raise ValueError(f"{name} must have shape (n_samples, {columns}), got {array.shape}{hint}")
    return array


def samples_and_targets(network, X, y, names=("X", "y"), dtype=None):
    """Return X (n_samples, n_inputs) and y (n_samples, n_outputs) in `dtype`.

    By default that is the network's. X may be sparse.
    """
    sizes, dtype = network.layer_sizes, dtype or network.dtype
    n_outputs = sizes[-1]
    X = samples(names[0], X, sizes[0], dtype)
    y = real_array(names[1], y, dtype)
    if y.ndim == 1 and n_outputs == 1:
        y = y.reshape(-1, 1)
    if n_outputs > 1 and (y.ndim == 1 or y.shape[1:] == (1,)):
        labels = "labels - 1" if len(y) and y.min() >= 1 else "labels"
        raise ValueError(
            f"{names[1]} must have shape (n_samples, {n_outputs}), got {y.shape}; "
            f"np.eye({n_outputs})[{labels}] makes such rows of a list of integer class labels"
        )
    y = rows(names[1], y, n_outputs)
    matching_rows(names, X, y)
    return X, y


def matching_rows(names, X, y):
    """Raise a ValueError unless X and y have the same number of rows, at least 1."""
    n_targets = len(y) if y.ndim else 0
    if len(X) != n_targets:
        raise ValueError(
            f"Number of rows of {names[1]} ({n_targets}) must match "
            f"number of rows of {names[0]} ({len(X)})"
        )
    if len(X) == 0:
        raise ValueError(f"{names[0]} and {names[1]} must have at least 1 row, got 0")


def sample_weight(value, n_samples, dtype, name="sample_weight"):
    """Return `value` as a contiguous array (n_samples,), at least 0 and not all 0; or None."""
    if value is None:
        return None
    array = some_weights(value, n_samples, dtype, name)
    if not array.any():
        raise ValueError(f"{name} must have a weight above 0, got {n_samples} times 0")
    return array


def some_weights(value, n_samples, dtype, name):
    """Return `value` as a contiguous array (n_samples,), at least 0."""
    array = np.ascontiguousarray(real_array(name, value, dtype))
    if array.shape != (n_samples,):
        raise ValueError(
            f"{name} must have shape ({n_samples},), one weight for each sample, got {array.shape}"
        )
    require_finite(name, array)
    if array.min() < 0:
        index = int(np.argmax(array < 0))
        raise ValueError(f"{name} must be at least 0, got {array[index]} at ({index},)")
    return array


def eval_set(value):
    """Return the parts of a validation set: X, y, and the sample weights or None."""
    if isinstance(value, (tuple, list)) and value and isinstance(value[0], tuple):
        raise ValueError(
            f"eval_set must be one pair (X, y), or (X, y, sample_weight), got {len(value)} tuples"
        )
    if not isinstance(value, (tuple, list)) or len(value) not in (2, 3):
        kind = type(value).__name__
        length = f" of length {len(value)}" if isinstance(value, (tuple, list)) else ""
        raise ValueError(f"eval_set must be (X, y) or (X, y, sample_weight), got a {kind}{length}")
    return (*value, None)[:3]


def require_finite(name, array):
    """Raise a ValueError unless all values of `array` are finite."""
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {first_not_finite(array)}")


def first_not_finite(array):
    """Describe the first value that is not finite."""
    index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    return f"{array[index]} at {index}"
