"""Samples of many networks: shared by all, or some for each."""

import numpy as np

from denseloop._checks.sparse import is_sparse
from denseloop._training.objective import check_targets
from denseloop.each import Each

NAMES = "X", "y", "sample_weight", "eval_set"


def own_values(name, value, count):
    """Return the values of the networks if `value` is an Each, else None."""
    if not isinstance(value, Each):
        return None
    if len(value.values) != count:
        raise ValueError(
            f"{name} must have a value for each of the {count} networks, got {len(value.values)}"
        )
    return value.values


def own_samples(X, y, sample_weight, eval_set, count, single_output):
    """Return the samples of the networks by name, as far as the networks do not share them.

    What is an Each, a list of arrays or an array with one dimension more holds one for each
    network; `single_output` says whether all networks have one output.
    """
    X_is_own = is_stack(X, 3) or is_list_of_tables(X)
    y_is_own = (
        is_stack(y, 3)
        or (X_is_own and is_list_of_rows(y, count))
        or (single_output and is_stack(X, 3) and is_stack(y, 2) and y.shape == X.shape[:2])
    )
    found = {
        "X": X_is_own,
        "y": y_is_own,
        "sample_weight": is_stack(sample_weight, 2) or is_list_of_rows(sample_weight, count),
        "eval_set": isinstance(eval_set, list) and all(type(s) is tuple for s in eval_set),
    }
    own = {}
    for name, value in zip(NAMES, (X, y, sample_weight, eval_set)):
        values = own_values(name, Each(value) if found[name] else value, count)
        if values is not None:
            own[name] = values
    return own


def is_stack(value, dimensions):
    return isinstance(value, np.ndarray) and value.ndim == dimensions


def is_list_of_tables(value):
    """Return whether this is a list of matrices, and not of rows."""
    return (
        isinstance(value, (list, tuple))
        and len(value) > 0
        and all(is_sparse(item) or getattr(item, "ndim", 0) == 2 for item in value)
    )


def is_list_of_rows(value, count):
    """Return whether this is a list of as many columns of numbers as there are networks."""
    return (
        isinstance(value, (list, tuple))
        and len(value) == count
        and all(hasattr(item, "__len__") for item in value)
    )


def checked_stacks(data, own, plan):
    """Return the samples of each network by name, in arrays that need no further check, or None.

    They are what differs from `plan`, which is that of the first network. What is wrong, or in
    another form, is left to the check of each network's own plan, whose message names it.
    """
    stacks = {}
    for name in own:
        stack, first = data[name], getattr(plan, name)
        if not isinstance(stack, np.ndarray) or stack.dtype != first.dtype:
            return None
        if name == "y" and stack.ndim == 2:
            stack = stack[:, :, None]
        if stack.shape[1:] != first.shape or not np.isfinite(stack).all():
            return None
        stacks[name] = stack
    weight = stacks.get("sample_weight")
    if weight is not None and not ((weight >= 0).all() and weight.any(axis=1).all()):
        return None
    if "y" in stacks:
        try:
            check_targets(plan.terms.loss, stacks["y"].reshape(-1, stacks["y"].shape[2]))
        except ValueError:
            return None
    return stacks
