"""The fast way into the functions gives what NumPy's own way gives.

A keyword makes a call go NumPy's way, so `where=True` is the reference.
"""

import ctypes
import ctypes.util
import gc
import itertools
import pickle
import platform
import sys
import threading
import timeit
import tracemalloc
import warnings

import denseloop as dl
import numpy as np
import pytest
from denseloop.tutorials.listings import FORMULAS

INPUTS = {"sigmoid": 1, "sigmoid_der": 1, "error": 2, "error_predicted_deriv": 2, "update_w": 3}
EXACT = {
    "error": lambda predicted, target: np.square(
        predicted - target
    ),  # old NumPy's power is inexact
    "error_predicted_deriv": FORMULAS.error_predicted_deriv,
    "update_w": FORMULAS.update_w,
}
SPECIAL = [0.0, -0.0, 1.0, -1.5, 40.0, -745.2, 1e-320, -1e-310, 1e308, -1e308, 1e39, 3.41e38]
SPECIAL += [1e-39, 1e-46, np.inf, -np.inf, np.nan]
every_function = pytest.mark.parametrize("name", INPUTS)


class ArraySubclass(np.ndarray):
    pass


class Float(float):
    pass


class Float64(np.float64):
    pass


class Overriding:
    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        return ufunc.__name__, method


def unaligned(x):
    raw = np.zeros(x.nbytes + 1, np.uint8)
    view = raw[1:].view(x.dtype)
    view[...] = x
    return view


def read_only(x):
    x.flags.writeable = False
    return x


def kinds():
    """Return arguments of every kind: of the fast way, and next to it."""
    x = np.array([0.3, -1.7, 5.0, 0.0, -800.0, 2.5])
    y = x.astype(np.float32)
    return {
        "float": 0.3,
        "float64": np.float64(-1.2),
        "float32": np.float32(0.7),
        "0-d": np.array(2.5),
        "0-d float32": np.array(2.5, np.float32),
        "one element": x[:1],
        "array": x,
        "float32 array": y,
        "read-only": read_only(x.copy()),
        "C order": x.reshape(2, 3),
        "F order": np.asfortranarray(x.reshape(2, 3)),
        "transposed float32": y.reshape(3, 2).T,
        "column": x.reshape(6, 1),
        "three axes": np.ones((1, 2, 1, 3), np.float32),
        "empty": x[:0],
        "empty rows": np.ones((2, 0, 3), order="F"),
        "steps": np.arange(12.0)[::2],
        "reversed": x[::-1],
        "swapped": x.astype(">f8"),
        "unaligned": unaligned(x),
        "unpickled": pickle.loads(pickle.dumps(x)),
        "metadata": x.astype(np.dtype(float, metadata={"unit": "m"})),
        "integer": 3,
        "largest integer": -(2**53),
        "too large integer": 2**53 + 1,
        "bool": True,
        "int32 array": np.arange(6, dtype=np.int32),
        "float16": np.float16(0.5),
        "longdouble": np.longdouble(0.5),
        "complex": 1j,
        "text": "0.5",
        "None": None,
        "list": [0.5, 1.5],
        "array subclass": x.view(ArraySubclass),
        "matrix": x.reshape(2, 3).view(np.matrix),
        "masked": np.ma.array(x, mask=x > 1),
        "float subclass": Float(0.25),
        "float64 subclass": Float64(0.25),
        "large": np.linspace(-3, 3, 501),
        "largest fast": np.linspace(-3, 3, 500, dtype=np.float32),
    }


def seen(value):
    """Return everything that can be seen of a result, in a form that compares by bits."""
    if not isinstance(value, np.ndarray | np.generic):
        return type(value), value
    # A longdouble has bytes that mean nothing, and an object array has pointers.
    numbers = repr(value.tolist()) if value.dtype.char in "gGO" else value.tobytes("A")
    found = [type(value), value.dtype, value.dtype.metadata, value.shape, numbers]
    if isinstance(value, np.ndarray):
        flags = value.flags
        found += [value.strides, flags.owndata, flags.writeable, flags.aligned, value.base is None]
    if isinstance(value, np.ma.MaskedArray):
        found.append(value.mask.tobytes())
    return found


