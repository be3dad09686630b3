"""The functions take what the listings' own formulas take: other numbers, objects, and arrays of
other libraries; and the listings' names of their arguments."""

from decimal import Decimal
from fractions import Fraction

import denseloop as dl
import mpmath
import numpy as np
import pandas as pd
import pytest
from denseloop.tutorials.listings import FORMULAS

NAMES = {
    "sigmoid": ["x"],
    "sigmoid_der": ["x"],
    "error": ["predicted", "target"],
    "error_predicted_deriv": ["predicted", "target"],
    "update_w": ["w", "grad", "learning_rate"],
}
every_function = pytest.mark.parametrize("name", NAMES)
plain_functions = pytest.mark.parametrize("name", ["error", "error_predicted_deriv", "update_w"])


def both(name, *arguments):
    """Return what the function gives, and the listing's formula."""
    return getattr(dl, name)(*arguments), getattr(FORMULAS, name)(*arguments)


@every_function
@pytest.mark.parametrize("dtype", [np.longdouble, np.complex64, np.complex128, np.clongdouble])
def test_wider_and_complex_numbers_agree_with_the_formula(name, dtype, random):
    for shape in [(), (7,), (3, 40)]:
        arguments = [random.uniform(-9, 9, shape).astype(dtype) for _ in NAMES[name]]
        if np.dtype(dtype).kind == "c":
            arguments = [
                x + dtype(1j) * x[..., ::-1] if shape else x + dtype(1j) for x in arguments
            ]
        result, expected = both(name, *arguments)
        assert result.dtype == expected.dtype == dtype
        # 1 - s has lost four digits at 9.
        slack = 1e5 if name.startswith("sigmoid") else 8
        np.testing.assert_allclose(result, expected, rtol=slack * np.finfo(dtype).eps)
        every_second = [np.repeat(x, 2, axis=-1)[..., ::2] for x in arguments if shape]
        if shape:
            np.testing.assert_array_equal(getattr(dl, name)(*every_second), result)


@pytest.mark.parametrize("x", [-11_000.0, -1234.1, -40.0, -1e-3, 0.0, 1e-3, 40.0, 11_000.0])
@pytest.mark.skipif(np.finfo(np.longdouble).maxexp < 16384, reason="long double is float64")
def test_the_sigmoid_of_a_longdouble_is_exact_to_its_last_digits(x):
    with mpmath.workprec(200), np.errstate(all="raise"):
        exact = 1 / (1 + mpmath.exp(-mpmath.mpf(x)))
        found = mpmath.mpf(np.format_float_scientific(dl.sigmoid(np.longdouble(x)), unique=True))
        assert abs(found / exact - 1) < 4 * float(np.finfo(np.longdouble).eps)


@pytest.mark.parametrize("x", [-740.0, -700.0, -20.0, -1.0, 0.0, 1.0, 20.0, 800.0])
def test_a_complex_step_gives_the_derivative(x):
    """The quotient of the imaginary part by a tiny step, which cancels nothing."""
    step = 1e-20j
    with mpmath.workprec(120), np.errstate(all="raise"):
        s = 1 / (1 + mpmath.exp(-mpmath.mpf(x)))
        derivative = mpmath.exp(-abs(x)) / (1 + mpmath.exp(-abs(x))) ** 2
        found = dl.sigmoid(x + step)
        assert float(found.real) == pytest.approx(float(s), rel=1e-14)
        # Where the derivative times the step is subnormal, as few digits are left.
        assert found.imag / 1e-20 == pytest.approx(float(derivative), rel=1e-13, abs=1e-303)
        assert dl.error(x + step, 0.5).imag / 1e-20 == pytest.approx(2 * (x - 0.5), rel=1e-14)
        assert dl.update_w(x, 3.0 + step, 0.25).imag / 1e-20 == pytest.approx(-0.25, rel=1e-14)


