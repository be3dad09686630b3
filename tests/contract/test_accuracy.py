"""The sigmoids keep their documented error bounds, measured against mpmath."""

import denseloop as dl
import mpmath
import numpy as np
import pytest
from denseloop import Network, _core

from tests.ulps import exact_derivative, exact_sigmoid, stratified, ulps

SIZE = 40_000
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan]
both_dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32])


@both_dtypes
def test_sigmoid_is_within_1_ulp(dtype, random):
    """`make accuracy` tests every float32; its worst normal result is 0.714 ULP off."""
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
    """An error bound that holds on one target then holds on all."""
    x = stratified(dtype, SIZE, random)
    results = [dl.sigmoid(x), dl.sigmoid_der(x)]
    _core.force_target(_core.available_targets()[-1])
    expected = [dl.sigmoid(x), dl.sigmoid_der(x)]
    assert [r.tobytes() for r in results] == [e.tobytes() for e in expected]


@both_dtypes
def test_the_training_loops_sigmoid_is_within_2_ulp(dtype, random):
    x = stratified(dtype, SIZE, random)
    identity = Network([1, 1], bias=False, dtype=dtype, weights=[np.ones((1, 1), dtype)])
    errors, _ = ulps(identity.forward(x.reshape(-1, 1)).ravel(), x, exact_sigmoid)
    assert errors.max() < 2.0


def one_layer(x, dtype, activation):
    """Return the outputs of a layer without biases for the pre-activations x (n_samples, units)."""
    weights = [np.eye(x.shape[1], dtype=dtype)]
    shape = [x.shape[1]] * 2
    network = Network(shape, bias=False, dtype=dtype, output_activation=activation, weights=weights)
    return network.forward(x)


@both_dtypes
def test_the_exp_of_the_loop_is_within_2_ulp_of_every_number(target, dtype, random):
    """It is subnormal or 0 far below, and infinite far above."""
    limit = 110 if dtype == np.float32 else 760
    x = np.concatenate([random.uniform(-limit, limit, 4000), random.standard_normal(1000)])
    x = np.concatenate([x, [88, 88.7, -90, -103.9, 708.5, 709.7, -720, -745, 0]]).astype(dtype)
    for given in (x, x[:3], x[-9:]):  # many samples, and few
        outputs = one_layer(given[:, None], dtype, "exp")[:, 0]
        with mpmath.workprec(100):
            largest = mpmath.mpf(float(np.finfo(dtype).max))
            finite = np.array([mpmath.exp(float(each)) < largest for each in given])
        assert (outputs[~finite] == np.inf).all()
        errors, _ = ulps(outputs[finite], given[finite], lambda z: mpmath.exp(z, rounding="d"))
        assert errors.max() < 2.0
    special = one_layer(np.array([[np.finfo(dtype).max], [np.finfo(dtype).min]]), dtype, "exp")
    np.testing.assert_array_equal(special[:, 0], [np.inf, 0])


@both_dtypes
def test_a_softmax_is_exact_far_out(target, dtype):
    """A probability of exp(-z) is subnormal or 0, not the smallest normal number."""
    gaps = [0.5, 60, 86, 87.5, 90, 103, 104.5, 700, 709, 720, 744, 746, 1e4]
    for classes in (2, 3):
        z = np.zeros((2 * len(gaps), classes), dtype)
        z[:, 0] = [*gaps, *np.negative(gaps)]
        with mpmath.workprec(100):
            exact = []
            for row in z.tolist():
                powers = [mpmath.exp(mpmath.mpf(each)) for each in row]
                exact.append([power / mpmath.fsum(powers) for power in powers])
        for k, row in enumerate(one_layer(z, dtype, "softmax")):
            assert one_layer(z[k : k + 1], dtype, "softmax").tobytes() == row.tobytes()
            for found, true in zip(row.tolist(), exact[k]):
                unit = float(np.spacing(dtype(float(true))))
                assert abs(found - true) <= 4 * unit


@both_dtypes
def test_the_sigmoids_have_their_limits_at_special_values(target, dtype):
    x = np.array(SPECIAL, dtype)
    np.testing.assert_array_equal(dl.sigmoid(x), [0.5, 0.5, 1, 0, np.nan, np.nan])
    np.testing.assert_array_equal(dl.sigmoid_der(x), [0.25, 0.25, 0, 0, np.nan, np.nan])
    for zero in [dl.sigmoid(x[3]), dl.sigmoid_der(x[2]), dl.sigmoid_der(x[3])]:
        assert not np.signbit(zero)


@both_dtypes
def test_no_input_gives_a_floating_point_warning(target, dtype, random):
    """The loop leaves all flags as it found them, also that of an underflow."""
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
    """The test above relies on it. Here the cast before the loop overflows."""
    with np.errstate(all="raise"), pytest.raises(FloatingPointError, match="overflow"):
        dl.sigmoid([1e300], dtype=np.float32, casting="unsafe")


def test_the_subnormal_tail_is_not_0():
    assert dl.sigmoid(-745.0) == 5e-324
    assert dl.sigmoid(-710.0) == pytest.approx(4.476286225675130e-309, rel=1e-14)
    assert dl.sigmoid(-746.0) == 0
