"""Quartiles of the rounds of a measurement, and of ratios of the same rounds."""

import statistics
from dataclasses import dataclass

TOO_WIDE = 0.2  # of the median, between the quartiles


@dataclass(frozen=True)
class Spread:
    """The quartiles of some rounds."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values):
        return cls(*(statistics.quantiles(values, n=4) if len(values) > 1 else 3 * list(values)))

    @classmethod
    def of_ratios(cls, numerators, denominators):
        """Return the spread of the ratios, each of two figures of the same round."""
        return cls.of([a / b for a, b in zip(numerators, denominators, strict=True)])

    @property
    def too_wide(self):
        return self.high - self.low > TOO_WIDE * self.median
