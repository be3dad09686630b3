"""Errors in units in the last place, measured against mpmath, and arguments to test."""

import mpmath
import numpy as np

TAILS = {np.float64: (-745.2, -708.3), np.float32: (-104.0, -87.3)}


def stratified(dtype, size, random):
    """Return about `size` arguments, most of them at limits of the sigmoid's arithmetic."""
    info = np.finfo(dtype)
    ln2 = np.log(2)

    def of_exponents(lowest, highest, share):
        """Return both signs of every binary exponent in turn."""
        exponents = np.resize(np.arange(lowest, highest), int(share * size))
        signs = random.choice([-1.0, 1.0], exponents.size)
        return np.ldexp(signs * random.uniform(1, 2, exponents.size), exponents)

    def uniform(lowest, highest, share):
        return random.uniform(lowest, highest, int(share * size))

    def near_multiples(share):
        """Return neighbours of multiples of ln(2)/2: n changes at odd ones, s is 0 at even ones."""
        last = int(-TAILS[dtype][0] / ln2) * 2 + 4
        halves = np.resize(np.arange(-last, last + 1), int(share * size))
        multiples = (halves * (ln2 / 2)).astype(dtype)
        return multiples + np.spacing(multiples) * random.integers(-64, 65, multiples.size)

    strata = [
        of_exponents(-info.nmant - 10, 10, 0.4),
        of_exponents(info.minexp - info.nmant, info.maxexp, 0.1),
        uniform((info.nmant - 3) * ln2, (info.nmant + 4) * ln2, 0.1),  # 1 - s is some ULP
        uniform(*TAILS[dtype], 0.2),  # s is subnormal
        near_multiples(0.2),
    ]
    return np.concatenate(strata).astype(dtype)


# Rounding the denominator up and the quotient down keeps a value that is only just below a power
# of two, such as sigmoid(-1e-300), in its binade.


def exact_sigmoid(x):
    denominator = mpmath.fadd(1, mpmath.exp(-x, rounding="u"), rounding="u")
    return mpmath.fdiv(1, denominator, rounding="d")


def exact_derivative(x):
    powers = mpmath.fadd(mpmath.exp(-x, rounding="u"), mpmath.exp(x, rounding="u"), rounding="u")
    return mpmath.fdiv(1, mpmath.fadd(2, powers, rounding="u"), rounding="d")


def ulps(actual, x, exact):
    """Return |actual - exact(x)| in ULP, and whether exact(x) is subnormal, elementwise.

    The unit is that of the exact value's binade.
    """
    info = np.finfo(actual.dtype)
    errors, subnormal = np.empty(actual.size), np.empty(actual.size, bool)
    with mpmath.workprec(120):
        for k, (a, value) in enumerate(zip(actual.tolist(), x.tolist())):
            true = exact(mpmath.mpf(value))
            exponent = mpmath.frexp(true)[1] - 1
            subnormal[k] = exponent < info.minexp
            unit = max(exponent, info.minexp) - info.nmant
            errors[k] = mpmath.ldexp(abs(a - true), -unit)
    return errors, subnormal


def exact_tanh(x):
    return mpmath.tanh(x, rounding="d")


def exact_gelu(x):
    """Return x Phi(x), with Phi the normal distribution function."""
    return x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2
