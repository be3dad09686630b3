"""The tutorials' functions are ufuncs that agree with their NumPy formulas."""

import pickle

import denseloop as dl
import numpy as np
import pandas as pd
import pytest
from denseloop.tutorials.listings import FORMULAS

INTEGERS = [np.dtype(c) for c in "bBhHiIlLqQ"]
REALS = [np.dtype("f"), np.dtype("d")]
NUMBERS = np.linspace(-5, 5, 1001)


def squared_error(predicted, target):
    """Return the listing's error, but exactly where NumPy's power is not, as in NumPy 2.0."""
    if np.array_equal(np.power(NUMBERS, 2), np.square(NUMBERS)):
        return FORMULAS.error(predicted, target)
    return np.square(predicted - target)


FORMULA_OF = {
    "sigmoid": (1, FORMULAS.sigmoid),
    "sigmoid_der": (1, FORMULAS.sigmoid_der),
    "error": (2, squared_error),
    "error_predicted_deriv": (2, FORMULAS.error_predicted_deriv),
    "update_w": (3, FORMULAS.update_w),
}
every_function = pytest.mark.parametrize("name", FORMULA_OF)


def arguments(name, dtype, size, random):
    count = FORMULA_OF[name][0]
    if dtype.kind in "iu":
        return [random.integers(0, 5, size).astype(dtype) for _ in range(count)]
    return [random.uniform(-5, 5, size).astype(dtype) for _ in range(count)]


def assert_same(name, actual, *inputs):
    """Assert what the formula gives: to the bit, or to a relative 1e-12 for the sigmoids.

    float32 has too few digits for the formula of a sigmoid, so float64 is the reference; 1 - s then
    has the rounding error of s, 6e-8.
    """
    dtype = np.asarray(actual).dtype
    sigmoid = name.startswith("sigmoid")
    wide = np.float64 if sigmoid else dtype
    expected = FORMULA_OF[name][1](*[np.asarray(x).astype(wide) for x in inputs])
    assert np.shape(actual) == np.shape(expected)
    rtol = (1e-12 if dtype == np.float64 else 1e-6) if sigmoid else 0
    atol = 1e-7 if dtype == np.float32 and name == "sigmoid_der" else 0
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=atol)


@every_function
@pytest.mark.parametrize("dtype", REALS, ids=str)
@pytest.mark.parametrize("size", [*range(34), 255, 256, 257, 1000])
def test_every_length_agrees_with_the_formula(target, name, dtype, size, random):
    inputs = arguments(name, dtype, size, random)
    result = getattr(dl, name)(*inputs)
    assert result.dtype == dtype
    assert_same(name, result, *inputs)


@every_function
@pytest.mark.parametrize("dtype", INTEGERS, ids=lambda d: d.char)
def test_integers_are_promoted_as_by_numpy(name, dtype, random):
    inputs = arguments(name, dtype, 20, random)
    result = getattr(dl, name)(*inputs)
    wide = [x.astype(float) for x in inputs] if "sigmoid" in name else inputs
    expected = FORMULA_OF[name][1](*wide)
    if "sigmoid" in name:
        assert result.dtype == (np.float32 if dtype.itemsize < 4 else np.float64)
        np.testing.assert_allclose(result, expected, rtol=2e-6 if dtype.itemsize < 4 else 1e-12)
    else:
        assert result.dtype == expected.dtype
        np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_der"])
@pytest.mark.parametrize("dtype", [bool, np.float16])
def test_narrow_types_are_widened_to_float32(name, dtype):
    x = np.array([0, 1], dtype)
    result = getattr(dl, name)(x)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, FORMULA_OF[name][1](x.astype(float)), rtol=1e-6)


@every_function
def test_unsupported_types_are_refused(name):
    for value in ["1", None, np.array([(1, 2)], "i4,i4")]:
        with pytest.raises(TypeError):
            getattr(dl, name)(*[value] * FORMULA_OF[name][0])


@every_function
@pytest.mark.parametrize("dtype", REALS, ids=str)
def test_every_layout_agrees_with_the_formula(target, name, dtype, random):
    function = getattr(dl, name)
    base = [x.reshape(12, 50) for x in arguments(name, dtype, 600, random)]
    unaligned = []
    for x in base:
        raw = np.zeros(x.nbytes + 1, np.uint8)
        view = raw[1:].view(dtype).reshape(x.shape)
        view[...] = x
        unaligned.append(view)
    layouts = {
        "fortran": [np.asfortranarray(x) for x in base],
        "steps": [x[::2, ::3] for x in base],
        "reversed": [x[::-1, ::-1] for x in base],
        "transposed": [x.T for x in base],
        "swapped": [x.astype(dtype.newbyteorder()) for x in base],
        "unaligned": unaligned,
        "broadcast": [x[:1] if k else x for k, x in enumerate(base)],
        "zero stride": [np.broadcast_to(x[0, 0], (3, 4)) for x in base],
    }
    for inputs in layouts.values():
        assert_same(name, function(*inputs), *inputs)


