"""Checks of a network's parts."""

import sys

import numpy as np

from denseloop._checks.data import real_array, require_finite
from denseloop._checks.scalars import shortened, whole_number


def layer_sizes(value, bias, dtype):
    """Return `value` as a tuple of ints whose parameters can be addressed."""
    try:
        sizes = tuple(value)
    except TypeError:
        raise TypeError(f"layer_sizes must be a sequence of integers, got {value!r}") from None
    if len(sizes) < 2:
        raise ValueError(
            f"layer_sizes must hold at least the inputs and the outputs, got {list(sizes)}"
        )
    if not all([type(size) is int and size >= 1 for size in sizes]):
        sizes = tuple(whole_number(f"layer_sizes[{k}]", size, 1) for k, size in enumerate(sizes))
    parameters = sum([(fan_in + bool(bias)) * fan_out for fan_in, fan_out in zip(sizes, sizes[1:])])
    # Twice, for the gradient.
    if 2 * parameters * dtype.itemsize > sys.maxsize:
        raise ValueError(
            f"layer_sizes [{', '.join(map(shortened, sizes))}] need {shortened(parameters)} "
            f"parameters of {dtype.itemsize} bytes, "
            f"more than the address space holds"
        )
    return sizes


def layer_arrays(name, arrays, shapes, dtype):
    """Return one array for each layer, of the given shapes and dtype."""
    try:
        arrays = list(arrays)
    except TypeError:
        raise TypeError(f"{name} must be a sequence of arrays, got {arrays!r}") from None
    if len(arrays) != len(shapes):
        raise ValueError(
            f"{name} must hold {len(shapes)} arrays, one for each layer, got {len(arrays)}"
        )
    result = []
    for k, (array, shape) in enumerate(zip(arrays, shapes)):
        label = f"{name}[{k}]"
        if isinstance(array, np.ndarray) and array.dtype != dtype:
            raise TypeError(f"{label} must have dtype {dtype}, got {array.dtype}")
        array = real_array(label, array, dtype)
        if array.shape != shape:
            raise ValueError(f"{label} must have shape {shape}, got {array.shape}")
        require_finite(label, array)
        result.append(array)
    return result


def require_trainable(network):
    """Raise a ValueError unless the network's parameters are writable and finite."""
    named = [("parameters", network.parameters)]
    named += [(f"weights[{k}]", w) for k, w in enumerate(network.weights)]
    named += [(f"biases[{k}]", b) for k, b in enumerate(network.biases)]
    for name, array in named:
        if not array.flags.writeable:
            raise ValueError(f"{name} must be writable, got a read-only array")
    if not np.isfinite(network.parameters).all():
        for name, array in named[1:]:
            require_finite(name, array)
