"""Makes the polynomials of cpp/simd/normal_cdf.hpp.

For t >= 0, the normal distribution function is Phi(-t) = exp(-t^2/2) g(t) / (t + near). g varies by
a fifth only; it is near/2 + w P(w - centre) with w = t / (t + far), so that Phi(0) is exactly 1/2.

E. Ya. Remez's exchange algorithm (1934): the error of the best polynomial takes its largest value,
with alternating signs, at one point more than there are coefficients. Needs mpmath and NumPy; takes
about 5 seconds.
"""

import mpmath
import numpy as np
from mpmath import mpf

NEAR = mpf("0.796875")  # about 2 / sqrt(2 pi), so that g is nearly the same at 0 and at infinity
GRID = 600
ITERATIONS = 8
# Type, far, centre, number of coefficients, largest t. The centre is high, so that the roundings of
# the coefficients count most where w is small.
FORMATS = {
    "double": (np.float64, mpf("5.5"), mpf("0.65625"), 22, mpf("38.6")),
    "float": (np.float32, mpf(4), mpf("0.75"), 10, mpf("14.4")),
}


def g(w, far):
    """Return g(t) for w = t / (t + far)."""
    t = far * w / (1 - w)
    return (t + NEAR) * mpmath.exp(t * t / 2) * mpmath.erfc(t / mpmath.sqrt(2)) / 2


def fit(count, far, centre, end):
    """Return the P, lowest power first, with the least relative error of g up to w = end."""
    grid = [end * (1 - mpmath.cos(mpmath.pi * k / GRID)) / 2 for k in range(1, GRID + 1)]
    wanted = [g(w, far) for w in grid]
    chosen = [round(k * (GRID - 1) / count) for k in range(count + 1)]
    for _ in range(ITERATIONS):
        system = mpmath.matrix(count + 1, count + 1)
        right = mpmath.matrix(count + 1, 1)
        for row, k in enumerate(chosen):
            for j in range(count):
                system[row, j] = grid[k] * (grid[k] - centre) ** j / wanted[k]
            system[row, count] = (-1) ** row
            right[row] = 1 - NEAR / 2 / wanted[k]
        solution = mpmath.lu_solve(system, right)
        coefficients = [solution[j] for j in range(count)]
        chosen = alternating_extrema(relative_errors(coefficients, centre, grid, wanted), count + 1)
    return coefficients


def relative_errors(coefficients, centre, grid, wanted):
    """Return the errors of g at every w of the grid."""
    return [
        (NEAR / 2 + w * mpmath.polyval(coefficients[::-1], w - centre)) / value - 1
        for w, value in zip(grid, wanted, strict=True)
    ]


def alternating_extrema(errors, count):
    """Return the indices of the largest error in each run of one sign, `count` of them."""
    extrema = [0]
    for k in range(1, len(errors)):
        if errors[k] * errors[extrema[-1]] < 0:
            extrema.append(k)
        elif abs(errors[k]) > abs(errors[extrema[-1]]):
            extrema[-1] = k
    while len(extrema) > count:
        extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
    return extrema


def main():
    mpmath.mp.dps = 50
    for name, (dtype, far, centre, count, largest) in FORMATS.items():
        end = largest / (largest + far)
        coefficients = [float(dtype(float(c))) for c in fit(count, far, centre, end)]
        grid = [end * k / 2000 for k in range(2001)]
        errors = relative_errors(coefficients, centre, grid, [g(w, far) for w in grid])
        error = mpmath.log(max(abs(e) for e in errors), 2)
        print(f"{name}: relative error 2^{float(error):.1f}")
        print(f"  near {float(NEAR)}, far {float(far)}, centre {float(centre)}")
        print("  " + ", ".join(c.hex() for c in coefficients))


if __name__ == "__main__":
    main()