@every_function
def test_read_only_inputs_out_and_where_are_supported(name, random):
    function = getattr(dl, name)
    inputs = arguments(name, np.dtype(float), 30, random)
    for x in inputs:
        x.flags.writeable = False
    out = np.full(30, -7.0)
    mask = np.arange(30) % 3 == 0
    assert function(*inputs, out=out, where=mask) is out
    assert (out[~mask] == -7).all()
    assert_same(name, out[mask], *[x[mask] for x in inputs])
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        function(*inputs, out=out)


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_der"])
@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_input_and_output_may_overlap(target, name, shift, random):
    memory = random.standard_normal(700)
    inner = memory[1:-1]
    before = inner.copy()
    out = memory[1 + shift : 699 + shift]
    getattr(dl, name)(inner, out=out)
    assert_same(name, out, before)


@every_function
@pytest.mark.parametrize("dtype", REALS, ids=str)
def test_outputs_may_be_strided(target, name, dtype, random):
    inputs = arguments(name, dtype, 600, random)
    for step in [2, -1, 3]:
        memory = np.full(2000, -7, dtype)
        out = memory[::step][:600]
        for strided in (inputs, [np.repeat(x, 2)[::2] for x in inputs]):
            getattr(dl, name)(*strided, out=out)
            assert_same(name, out.copy(), *inputs)
        out[...] = -7
        assert (memory == -7).all()


@pytest.mark.parametrize("name", ["error", "error_predicted_deriv", "update_w"])
@pytest.mark.parametrize("dtype", INTEGERS, ids=lambda d: d.char)
def test_integers_are_exact_and_wrap_around(name, dtype, random):
    info = np.iinfo(dtype)
    inputs = [
        random.integers(info.min, info.max, 200, dtype=dtype, endpoint=True)
        for _ in range(FORMULA_OF[name][0])
    ]
    np.testing.assert_array_equal(getattr(dl, name)(*inputs), FORMULA_OF[name][1](*inputs))


@pytest.mark.parametrize("name", ["error", "error_predicted_deriv", "update_w"])
@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_operands_may_overlap(name, shift, random):
    memory = random.standard_normal(700)
    inner = memory[1:-1]
    inputs = [inner] + [random.standard_normal(698) for _ in range(FORMULA_OF[name][0] - 1)]
    before = [x.copy() for x in inputs]
    out = memory[1 + shift : 699 + shift]
    getattr(dl, name)(*inputs, out=out)
    assert_same(name, out, *before)


@every_function
def test_scalars_give_scalars(name):
    count, _ = FORMULA_OF[name]
    for scalar, dtype in [
        (0.3, np.float64),
        (np.float64(0.3), np.float64),
        (np.float32(0.3), np.float32),
    ]:
        result = getattr(dl, name)(*[scalar] * count)
        assert type(result) is dtype
        assert_same(name, result, *[scalar] * count)


def test_a_python_float_does_not_widen_float32():
    w = np.ones(3, np.float32)
    assert dl.update_w(w, w, 0.5).dtype == np.float32
    assert dl.error(w, 0.5).dtype == np.float32


def test_pandas_keeps_its_index():
    series = pd.Series([0.0, 1.0], index=["a", "b"])
    result = dl.sigmoid(series)
    assert isinstance(result, pd.Series) and list(result.index) == ["a", "b"]


@pytest.mark.parametrize("dtype", REALS, ids=str)
def test_no_input_gives_a_warning(target, dtype):
    info = np.finfo(dtype)
    special = [
        0,
        -0.0,
        1,
        -1,
        88,
        -88,
        104,
        -104,
        710,
        -710,
        -745,
        -746,
        -800,
        np.inf,
        -np.inf,
        np.nan,
    ]
    special += [info.max, -info.max, info.tiny, -info.tiny, info.smallest_subnormal]
    with np.errstate(all="ignore"):
        x = np.array(special).astype(dtype)
    grid = np.meshgrid(x, x, x)
    with np.errstate(all="raise"):
        for values in [x, x[::-1], np.repeat(x, 40)]:
            dl.sigmoid(values)
            dl.sigmoid_der(values)
        for name in ["error", "error_predicted_deriv"]:
            getattr(dl, name)(grid[0], grid[1])
        dl.update_w(*grid)


def test_the_derivative_rounds_as_the_formula_does(target):
    x = np.linspace(-36, 36, 20_001)  # for larger x, 1 - s is 0
    np.testing.assert_allclose(dl.sigmoid_der(x), FORMULAS.sigmoid_der(x), rtol=1e-12)


def test_the_other_names_of_the_tutorials_are_the_same_functions():
    assert dl.sigmoid_sop_deriv is dl.activation_sop_deriv is dl.sigmoid_der
    assert isinstance(dl.sigmoid, np.ufunc)
    x = object()
    assert dl.sop_w_deriv(x) is x


def test_functions_can_be_pickled():
    for name in FORMULA_OF:
        function = getattr(dl, name)
        assert pickle.loads(pickle.dumps(function)) is function


@pytest.mark.parametrize("huge", [2**53 + 1, 2**62, 2**63 - 1, 10**30])
def test_integers_of_pythons_never_wrap(huge):
    assert dl.error_predicted_deriv(huge, -huge) == 4 * huge
    assert dl.error(huge, 1) == (huge - 1) ** 2
    assert dl.update_w(huge, -huge, 2) == 3 * huge
    assert dl.update_w(w=huge, grad=1, learning_rate=1) == huge - 1
