"""The sigmoids in units in the last place, against mpmath."""

import denseloop as dl
import mpmath
import numpy as np
import pytest
from denseloop import Network

TAILS = {np.float64: (-745.2, -708.3), np.float32: (-104.0, -87.3)}


def stratified(dtype, random):
    """Both signs of every binary exponent that matters, and the subnormal tail."""
    largest = {np.float64: 800, np.float32: 110}[dtype]
    magnitudes = 2.0 ** random.uniform(-40, np.log2(largest), 6000)
    x = np.concatenate([magnitudes, -magnitudes, random.uniform(*TAILS[dtype], 2000)])
    return x.astype(dtype)


def ulps(actual, x, exact):
    """|actual - exact(x)| in units in the last place of the exact value's binade."""
    info = np.finfo(actual.dtype)
    with mpmath.workprec(200):
        worst = 0
        for a, value in zip(actual.tolist(), x.tolist()):
            true = exact(mpmath.mpf(value))
            exponent = max(int(mpmath.floor(mpmath.log(true, 2))), info.minexp)
            worst = max(worst, abs(a - true) / mpmath.mpf(2) ** (exponent - info.nmant))
    return float(worst)


def exact_sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def exact_derivative(x):
    return 1 / (2 + mpmath.exp(-x) + mpmath.exp(x))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sigmoid_is_within_1_ulp(dtype, random):
    x = stratified(dtype, random)
    assert ulps(dl.sigmoid(x), x, exact_sigmoid) < 1.0


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sigmoid_above_the_tail_is_within_0_7_ulp(dtype, random):
    x = stratified(dtype, random)
    x = x[x > TAILS[dtype][1]]
    assert ulps(dl.sigmoid(x), x, exact_sigmoid) < 0.7


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sigmoid_derivative_is_within_2_ulp_below_0(dtype, random):
    x = -np.abs(stratified(dtype, random))
    assert ulps(dl.sigmoid_der(x), x, exact_derivative) < 2.0


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_training_loops_sigmoid_is_within_2_ulp_on_this_sample(dtype, random):
    """Over every third float32 the worst is 2.45, near -16.6."""
    x = stratified(dtype, random)
    x = x[x > {np.float64: -708, np.float32: -87}[dtype]]
    identity = Network([1, 1], bias=False, dtype=dtype, weights=[np.ones((1, 1), dtype)])
    assert ulps(identity.forward(x.reshape(-1, 1)).ravel(), x, exact_sigmoid) < 2.0


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_special_values(target, dtype):
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan], dtype)
    np.testing.assert_array_equal(dl.sigmoid(x), [0.5, 0.5, 1, 0, np.nan, np.nan])
    np.testing.assert_array_equal(dl.sigmoid_der(x), [0.25, 0.25, 0, 0, np.nan, np.nan])


def test_the_subnormal_tail_is_not_0():
    assert dl.sigmoid(-745.0) == 5e-324
    assert dl.sigmoid(-710.0) == pytest.approx(4.476286225675130e-309, rel=1e-14)
    assert dl.sigmoid(-746.0) == 0
