"""Headers without fused multiply-adds have the same bits everywhere, and small errors."""

import re
from pathlib import Path

import denseloop as dl
import mpmath
import numpy as np
import pytest
from denseloop._c_export import constants
from denseloop._c_export.plain import Functions

from tests.c_export.compilers import NATIVE, Program, run_on_chip
from tests.c_export.test_bits import inputs, networks, same_bits

SIMD = Path(__file__).parents[2] / "cpp" / "simd"
RANDOM = np.random.default_rng(0)
# The largest errors in units in the last place, measured at half a million numbers.
LARGEST = {"sigmoid": 1.7, "tanh": 2.0, "exp": 1.1, "gelu": 2.8}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    found = list(networks())
    for k, network in enumerate(found):
        network.to_c(folder / f"n{k}.h", f"n{k}", fma=False)
    headers = [(f"n{k}", network.dtype.name) for k, network in enumerate(found)]
    return found, Program(folder, headers)


@pytest.fixture(scope="module")
def expected(exported):
    """The outputs of the first compiler, that all others must have."""
    found, program = exported
    program.build("gcc -std=c99 -O0")
    rows = [inputs(network.layer_sizes[0]).astype(network.dtype) for network in found]
    return [(X, program.predict(k, X)) for k, X in enumerate(rows)]


@pytest.mark.parametrize("command", NATIVE)
def test_every_compiler_makes_the_same_bits(command, exported, expected):
    _, program = exported
    program.build(command)
    assert program.selftest() == 0
    for k, (X, outputs) in enumerate(expected):
        assert same_bits(program.predict(k, X), outputs)


@pytest.mark.parametrize("chip", ["cortex-m3", "cortex-m4"])
def test_so_do_microcontrollers(chip, exported):
    found, program = exported
    names = [f"n{k}" for k in range(len(found))]
    assert run_on_chip(program.folder, names, chip, "-O2") == "0\n"


def test_outputs_are_near_those_of_forward(exported, expected):
    found, _ = exported
    for network, (X, outputs) in zip(found, expected):
        small = abs(X).max(axis=1) < 5  # where no activation magnifies the rounding
        scale = 2000 * np.finfo(network.dtype).eps
        difference = abs(outputs - network.forward(X))[small]
        assert (difference <= scale * (1 + abs(outputs[small]))).all(), network


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", LARGEST)
def test_the_functions_are_accurate(name, dtype):
    exact = {
        "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
        "tanh": mpmath.tanh,
        "exp": mpmath.exp,
        "gelu": lambda x: x * mpmath.ncdf(x),
    }[name]
    x = RANDOM.uniform(-12, 12, 3000).astype(dtype)
    with np.errstate(all="ignore"):
        y = getattr(Functions(x.dtype), name)(x)
    with mpmath.workprec(200):
        errors = [
            abs(mpmath.mpf(float(found)) - exact(mpmath.mpf(float(number)))) / float(unit)
            for found, number, unit in zip(y, x, np.spacing(abs(y)))
        ]
    assert max(errors) <= LARGEST[name]


@pytest.mark.skipif(not SIMD.exists(), reason="not in a checkout")
def test_constants_are_those_of_the_core():
    """They are written in two languages, and must never differ."""
    text = "".join((SIMD / name).read_text() for name in ("exponential.hpp", "normal_cdf.hpp"))
    of_core = {float.fromhex(match) for match in re.findall(r"-?0x[0-9a-f.]+p[+-]?\d+", text)}
    own = [
        *constants.EXP_POLYNOMIAL.values(),
        *constants.NORMAL_POLYNOMIAL.values(),
        *([c["LOG2_E"], c["LN2_HI"], c["LN2_LO"]] for c in constants.EXP.values()),
        *([c["UNSHIFT"], c["INV_SQRT_2PI_UNSHIFT"]] for c in constants.NORMAL.values()),
    ]
    assert {number for numbers in own for number in numbers} <= of_core


def test_a_network_has_no_library(tmp_path):
    dl.Network([3, 4, 2], activation="gelu", seed=0).to_c(tmp_path / "n.h", "n", fma=False)
    assert "math.h" not in (tmp_path / "n.h").read_text()
