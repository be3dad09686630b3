"""Arguments checked and explained, before anything is touched."""

import numbers
import operator
import sys
import warnings

import numpy as np

from denseloop import _core

DTYPES = (np.dtype(np.float64), np.dtype(np.float32))


# Scalars


def choice(name, value, enum):
    """The member of `enum` called `value`; a ValueError lists the known names."""
    try:
        return enum.__members__[value]
    except (KeyError, TypeError):
        known = ", ".join(repr(member) for member in enum.__members__)
        raise ValueError(f"{name} must be one of {known}; got {value!r}") from None


def dtype(value):
    """The numpy.dtype for float64 or float32."""
    try:
        found = np.dtype(value)
        if found in DTYPES:
            return found
    except TypeError:
        pass
    raise ValueError(f"dtype must be 'float64' or 'float32', got {value!r}")


def whole_number(name, value, minimum):
    """`value` as an int of at least `minimum`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {number}")
    return number


def batch_size(value, samples):
    """Samples to a batch: all of them for None, and at most as many as there are."""
    if value is None:
        return samples
    size = whole_number("batch_size", value, 1)
    if size > samples:
        warnings.warn(
            f"batch_size {size} is more than the {samples} samples; all of them are one batch",
            stacklevel=3,
        )
    return min(size, samples)


def learning_rate(value, dtype):
    """`value` as a float that is finite in `dtype` and not negative."""
    if isinstance(value, (str, bytes)):
        raise TypeError(f"learning_rate must be a number, got {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    except (TypeError, ValueError):
        raise TypeError(f"learning_rate must be a number, got {value!r}") from None
    if not 0 <= number <= float(np.finfo(dtype).max):
        raise ValueError(f"learning_rate must be at least 0 and finite in {dtype}, got {value!r}")
    return number


def random_generator(seed):
    """numpy.random.default_rng(seed)."""
    if seed is not None:
        seed = whole_number("seed", seed, 0)
    return np.random.default_rng(seed)


# The network


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
        if not np.isfinite(array).all():
            raise ValueError(f"{label} must be finite, got {first_not_finite(array)}")
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
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must be finite, got {first_not_finite(array)}")


# Data


def real_array(name, value, dtype):
    """`value` as an array of `dtype`; numbers that are not real are a TypeError."""
    if type(value) is np.ndarray and value.dtype == dtype:
        return value
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be a masked array: its masked values would be used")
    try:
        array = np.asarray(value)
    except ValueError as error:  # a ragged list
        raise ValueError(f"{name} must be a regular array: {error}") from None
    if array.dtype == object and array.ndim:  # mixed pandas columns, Python integers, fractions
        for item in array.flat:
            if not isinstance(item, (numbers.Real, np.bool_)):
                raise TypeError(f"{name} must hold real numbers, got {item!r}")
        array = array.astype(np.float64)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    with np.errstate(over="ignore"):  # an overflow is reported as a value that is not finite
        return np.asarray(array, dtype=dtype)


def samples(name, value, columns, dtype):
    """`value` as an array (n_samples, columns)."""
    return rows(name, real_array(name, value, dtype), columns)


def rows(name, array, columns):
    """`array`, which must have the shape (n_samples, columns)."""
    if array.ndim != 2 or array.shape[1] != columns:
        raise ValueError(f"{name} must have shape (n_samples, {columns}), got {array.shape}")
    return array


def data(X, y, n_inputs, n_outputs, dtype):
    """X (n_samples, n_inputs) and y (n_samples, n_outputs)."""
    X = samples("X", X, n_inputs, dtype)
    y = real_array("y", y, dtype)
    if y.ndim == 1 and n_outputs == 1:
        y = y.reshape(-1, 1)
    y = rows("y", y, n_outputs)
    if len(X) != len(y):
        raise ValueError(
            f"Number of rows of y ({len(y)}) must match number of rows of X ({len(X)})"
        )
    if len(X) == 0:
        raise ValueError("X and y must have at least 1 row, got 0")
    return X, y


def objective(network, y, loss, reduction, derivative_at):
    """The names as members of the core's enumerations, if they fit the network and y."""
    members = (
        choice("loss", loss, _core.Loss),
        choice("reduction", reduction, _core.Reduction),
        choice("derivative_at", derivative_at, _core.DerivativeAt),
    )
    if (loss == "cross_entropy") != (network.output_activation == "softmax"):
        raise ValueError(
            f"loss 'cross_entropy' and output_activation 'softmax' go together; "
            f"got {loss!r} with {network.output_activation!r}"
        )
    if loss == "cross_entropy":
        probabilities(y)
    return members


def probabilities(y):
    """Each row of y is a distribution: the targets of a cross-entropy."""
    outside = np.argwhere(~((y >= 0) & (y <= 1)))
    if len(outside):
        row, column = outside[0]
        raise ValueError(
            f"cross_entropy needs targets from 0 to 1, got {y[row, column]} "
            f"in row {row}, column {column} of y"
        )
    sums = y.sum(axis=1)
    wrong = np.flatnonzero(np.abs(sums - 1) > 1e-5)
    if len(wrong):
        raise ValueError(
            f"cross_entropy needs targets that sum to 1, got {sums[wrong[0]]} "
            f"in row {wrong[0]} of y"
        )


def first_not_finite(array):
    """The first such value and where it is, for a message."""
    index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    return f"{array[index]} at {index}"


def history_size(epochs, values_per_epoch):
    """A history of so many values can be addressed."""
    if epochs * values_per_epoch * 8 > sys.maxsize:
        raise ValueError(
            f"a history of {epochs} epochs with {values_per_epoch} values each "
            f"is more than the address space holds"
        )
