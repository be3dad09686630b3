"""What a network is made of."""

import sys

import numpy as np

from denseloop import _core
from denseloop._checks.data import finite, real_array
from denseloop._checks.scalars import choice, whole_number

OUTPUT_ACTIVATIONS = _core.Activation.__members__
HIDDEN_ACTIVATIONS = {
    name: member for name, member in OUTPUT_ACTIVATIONS.items() if name not in ("softmax", "exp")
}


def layer_sizes(value, bias, dtype):
    """`value` as a tuple of ints whose parameters are addressable."""
    try:
        sizes = tuple(value)
    except TypeError:
        raise TypeError(f"layer_sizes must be a sequence of integers, got {value!r}") from None
    if len(sizes) < 2:
        raise ValueError(
            f"layer_sizes must hold at least the inputs and the outputs, got {list(sizes)}"
        )
    sizes = tuple(whole_number(f"layer_sizes[{k}]", size, 1) for k, size in enumerate(sizes))
    parameters = sum((fan_in + bool(bias)) * fan_out for fan_in, fan_out in zip(sizes, sizes[1:]))
    # Twice, for the gradient.
    if 2 * parameters * dtype.itemsize > sys.maxsize:
        raise ValueError(
            f"layer_sizes {list(sizes)} need {parameters} parameters of {dtype.itemsize} bytes, "
            f"more than the address space holds"
        )
    return sizes


def activations(hidden, output, sizes):
    """The names for all layers: `hidden` is one for all hidden layers, or one for each."""
    count = len(sizes) - 2
    if isinstance(hidden, str):
        choice("activation", hidden, HIDDEN_ACTIVATIONS)
        names = [hidden] * count
    else:
        try:
            names = list(hidden)
        except TypeError:
            raise TypeError(
                f"activation must be a name or a sequence of names, got {hidden!r}"
            ) from None
        if len(names) != count:
            raise ValueError(
                f"activation must be one name, or {count} of them, one for each hidden layer; "
                f"got {len(names)}: {hidden!r}"
            )
        for k, name in enumerate(names):
            choice(f"activation[{k}]", name, HIDDEN_ACTIVATIONS)
    choice("output_activation", output, OUTPUT_ACTIVATIONS)
    if output == "softmax" and sizes[-1] == 1:
        raise ValueError(
            "output_activation 'softmax' needs at least 2 outputs, got 1, which would always be 1"
        )
    return (*names, output)


def layer_arrays(name, arrays, shapes, dtype):
    """One array for each layer, of the given shapes and dtype."""
    try:
        arrays = list(arrays)
    except TypeError:
        raise TypeError(f"{name} must be a sequence of arrays, got {arrays!r}") from None
    if len(arrays) != len(shapes):
        raise ValueError(
            f"{name} must hold {len(shapes)} arrays, one for each layer, got {len(arrays)}"
        )
    checked = []
    for k, (array, shape) in enumerate(zip(arrays, shapes)):
        label = f"{name}[{k}]"
        if isinstance(array, np.ndarray) and array.dtype != dtype:
            raise TypeError(f"{label} must have dtype {dtype}, got {array.dtype}")
        array = real_array(label, array, dtype)
        if array.shape != shape:
            raise ValueError(f"{label} must have shape {shape}, got {array.shape}")
        finite(label, array)
        checked.append(array)
    return checked


def trainable(network):
    """The network's parameter arrays are writable and finite."""
    named = [("parameters", network.parameters)]
    named += [(f"weights[{k}]", w) for k, w in enumerate(network.weights)]
    named += [(f"biases[{k}]", b) for k, b in enumerate(network.biases)]
    for name, array in named:
        if not array.flags.writeable:
            raise ValueError(f"{name} must be writable, got a read-only array")
    for name, array in named[1:]:
        finite(name, array)
