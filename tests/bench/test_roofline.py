"""The routines that time the benchmark's roofline do the work that they promise."""

import numpy as np
import pytest
from denseloop import _core

from tests import oracle

MULTIPLY_ADDS = {"float64": _core.multiply_adds64, "float32": _core.multiply_adds32}
LARGEST_ROUND = 24 * 16  # multiply-adds of one step of the routine


@pytest.mark.parametrize("dtype", MULTIPLY_ADDS)
@pytest.mark.parametrize("count", [0, 1, 1000, 7_000_000_000])
def test_the_multiply_adds_are_as_many_as_asked_for(target, dtype, count):
    """Each adds 1, so the sum is the number, even beyond the integers that float32 holds."""
    if target == "baseline":  # too slow for more
        count //= 100
    made = MULTIPLY_ADDS[dtype](count)
    assert count <= made < count + LARGEST_ROUND
    assert MULTIPLY_ADDS[dtype](made) == made


@pytest.mark.parametrize("dtype", MULTIPLY_ADDS)
def test_the_loops_sigmoid_is_the_sigmoid(target, dtype):
    x = np.linspace(-30, 30, 4096, dtype=dtype)
    z = x.copy()
    _core.loop_sigmoid(z, 1)
    expected = oracle.sigmoid(x.astype(np.float64))
    assert np.all(abs(z - expected) <= 4 * np.spacing(expected.astype(dtype)))
    _core.loop_sigmoid(z, 2)
    expected = oracle.sigmoid(oracle.sigmoid(expected))
    assert np.all(abs(z - expected) <= 4 * np.spacing(expected.astype(dtype)))


def test_the_loops_sigmoid_needs_a_writable_array_of_whole_vectors():
    with pytest.raises(ValueError, match="whole vectors of 8 numbers, got 12"):
        _core.loop_sigmoid(np.zeros(12), 1)
    with pytest.raises(ValueError, match="z must have shape"):
        _core.loop_sigmoid(np.zeros((2, 8)), 1)
    with pytest.raises(TypeError):
        _core.loop_sigmoid(np.zeros(8, int), 1)
    read_only = np.zeros(8)
    read_only.flags.writeable = False
    with pytest.raises(ValueError, match="z must be writable"):
        _core.loop_sigmoid(read_only, 1)
