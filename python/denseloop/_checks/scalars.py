"""Single values: names, numbers, objects."""

import operator
import sys

import numpy as np

DTYPES = (np.dtype(np.float64), np.dtype(np.float32))
LARGEST = {dtype: float(np.finfo(dtype).max) for dtype in DTYPES}


def listed(names):
    """The names in quotes, for a message."""
    return ", ".join(repr(name) for name in names)


def choice(name, value, known):
    """The value of the dict `known` under the name `value`; a ValueError lists the known names."""
    try:
        return known[value]
    except (KeyError, TypeError):
        raise ValueError(f"{name} must be one of {listed(known)}; got {value!r}") from None


def instance(name, value, kinds):
    """`value`, which must be an object of one of the classes `kinds`."""
    if not isinstance(value, kinds):
        known = " or ".join(f"{kind.__name__}(...)" for kind in kinds)
        raise TypeError(f"{name} must be {known}, got {value!r}")
    return value


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


def number(name, value, *, least=None, above=None, most=None, below=None, dtype=DTYPES[0]):
    """`value` as a float from `least` or above `above`, to `most`, below `below` or finite."""
    if isinstance(value, (str, bytes, np.complexfloating)) or getattr(value, "ndim", 0):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    low = number >= least if least is not None else number > above
    if below is not None:
        high, end = number < below, f"below {below:g}"
    elif most is not None:
        high, end = number <= most, f"at most {most:g}"
    else:
        high, end = number <= LARGEST[dtype], None
    if not (low and high):
        start = f"at least {least:g}" if least is not None else f"above {above:g}"
        end = end or f"finite in {dtype}"
        raise ValueError(f"{name} must be {start} and {end}, got {value!r}")
    return number


def history_size(epochs, values_per_epoch):
    """A history of so many values can be addressed."""
    if epochs * values_per_epoch * 8 > sys.maxsize:
        raise ValueError(
            f"a history of {epochs} epochs with {values_per_epoch} values each "
            f"is more than the address space holds"
        )


# Fields of frozen dataclasses, in their __post_init__


def set_number(owner, name, **bounds):
    """The field `name` becomes a float within `bounds`, as for `number`."""
    object.__setattr__(owner, name, number(name, getattr(owner, name), **bounds))


def set_whole_number(owner, name, minimum):
    """The field `name` becomes an int of at least `minimum`."""
    object.__setattr__(owner, name, whole_number(name, getattr(owner, name), minimum))
