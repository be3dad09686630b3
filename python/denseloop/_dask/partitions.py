"""Dask collections as parts that follow one another, those of X, y and weights in step."""

from dataclasses import dataclass
from math import isnan

import dask
import dask.array as da


@dataclass
class Parts:
    """Lazy parts of the rows, and the collections whose futures they need until they are loaded."""

    triples: list
    collections: tuple


def read_parts(X, y=None, sample_weight=None, names=("X", "y", "sample_weight")):
    """Return the parts of X, y and the weights, in step.

    Parameters
    ----------
    X : dask.array.Array of shape (n_samples, n_inputs), or dask.dataframe.DataFrame
        The inputs. Its chunks of rows, or its partitions, are those of the parts.
    y : dask.array.Array, dask.dataframe.DataFrame or dask.dataframe.Series, or None
        The targets, of the same number of rows.
    sample_weight : dask.array.Array of shape (n_samples,) or dask.dataframe.Series, or None
        The weights.
    names : sequence of str, optional
        Their names in messages.

    Returns
    -------
    Parts
        With a triple of Delayed (X, y, weight) for each part; what is not given is None in all.
    """
    require_collection(names[0], X)
    if X.ndim != 2:
        raise ValueError(
            f"{names[0]} must have shape (n_samples, n_inputs), got {X.ndim} dimension(s)"
        )
    X = whole_rows(X)
    y = None if y is None else match(names[1], y, names[0], X)
    weight = None
    if sample_weight is not None:
        weight = match(names[2], sample_weight, names[0], X)
    absent = [None] * n_parts(X)
    lists = [absent if value is None else delayed_parts(value) for value in (X, y, weight)]
    return Parts(
        list(zip(*lists, strict=True)),
        tuple(value for value in (X, y, weight) if value is not None),
    )


def require_collection(name, value):
    """Raise a TypeError unless `value` is an array, a DataFrame or a Series of Dask."""
    if isinstance(value, da.Array):
        return
    kind = f"{type(value).__module__.split('.')[0]}'s {type(value).__name__}"
    if not dask.is_dask_collection(value):
        raise TypeError(
            f"{name} must be a Dask array, DataFrame or Series, got {kind}; "
            f"dask.array.from_array or dask.dataframe.from_pandas makes one"
        )
    if type(value).__name__ not in ("DataFrame", "Series"):
        raise TypeError(f"{name} must be a Dask array, DataFrame or Series, got {kind}")


def match(name, value, name_of_X, X):
    """Return `value` with the rows of X in each of its parts."""
    require_collection(name, value)
    if value.ndim == 0:
        raise ValueError(f"{name} must have rows, got 0 dimensions")
    value = whole_rows(value)
    if known_rows(value) and known_rows(X):
        if len(value) != len(X):
            raise ValueError(
                f"Number of rows of {name} ({len(value)}) must match number of rows of "
                f"{name_of_X} ({len(X)})"
            )
        return value.rechunk({0: X.chunks[0]})
    if n_parts(value) != n_parts(X):
        raise ValueError(
            f"{name} must have the partitions of {name_of_X}, got {n_parts(value)} for "
            f"{n_parts(X)} of unknown lengths; give DataFrames with the same partitions, or arrays "
            f"after compute_chunk_sizes()"
        )
    return value


def whole_rows(value):
    """Return `value` with one chunk along each axis but the first."""
    if isinstance(value, da.Array) and any(len(chunks) > 1 for chunks in value.chunks[1:]):
        return value.rechunk({axis: -1 for axis in range(1, value.ndim)})
    return value


def known_rows(value):
    """Return whether the lengths of all parts are known."""
    return isinstance(value, da.Array) and not any(isnan(n) for n in value.chunks[0])


def n_parts(value):
    """Return the number of parts."""
    return value.numblocks[0] if isinstance(value, da.Array) else value.npartitions


def delayed_parts(value):
    """Return the parts as a list of Delayed.

    Dask may read files of few wanted columns together, and so other rows for y than for X: not in
    step.
    """
    if isinstance(value, da.Array):
        return list(value.to_delayed().ravel())
    if value.ndim == 2:
        value = value.map_partitions(in_order, list(value.columns), meta=value._meta)
    with dask.config.set({"optimization.tune.active": False}):
        return list(value.to_delayed())


def in_order(part, columns):
    """Return a part of a DataFrame with its columns in the order that the DataFrame says."""
    if list(part.columns) == columns:
        return part
    if sorted(map(str, part.columns)) != sorted(map(str, columns)):
        raise ValueError(f"each partition must have the columns {columns}, got {[*part.columns]}")
    return part[columns]
