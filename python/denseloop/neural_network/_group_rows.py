"""The rows of each group: what the groups are, and where their rows lie."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils import check_array, check_consistent_length, check_X_y
from sklearn.utils.validation import column_or_1d, validate_data

NAMED = 5  # groups that a message names
REAL, TEXT = "biuf", "UT"


@dataclass(frozen=True)
class GroupRows:
    """Rows in the order of their groups.

    Attributes
    ----------
    values : ndarray of shape (n_groups,) or None
        Groups in ascending order; None stands for the one group of all rows.
    starts : ndarray of shape (n_groups + 1,)
        Where each group's rows begin in that order, and where the last one's end.
    order : ndarray of shape (n_rows,) or None
        Number of each of these rows; None if the rows are in the order of their groups.
    """

    values: np.ndarray | None
    starts: np.ndarray
    order: np.ndarray | None

    def sorted(self, array):
        """Return the rows of an array (n_rows, ...) in this order, or None for None."""
        if array is None or self.order is None:
            return array
        return np.take(array, self.order, axis=0)  # which is several times faster than array[order]


def find_rows(values, n_rows):
    """Return the GroupRows of groups as `read_groups` returns them."""
    if values is None:
        return GroupRows(None, np.array([0, n_rows]), None)
    keys, order = sort_keys(values), None
    if not (keys[1:] >= keys[:-1]).all():
        order = np.argsort(keys, kind="stable")  # rows of a group stay in their order
        keys = keys[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return GroupRows(
        values[first if order is None else order[first]], np.append(first, n_rows), order
    )


def sort_keys(values):
    """Return numbers in the order of these groups that take less time to sort.

    NumPy counts numbers of 16 bits instead of comparing them, and compares strings slowly.
    """
    if values.dtype.kind in TEXT:
        names = values.tolist()
        ranks = {name: rank for rank, name in enumerate(sorted({*names}))}
        values = np.fromiter(map(ranks.__getitem__, names), np.intp, len(names))
    if values.dtype.kind in "iu" and int(values.max()) - int(values.min()) < 1 << 16:
        wide = np.int64 if values.dtype.kind == "i" else np.uint64
        return (values.astype(wide) - wide(values.min())).astype(np.uint16)
    return values


def find_groups(known, values):
    """Return the index in `known` of each of these groups, -1 for those that are not there."""
    if values is None:
        return np.zeros(1, np.intp)
    if kind_of(known) != kind_of(values):
        raise ValueError(
            f"groups must be {kind_of(known)} as in the training, got {kind_of(values)} such as "
            f"{values[0].item()!r}"
        )
    found = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.where(known[found] == values, found, -1)


def kind_of(values):
    """Return what these groups are, in words."""
    if values.dtype.kind in REAL:
        return "numbers"
    return "strings" if values.dtype.kind in TEXT else f"of dtype {values.dtype}"


def named(values):
    """Return the names of the first of these groups for a message."""
    names = ", ".join(repr(value) for value in values[:NAMED].tolist())
    return names + (", ..." if len(values) > NAMED else "")


def read_groups(groups):
    """Return groups (n_rows,) of one kind, without missing ones."""
    shape = np.shape(groups)
    if not shape or shape[1:] not in ((), (1,)):
        raise ValueError(f"groups must have shape (n_rows,), got {shape}")
    values = column_or_1d(groups, dtype=None)
    if values.dtype.kind == "O":
        values = of_one_kind(values)
    if values.dtype.kind == "T":
        values = values.astype(str)
    missing = values != values
    if missing.any():
        raise ValueError(
            f"groups must not be missing, got {values[missing][0]} in row {np.argmax(missing)}; "
            f"drop these rows, or fill in a group of their own"
        )
    return values


def of_one_kind(values):
    """Return an array of objects as one of numbers or strings."""
    kinds = {*map(type, values)}
    if all(issubclass(kind, str) for kind in kinds):
        return values.astype(str)
    if all(issubclass(kind, (int, float, np.number, np.bool_)) for kind in kinds):
        return np.array(values.tolist())
    names = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise ValueError(f"groups must be all numbers or all strings, got {names}")


def read_training_samples(estimator, X, y, groups, checks):
    """Return the features X, y, and the groups or None; `checks` are for scikit-learn."""
    if estimator.group_column is None:
        X, y = validate_data(estimator, X, y, **checks)
        return X, y, read_given(groups, X)
    X, groups = read_column(estimator, X, groups, reset=True)
    X, y = check_X_y(X, y, estimator=estimator, **checks)
    return X, y, groups


def read_inputs(estimator, X, groups, checks):
    """Return the features X and the groups or None, for a prediction."""
    if estimator.group_column is None:
        X = validate_data(estimator, X, reset=False, **checks)
        return X, read_given(groups, X)
    X, groups = read_column(estimator, X, groups, reset=False)
    return check_array(X, estimator=estimator, **checks), groups


def read_given(groups, X):
    """Return the groups of the rows of X, or None for None."""
    if groups is None:
        return None
    groups = read_groups(groups)
    check_consistent_length(X, groups)
    return groups


def read_column(estimator, X, groups, *, reset):
    """Return the columns of X that are features, and the groups in the other one."""
    column = estimator.group_column
    if groups is not None:
        raise ValueError(
            f"give either groups or a group_column, got groups and group_column={column!r}"
        )
    if not hasattr(X, "iloc"):
        X = check_array(X, dtype=None if hasattr(X, "dtype") else object, ensure_all_finite=False)
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    X, groups = split_column(X, column)
    return X, read_groups(groups)


def split_column(X, column):
    """Return the other columns of an array or data frame, and this one."""
    n_columns = X.shape[1]
    if isinstance(column, str):
        names = list(getattr(X, "columns", ()))
        if column not in names:
            got = f"the columns {names}" if names else f"{type(X).__name__} without names"
            raise ValueError(f"group_column {column!r} must be a column of X, got {got}")
        column = names.index(column)
    elif not -n_columns <= column < n_columns:
        raise ValueError(
            f"group_column must be from {-n_columns} to {n_columns - 1}, since X has {n_columns} "
            f"columns, got {column}"
        )
    others = np.delete(np.arange(n_columns), column)
    if hasattr(X, "iloc"):
        return X.iloc[:, others], X.iloc[:, column]
    return X[:, others], X[:, column]
