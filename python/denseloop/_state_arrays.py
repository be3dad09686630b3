"""The layers of a network in the arrays of another library, which is not imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from denseloop import _checks

Arrays = tuple[list[np.ndarray], list[np.ndarray | None]]


def as_array(name: str, value: Any) -> np.ndarray:
    """Return the numbers of an array, a tensor or a variable."""
    for method in ("detach", "cpu", "numpy"):  # of PyTorch's tensors, and Keras's variables
        if not isinstance(value, np.ndarray) and hasattr(value, method):
            value = getattr(value, method)()
    array = np.asarray(value)
    if array.dtype not in _checks.DTYPES:
        raise TypeError(
            f"{name} must be an array of float64 or float32, got {array.dtype}; convert it first"
        )
    return array


def torch_layers(state_dict: Mapping[str, Any]) -> Arrays:
    """Return weights and biases of the "….weight" (fan_out, fan_in) and "….bias" (fan_out,)."""
    arrays = _named(state_dict, ".", ("weight", "bias"), "model.state_dict()")
    return [array.T for array in arrays[0]], arrays[1]


def keras_layers(weights: Sequence[Any] | Mapping[str, Any]) -> Arrays:
    """Return weights and biases of kernels (fan_in, fan_out), each with its biases after it."""
    if isinstance(weights, Mapping):
        source = "{w.path: w.numpy() for w in model.weights}"
        return _named(weights, "/", ("kernel", "bias"), source)
    kernels: list[np.ndarray] = []
    biases: list[np.ndarray | None] = []
    try:
        values = list(weights)
    except TypeError:
        raise TypeError(
            "weights must be a sequence of arrays, as model.get_weights() returns, or a dict of "
            f"them, got {weights!r}"
        ) from None
    for k, value in enumerate(values):
        array = as_array(f"weights[{k}]", value)
        if array.ndim == 2:
            kernels.append(array)
            biases.append(None)
        elif array.ndim == 1 and kernels and biases[-1] is None:
            biases[-1] = array
        else:
            raise ValueError(
                f"weights[{k}] must be the kernel (fan_in, fan_out) of a dense layer, or the "
                f"biases (fan_out,) of the kernel before it, got shape {array.shape}"
            )
    return _checked("weights", kernels, biases)


def _named(arrays, separator, kinds, source):
    """Return the arrays of a dict whose names end with one of the two kinds."""
    if not isinstance(arrays, Mapping):
        raise TypeError(f"expected a dict of arrays, as {source} is, got {type(arrays).__name__}")
    layers = {}
    for name, value in arrays.items():
        layer, _, kind = str(name).partition(":")[0].rpartition(separator)
        ndim = {kinds[0]: 2, kinds[1]: 1}.get(kind)
        if ndim is None:
            raise ValueError(
                f"expected the arrays of dense layers, whose names end with {kinds[0]!r} or "
                f"{kinds[1]!r}, got {name!r}; leave out what belongs to other layers"
            )
        array = as_array(repr(name), value)
        if array.ndim != ndim:
            raise ValueError(
                f"{name!r} must have {ndim} dimensions as in a dense layer, got shape {array.shape}"
            )
        layers.setdefault(layer, {})[kind] = array
    for layer, own in layers.items():
        if kinds[0] not in own:
            name = f"{layer}{separator}{kinds[0]}" if layer else kinds[0]
            raise ValueError(f"{name!r} is missing, since there is a {kinds[1]!r} beside it")
    pairs = [(own[kinds[0]], own.get(kinds[1])) for own in layers.values()]
    return _checked("the dict", *map(list, zip(*pairs)) if pairs else ([], []))


def _checked(name, weights, biases):
    if not weights:
        raise ValueError(f"{name} must have the arrays of at least one dense layer, got none")
    dtypes = {array.dtype for array in (*weights, *biases) if array is not None}
    if len(dtypes) > 1:
        raise TypeError(f"{name} must have arrays of one dtype, got {sorted(map(str, dtypes))}")
    return weights, biases