@plain_functions
@pytest.mark.parametrize("kind", [Fraction, Decimal, float, int])
def test_objects_compute_with_their_own_operators(name, kind):
    arguments = [np.array([kind(2 + k), kind(5 - k)], object) for k in range(len(NAMES[name]))]
    result, expected = both(name, *arguments)
    assert result.dtype == object and (result == expected).all()
    assert [type(x) for x in result] == [kind, kind]
    assert both(name, *[x[0] for x in arguments])[0] == expected[0]


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_der"])
def test_the_sigmoids_of_objects(name):
    numbers = [-800.0, -3, 0.5, True]
    with np.errstate(all="raise"):
        result = getattr(dl, name)(np.array(numbers, object))
    np.testing.assert_array_equal(result.astype(float), getattr(dl, name)(np.array(numbers)))
    third = getattr(dl, name)(Decimal(1) / 3)  # by its method exp(), as numpy.exp does
    assert float(third) == pytest.approx(getattr(FORMULAS, name)(1 / 3), rel=1e-15)
    for refused in [Fraction(1, 3), 10**400, "1", None]:
        with pytest.raises(TypeError):
            getattr(dl, name)(np.array([refused], object))


def test_an_error_of_an_element_leaves_no_result():
    out = np.array([None, "kept", "kept"], object)
    with pytest.raises(TypeError):
        dl.error(np.array([1, "a", 2], object), 3, out=out)
    assert list(out[1:]) == ["kept", "kept"]


FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, index=["x", "y"])
OTHER_ROWS = pd.DataFrame({"b": [1.0, 2.0], "a": [5.0, 6.0]}, index=["y", "z"])


@plain_functions
@pytest.mark.parametrize(
    "first, second",
    [
        (FRAME, FRAME.iloc[0]),
        (FRAME.iloc[0], FRAME),
        (FRAME, OTHER_ROWS),
        (FRAME["a"], OTHER_ROWS["a"]),
        (FRAME["a"], np.array([1.0, 2.0])),
        (np.array([1.0, 2.0]), FRAME["a"]),
        (FRAME.astype("Float64"), FRAME.astype("Int64")),
        (FRAME["a"].astype("Float64"), pd.NA),
        (pd.Series([1.0, 2.0], index=[0, 0]), pd.Series([1.0, 2.0], index=[0, 1])),
        (pd.Index([1.0, 2.0]), 0.5),
    ],
)
def test_pandas_aligns_as_in_the_formula(name, first, second):
    rest = [0.1] * (len(NAMES[name]) - 2)
    result, expected = both(name, first, second, *rest)
    assert type(result) is type(expected)
    check = {
        pd.DataFrame: pd.testing.assert_frame_equal,
        pd.Series: pd.testing.assert_series_equal,
        pd.Index: pd.testing.assert_index_equal,
    }[type(result)]
    check(result, expected, check_exact=True)


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_der"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "Float64", "Int64", object])
def test_the_sigmoids_of_pandas(name, dtype):
    numbers = FRAME.astype(dtype)
    for given in [numbers, numbers["a"], numbers.replace(1, -800)]:
        with np.errstate(all="raise"):
            result = getattr(dl, name)(given)
        assert type(result) is type(given) and result.index.equals(given.index)
        with np.errstate(over="ignore"):
            expected = getattr(FORMULAS, name)(given.astype(float))
        np.testing.assert_allclose(result.astype(float), expected, rtol=1e-5)


class Metres(np.lib.mixins.NDArrayOperatorsMixin):
    """A quantity that knows a few of NumPy's ufuncs, and refuses all others."""

    def __init__(self, value, power=1):
        self.value, self.power = np.asarray(value), power

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        values = [x.value if isinstance(x, Metres) else x for x in inputs]
        powers = [x.power if isinstance(x, Metres) else 0 for x in inputs]
        if ufunc is np.subtract and len(set(powers)) > 1:
            raise ValueError(f"powers {powers}")
        if ufunc is np.multiply:
            power = sum(powers)
        elif ufunc is np.power:
            power = powers[0] * inputs[1]
        elif ufunc is np.subtract:
            power = powers[0]
        elif ufunc in (np.exp, np.negative, np.add, np.divide) and powers == [0] * len(powers):
            power = 0
        else:
            return NotImplemented
        return Metres(ufunc(*values, **keywords), power)


