"""The sigmoids in units in the last place, against mpmath."""

import denseloop as dl
import numpy as np
import pytest
from denseloop import Network, _core

from tests.ulps import exact_derivative, exact_sigmoid, stratified, ulps

SIZE = 40_000
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan]
both_dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32])


@both_dtypes
def test_sigmoid_is_within_1_ulp(dtype, random):
    """`make accuracy` goes through every float32; 0.714 is the worst of the normal results."""
    x = stratified(dtype, SIZE, random)
    errors, subnormal = ulps(dl.sigmoid(x), x, exact_sigmoid)
    assert errors[subnormal].max() < 1.0
    assert errors[~subnormal].max() < 0.72


@both_dtypes
def test_sigmoid_derivative_is_within_2_ulp_below_0(dtype, random):
    x = -np.abs(stratified(dtype, SIZE, random))
    errors, _ = ulps(dl.sigmoid_der(x), x, exact_derivative)
    assert errors.max() < 2.0


@both_dtypes
def test_the_sigmoids_are_the_same_on_every_target(target, dtype, random):
    """So that the errors found on one target are those of all."""
    x = stratified(dtype, SIZE, random)
    results = [dl.sigmoid(x), dl.sigmoid_der(x)]
    _core.force_target(_core.available_targets()[-1])
    expected = [dl.sigmoid(x), dl.sigmoid_der(x)]
    assert [r.tobytes() for r in results] == [e.tobytes() for e in expected]


@both_dtypes
def test_the_training_loops_sigmoid_is_within_2_ulp(dtype, random):
    x = stratified(dtype, SIZE, random)
    x = x[x > {np.float64: -708, np.float32: -87}[dtype]]
    identity = Network([1, 1], bias=False, dtype=dtype, weights=[np.ones((1, 1), dtype)])
    errors, _ = ulps(identity.forward(x.reshape(-1, 1)).ravel(), x, exact_sigmoid)
    assert errors.max() < 2.0


@both_dtypes
def test_special_values(target, dtype):
    x = np.array(SPECIAL, dtype)
    np.testing.assert_array_equal(dl.sigmoid(x), [0.5, 0.5, 1, 0, np.nan, np.nan])
    np.testing.assert_array_equal(dl.sigmoid_der(x), [0.25, 0.25, 0, 0, np.nan, np.nan])
    for zero in [dl.sigmoid(x[3]), dl.sigmoid_der(x[2]), dl.sigmoid_der(x[3])]:
        assert not np.signbit(zero)


@both_dtypes
def test_no_floating_point_warning(target, dtype, random):
    """None at all, so none of an underflow either: the loop leaves the flags as it found them."""
    signalling_nan = {np.float64: 0x7FF0000000000001, np.float32: 0x7F800001}[dtype]
    signalling_nan = np.array([signalling_nan], np.dtype(dtype).str.replace("f", "u")).view(dtype)
    extremes = [np.finfo(dtype).max, np.finfo(dtype).tiny, np.finfo(dtype).smallest_subnormal]
    special = np.array([*SPECIAL, *extremes, *np.negative(extremes)], dtype)
    x = np.concatenate([special, signalling_nan, stratified(dtype, SIZE, random)])
    with np.errstate(all="raise"):
        for function in [dl.sigmoid, dl.sigmoid_der]:
            function(x)
            function(x[::-1])
            for value in x[:100]:
                function(value)


def test_numpy_looks_at_the_floating_point_flags():
    """Without which the test above would show nothing; here the cast before the loop overflows."""
    with np.errstate(all="raise"), pytest.raises(FloatingPointError, match="overflow"):
        dl.sigmoid([1e300], dtype=np.float32, casting="unsafe")


def test_the_subnormal_tail_is_not_0():
    assert dl.sigmoid(-745.0) == 5e-324
    assert dl.sigmoid(-710.0) == pytest.approx(4.476286225675130e-309, rel=1e-14)
    assert dl.sigmoid(-746.0) == 0