def outcome(function, arguments, **keywords):
    """Return what a call gives: its result or error, and its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = seen(function(*arguments, **keywords))
        except Exception as error:
            result = type(error), str(error)
    return result, [(w.category, str(w.message), w.filename, w.lineno) for w in caught]


def assert_same_both_ways(name, *arguments):
    function = getattr(dl, name)
    if {*map(type, arguments)} == {int} and max(map(abs, arguments)) > 2**53:
        if function not in (dl.sigmoid, dl.sigmoid_der):
            return  # these are exact, where NumPy's own way wraps
    assert outcome(function, arguments) == outcome(function, arguments, where=True), arguments


@every_function
def test_every_kind_of_argument(name):
    # Of three arguments, the third is one of the kinds that the fast way knows, and some others.
    third = ["float", "float64", "float32", "0-d", "array", "F order", "integer", "masked"]
    known = kinds()
    choices = [list(known.values())] * min(INPUTS[name], 2)
    if INPUTS[name] == 3:
        choices.append([known[kind] for kind in third])
    for arguments in itertools.product(*choices):
        assert_same_both_ways(name, *arguments)


@every_function
@pytest.mark.parametrize("mode", ["raise", "warn", "ignore"])
def test_extreme_numbers_and_their_warnings(target, name, mode):
    with np.errstate(all="ignore"):
        numbers = [*SPECIAL, *map(np.float64, SPECIAL), *map(np.float32, SPECIAL)]
    third = [0.5, 1e39, 1e-46, np.float32(np.inf)]
    choices = [numbers, numbers, third][: INPUTS[name]]
    with np.errstate(all=mode):
        for arguments in itertools.product(*choices):
            assert_same_both_ways(name, *arguments)


def test_the_warning_of_a_conversion_reaches_the_callers_handler():
    calls = []
    with np.errstate(over="call", call=lambda kind, flags: calls.append(kind)):
        assert dl.error(np.float32(1), 1e39) == np.inf
    assert calls == ["overflow"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", EXACT)
def test_numbers_and_small_arrays_have_the_bits_of_the_formula(name, dtype, random):
    formula, function = EXACT[name], getattr(dl, name)
    for _ in range(200):
        numbers = [dtype(x) for x in random.standard_normal(INPUTS[name])]
        array = random.standard_normal((3, 4)).astype(dtype)
        for arguments in [numbers, [array, *numbers[1:]], [*numbers[:-1], array]]:
            assert seen(function(*arguments)) == seen(formula(*arguments))
        mixed = [*numbers[:-1], float(numbers[-1])]
        assert seen(function(*mixed)) == seen(formula(*mixed))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_der"])
def test_a_number_alone_has_the_bits_that_it_has_in_an_array(target, name, dtype, random):
    function, limit = getattr(dl, name), 110 if dtype == np.float32 else 760
    x = np.concatenate([random.uniform(-limit, limit, 2000), random.standard_normal(2000)])
    with np.errstate(all="ignore"):
        x = np.concatenate([x, SPECIAL]).astype(dtype)
    alone, together = np.array([function(number) for number in x]), function(x)
    number = ~np.isnan(together)  # of NaN, only that it is NaN is promised
    assert (np.isnan(x) == ~number).all() and np.isnan(alone[~number]).all()
    assert alone[number].tobytes() == together[number].tobytes()


@every_function
def test_an_override_and_a_subclass_are_asked(name):
    count = INPUTS[name]
    assert getattr(dl, name)(*[0.5] * (count - 1), Overriding()) == (name, "__call__")
    subclass = np.ones(3).view(ArraySubclass)
    assert type(getattr(dl, name)(*[0.5] * (count - 1), subclass)) is ArraySubclass


@every_function
def test_keywords_and_wrong_numbers_of_arguments_are_for_numpy(name):
    function, arguments = getattr(dl, name), [np.arange(3.0)] * INPUTS[name]
    out = np.zeros(3)
    assert function(*arguments, out=out) is out
    assert function(*arguments, out) is out
    assert function(*arguments, dtype=np.float32).dtype == np.float32
    with pytest.raises(TypeError, match="unexpected keyword"):
        function(*arguments, colour=1)
    for wrong in [[], arguments[:-1], [*arguments, out, out]]:
        with pytest.raises(TypeError, match="positional arguments"):
            function(*wrong)


@every_function
def test_every_way_to_call_a_function(name):
    function, arguments = getattr(dl, name), [0.3, 0.5, 0.7][: INPUTS[name]]
    expected = function(*arguments, where=True)
    vectorcall = ctypes.pythonapi.PyObject_Vectorcall
    vectorcall.restype = ctypes.py_object
    vectorcall.argtypes = [ctypes.py_object, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    # With this flag the callee may use the place before the arguments.
    offset_flag = 1 << (8 * ctypes.sizeof(ctypes.c_size_t) - 1)
    memory = (ctypes.py_object * (1 + len(arguments)))(None, *arguments)
    first = ctypes.addressof(memory) + ctypes.sizeof(ctypes.py_object)
    assert vectorcall(function, first, len(arguments) | offset_flag, None) == expected
    assert function(*arguments, **{}) == function.__call__(*arguments) == expected
    assert list(map(function, *[[x] for x in arguments])) == [expected]


@every_function
def test_no_reference_is_lost_or_kept(name):
    function = getattr(dl, name)
    array = np.arange(6.0)
    for arguments in [[0.3], [np.float64(0.3)], [np.float32(0.3)], [array], [np.array(0.3)]]:
        arguments = arguments * INPUTS[name]
        before = sys.getrefcount(arguments[0]), sys.getrefcount(array.dtype)
        for _ in range(1000):
            function(*arguments)
        assert (sys.getrefcount(arguments[0]), sys.getrefcount(array.dtype)) == before
        gc.collect()
        tracemalloc.start()
        try:
            for _ in range(100):
                function(*arguments)
            start, _ = tracemalloc.get_traced_memory()
            for _ in range(3000):
                function(*arguments)
            assert tracemalloc.get_traced_memory()[0] - start < 2000
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("mode", [0x400, 0x800, 0xC00])  # downward, upward, toward zero
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the constants are those of x86-64")
def test_the_callers_rounding_mode_acts_as_in_numpys_way(mode):
    libm = ctypes.CDLL(ctypes.util.find_library("m"))
    argument = 0.1  # a conversion to float32 rounds it, in NumPy in the caller's mode
    columns = [np.float32(0.3), np.arange(6, dtype=np.float32), np.float64(0.3), np.arange(6.0)]
    expected, found = [], []
    libm.fesetround(mode)
    try:
        for x in columns:
            found += [dl.sigmoid(x), dl.error(x, argument), dl.update_w(x, x, argument)]
            expected += [
                dl.sigmoid(x, where=True),
                dl.error(x, argument, where=True),
                dl.update_w(x, x, argument, where=True),
            ]
        after = libm.fegetround()
    finally:
        libm.fesetround(0)
    assert after == mode
    assert [seen(x) for x in found] == [seen(x) for x in expected]


def test_threads_do_not_disturb_each_other():
    arrays = [np.linspace(-k, k, 40) for k in range(1, 5)]
    expected = [dl.sigmoid(x, where=True).tobytes() for x in arrays]
    wrong = []

    def work(k):
        for _ in range(3000):
            if (
                dl.sigmoid(arrays[k]).tobytes() != expected[k]
                or dl.error(float(k), 0.5) != (k - 0.5) ** 2
            ):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(arrays))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@every_function
@pytest.mark.parametrize("argument", [0.3, np.float64(0.3), np.float32(0.3), np.arange(3.0)])
def test_a_call_takes_less_time_than_numpys_way(name, argument):
    function, arguments = getattr(dl, name), [argument] * INPUTS[name]
    fast, slow = [], []
    for _ in range(30):
        fast.append(timeit.timeit(lambda: function(*arguments), number=300))
        slow.append(timeit.timeit(lambda: function(*arguments, where=True), number=300))
    assert min(fast) < 0.7 * min(slow)
