"""Ratios between contenders of the same rounds, and how far they spread."""

import statistics

TOO_WIDE = 0.2


def quartiles(values):
    return statistics.quantiles(values, n=4) if len(values) > 1 else 3 * list(values)


def ratio_quartiles(seconds, base):
    """Of the ratios round by round."""
    return quartiles([a / b for a, b in zip(seconds, base, strict=True)])


def too_wide(quarters):
    low, median, high = quarters
    return high - low > TOO_WIDE * median
