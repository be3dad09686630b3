"""Make the polynomial Q of cpp/simd/exponential.hpp: exp(-s) = 1 - s + s^2 Q(s), |s| <= ln(2)/2.

Lawson's algorithm (C. L. Lawson, 1961) repeats a least-squares fit whose weights grow with the
errors, until the largest relative error is minimal. It needs mpmath and NumPy and takes about
15 seconds.
"""

import mpmath
import numpy as np
from mpmath import mpf

POINTS = 300
ITERATIONS = 60
FORMATS = {"double": (9, np.float64), "float": (4, np.float32)}  # degree of Q


def fit(degree, half_width):
    """Return the coefficients of Q, lowest power first."""
    points = [half_width * mpmath.cos(mpmath.pi * (k + 0.5) / POINTS) for k in range(POINTS)]
    # Both sides are divided by exp(-s), so that the error is relative to it.
    columns = mpmath.matrix(POINTS, degree + 1)
    wanted = mpmath.matrix(POINTS, 1)
    for k, s in enumerate(points):
        for j in range(degree + 1):
            columns[k, j] = (s / half_width) ** (j + 2) * mpmath.exp(s)
        wanted[k] = (mpmath.exp(-s) - 1 + s) * mpmath.exp(s)
    weights = [mpf(1) / POINTS] * POINTS
    for _ in range(ITERATIONS):
        weighted = columns.copy()
        for k in range(POINTS):
            for j in range(degree + 1):
                weighted[k, j] *= weights[k]
        solution = mpmath.lu_solve(weighted.T * columns, weighted.T * wanted)
        errors = [abs(e) for e in columns * solution - wanted]
        total = mpmath.fdot(weights, errors)
        weights = [w * e / total for w, e in zip(weights, errors)]
    return [solution[j] / half_width ** (j + 2) for j in range(degree + 1)]


def largest_error(coefficients, half_width):
    """Return the largest error relative to exp(-s) of the polynomial with these coefficients."""
    grid = [half_width * (mpf(k) / 500 - 1) for k in range(1001)]
    return max(
        abs(1 - s + s**2 * mpmath.polyval(coefficients[::-1], s) - mpmath.exp(-s)) * mpmath.exp(s)
        for s in grid
    )


def main():
    mpmath.mp.dps = 50
    half_width = mpmath.log(2) / 2 * mpf("1.0005")  # n comes from an inexact product
    for name, (degree, dtype) in FORMATS.items():
        coefficients = [float(dtype(float(c))) for c in fit(degree, half_width)]
        error = largest_error([mpf(c) for c in coefficients], half_width)
        print(f"{name}: relative error 2^{float(mpmath.log(error, 2)):.1f}")
        print("  " + ", ".join(c.hex() for c in coefficients))


if __name__ == "__main__":
    main()
