"""Checks of single values: names, numbers, objects."""

import operator
import sys
from typing import get_args

import numpy as np

from denseloop._checks.hints import did_you_mean

DTYPES = (np.dtype(np.float64), np.dtype(np.float32))
LARGEST = {dtype: float(np.finfo(dtype).max) for dtype in DTYPES}


def listed(names):
    """Return the names in quotes, for a message."""
    return ", ".join(repr(name) for name in names)


def choice(name, value, known):
    """Return what the dict `known` has under the name `value`."""
    try:
        return known[value]
    except (KeyError, TypeError):
        problem = f"{name} must be one of {listed(known)}; got {value!r}"
        raise ValueError(problem + did_you_mean(value, known)) from None


def instance(name, value, kinds):
    """Return `value` if it is an object of the class, or one of the union, `kinds`."""
    if not isinstance(value, kinds):
        known = " or ".join(f"{kind.__name__}(...)" for kind in get_args(kinds) or (kinds,))
        made = isinstance(value, type) and issubclass(value, kinds)
        hint = f"; did you mean {value.__name__}(...)?" if made else ""
        raise TypeError(f"{name} must be {known}, got {value!r}{hint}")
    return value


def dtype(value):
    """Return the numpy.dtype for float64 or float32."""
    try:
        found = np.dtype(value)
        if found in DTYPES:
            return found
    except (SyntaxError, TypeError, ValueError):  # NumPy reads a text as an expression of Python
        pass
    raise ValueError(f"dtype must be 'float64' or 'float32', got {value!r}")


def whole_number(name, value, minimum, most=None):
    """Return `value` as an int of at least `minimum`, and of at most `most` unless that is None."""
    if type(value) is int and minimum <= value and (most is None or value <= most):
        return value
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {shortened(number)}")
    if most is not None and number > most:
        raise ValueError(f"{name} must be at most {most}, got {shortened(number)}")
    return number


def shortened(number):
    """Return a large int as text of few digits, for a message."""
    digits = int(number.bit_length() * 0.30103)
    sign = "-" if number < 0 else ""
    return f"some {sign}10**{digits}" if digits > 30 else str(number)


def to_float(value):
    """Return ``float(value)``, infinite for an integer beyond float64."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def number(name, value, *, least=None, above=None, most=None, below=None, dtype=DTYPES[0]):
    """Return `value` as a float within the bounds.

    The lower bound is `least` (included) or `above` (excluded); the upper one is `most`, `below` or
    the largest number of `dtype`.
    """
    if isinstance(value, (str, bytes, np.complexfloating)) or getattr(value, "ndim", 0):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        number = to_float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    low = number >= least if least is not None else dtype.type(number) > above
    if below is not None:
        high, end = number < below, f"below {below:g}"
    elif most is not None:
        high, end = number <= most, f"at most {most:g}"
    else:
        high, end = number <= LARGEST[dtype], None
    if not (low and high):
        start = f"at least {least:g}" if least is not None else f"above {above:g}"
        end = end or f"finite in {dtype}"
        got = shortened(value) if isinstance(value, int) else repr(value)
        raise ValueError(f"{name} must be {start} and {end}, got {got}")
    return number


def history_size(epochs, values_per_epoch):
    """Raise a ValueError unless a history of this size can be addressed."""
    if epochs * values_per_epoch * 8 > sys.maxsize:
        raise ValueError(
            f"a history of {shortened(epochs)} epochs with {values_per_epoch} values each "
            f"is more than the address space holds"
        )


# For the fields of frozen dataclasses, in their __post_init__


def set_number(owner, name, **bounds):
    """Convert the field `name` to a float within `bounds`, as `number` does."""
    object.__setattr__(owner, name, number(name, getattr(owner, name), **bounds))


def set_whole_number(owner, name, minimum, most=None):
    """Convert the field `name` to an int within the bounds, as `whole_number` does."""
    number = whole_number(name, getattr(owner, name), minimum, most)
    object.__setattr__(owner, name, number)
