"""Figures as text."""

import math

DASH = "–"
WIDE = "†"

UNITS = [(1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")]


def significant(number, digits=3):
    """Return `number` with this many significant digits, but with all digits of its integer.

    >>> significant(0.0012345), significant(0.9996), significant(12345.6)
    ('0.00123', '1.00', '12,346')
    """
    if number == 0:
        return "0"
    rounded = float(f"{number:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded if decimals else number:,.{decimals}f}"


def duration(seconds):
    """Return `seconds` in the unit that suits them.

    >>> duration(0.00078), duration(0.9996), duration(75)
    ('780 µs', '1.00 s', '75.0 s')
    """
    rounded = float(f"{seconds:.2e}")
    size, unit = next((u for u in UNITS if rounded >= u[0]), UNITS[-1])
    return f"{significant(seconds / size)} {unit}"


def megabytes(size):
    """Return a size in bytes as text.

    >>> megabytes(27_600_000)
    '27.6 MB'
    """
    return f"{significant(size / 1e6)} MB"


def times(number, like=None):
    """Return a ratio, with more decimals the nearer it is to 1.

    Its decimals are those of the ratio `like`, if that is given.

    >>> times(0.0123), times(1.066), times(11.23), times(395.4), times(1234)
    ('0.012', '1.07', '11.2', '395', '1,234')
    """
    scale = number if like is None else like
    decimals = 3 if scale < 0.1 else 2 if scale < 1.995 else 1 if scale < 19.95 else 0
    return f"{number:,.{decimals}f}"


def percent(number, like=None):
    """Return a share in percent, without the sign; its decimals are those of `like`, if given.

    >>> percent(0.954), percent(0.0123)
    ('95', '1.2')
    """
    return f"{100 * number:.{0 if (like or number) >= 0.1 else 1}f}"


def with_quartiles(spread, text):
    """Return the median and the quartiles, marked if they lie far apart.

    Parameters
    ----------
    spread : Spread
    text : callable
        Formats a number with the decimals of another: `times` or `percent`.
    """
    low, middle, high = (text(x, spread.median) for x in (spread.low, spread.median, spread.high))
    return f"{middle} ({low}–{high})" + (f" {WIDE}" if spread.too_wide else "")


def count_threads(number):
    """Return the number of threads in words.

    >>> count_threads(1), count_threads(2)
    ('1 thread', '2 threads')
    """
    return f"{number} thread{'' if number == 1 else 's'}"