def test_a_quantity_keeps_its_unit():
    x, y = Metres([1.0, 2.0]), Metres(3.0)
    for result, expected, power in [
        (dl.error(x, y), [4.0, 1.0], 2),
        (dl.error_predicted_deriv(x, y), [-4.0, -2.0], 1),
        (dl.update_w(x, y, 0.5), [-0.5, 0.5], 1),
        (dl.sigmoid(Metres([0.0, 1.0], 0)), FORMULAS.sigmoid(np.array([0.0, 1.0])), 0),
    ]:
        np.testing.assert_allclose(result.value, expected, rtol=1e-15)
        assert result.power == power
    with pytest.raises(ValueError, match="powers"):  # its own words
        dl.error(x, Metres(1.0, 2))
    with pytest.raises(TypeError):
        dl.sigmoid(x)


def test_spans_of_time_are_updated():
    w, grad = np.array([10, 20], "m8[s]"), np.array([4, 8], "m8[s]")
    np.testing.assert_array_equal(*both("update_w", w, grad, 0.5))
    np.testing.assert_array_equal(
        *both("error_predicted_deriv", w.astype("M8[s]"), np.datetime64(0, "s"))
    )


class Mute:
    """It has no operators, and knows no ufunc."""

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        return NotImplemented


@pytest.mark.parametrize("name", ["error", "error_predicted_deriv", "update_w"])
def test_what_neither_knows_gets_the_formulas_error(name):
    with pytest.raises(TypeError, match="unsupported operand type.* for .*: 'Mute' and"):
        getattr(dl, name)(*[Mute()] * len(NAMES[name]))


class Stops(np.lib.mixins.NDArrayOperatorsMixin):
    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        raise KeyboardInterrupt


@every_function
def test_an_interruption_is_no_refusal(name):
    with pytest.raises(KeyboardInterrupt):
        getattr(dl, name)(*[Stops()] * len(NAMES[name]))


@every_function
def test_arguments_by_the_listings_names(name):
    function, names = getattr(dl, name), NAMES[name]
    for values in [[0.25, 2.0, 0.5], [np.arange(3.0)] * 3, [FRAME] * 3]:
        values = values[: len(names)]
        expected = function(*values)
        for by_position in range(len(names)):
            rest = list(zip(names, values))[by_position:]
            found = function(*values[:by_position], **dict(rest[::-1]))
            assert type(found) is type(expected)
            np.testing.assert_array_equal(found, expected)
    out = np.zeros(3)
    assert function(**dict.fromkeys(names, np.arange(3.0)), out=out) is out
    np.testing.assert_array_equal(out, function(*[np.arange(3.0)] * len(names)))


def test_the_sigmoids_take_the_name_of_both_tutorials():
    assert dl.sigmoid(sop=0.5) == dl.sigmoid(x=0.5) == dl.sigmoid(0.5)
    assert dl.sigmoid_sop_deriv(sop=0.5) == dl.sigmoid_der(x=0.5) == dl.sigmoid_der(0.5)
    assert dl.sop_w_deriv(x=0.5) == 0.5


def test_wrong_names_are_explained():
    with pytest.raises(TypeError, match=r"update_w\(\) got multiple values for argument 'w'"):
        dl.update_w(1.0, 2.0, 0.5, w=1.0)
    with pytest.raises(TypeError, match=r"sigmoid\(\) got multiple values for argument 'x'"):
        dl.sigmoid(sop=1.0, x=2.0)
    with pytest.raises(TypeError, match=r"update_w\(\) is missing the argument 'grad'"):
        dl.update_w(w=1.0, learning_rate=0.5)
    with pytest.raises(TypeError, match="from 3 to 4 positional arguments but 1 (was|were) given"):
        dl.update_w(w=1.0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        dl.error(predicted=1.0, target=2.0, colour=3)
