"""The same bits on every CPU target."""

import ctypes
import ctypes.util
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from denseloop import Network, _core, sigmoid

ROOT = Path(__file__).parents[1]
CASES = {
    "moons-like": ([2, 4, 1], 100, {}),
    "one sample": ([10, 2, 1], 1, {"update_order": "output_first"}),
    "deep": ([3, 5, 6, 7, 4], 333, {"derivative_at": "output", "loss": "squared_error"}),
    "wide": ([64, 32, 10], 1000, {"reduction": "mean"}),
    "classes": ([4, 9, 5], 77, {"loss": "cross_entropy", "reduction": "mean"}),
}


def digest(case, dtype):
    """Of parameters, losses, gradients and outputs after some epochs."""
    sizes, samples, options = CASES[case]
    random = np.random.default_rng(1)
    X = random.random((samples, sizes[0])) - 0.5
    classes = options.get("loss") == "cross_entropy"
    y = (
        np.eye(sizes[-1])[random.integers(sizes[-1], size=samples)]
        if classes
        else random.random((samples, sizes[-1]))
    )
    network = Network(
        sizes, output_activation="softmax" if classes else "sigmoid", dtype=dtype, seed=0
    )
    history = network.train(X, y, learning_rate=0.1, epochs=20, **options)
    objective = {k: v for k, v in options.items() if k != "update_order"}
    gradients = network.loss_and_gradients(X, y, **objective)[1]
    arrays = [network.parameters, history.loss, gradients.flat, network.forward(X)]
    return hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()


# Of this version on every CPU target and with every compiler; a change that means to alter the bits
# says so in the changelog.
DIGESTS = {
    ("moons-like", "float64"): "66be481dbfdeba85724a9f621394d1f26a4b0ea8055c10cd0301440dfa7b9dfb",
    ("moons-like", "float32"): "c4afd008f88cb3ab2c21786507db980a3587777cd79c62d04db045383a1b9796",
    ("one sample", "float64"): "7d0a7193986f8bbdfcef3be5699b174eb8305a370955b847bd2a994f4bd50ac4",
    ("one sample", "float32"): "fd4a1d17f198b9789ec3ed9e9f3092937cae4d510b93d79d04df7ccf015a10ae",
    ("deep", "float64"): "f511e92413620248a2c8c73d815c5c3aca06e67fc5058d73edfb7ef33fa7c045",
    ("deep", "float32"): "643b426d41cdca85e2bb65e572110a192b144ba6cc9fdcad4e4d5a8c0f20d8d8",
    ("wide", "float64"): "5d522459717edf95f0c9cf8909ead9d8b653537009227829366868b1a0cab1b4",
    ("wide", "float32"): "a86dfa79442706c398e8230bee03fb12ea9390c194e460e606e59602589d9bfc",
    ("classes", "float64"): "3b55465d859b61ab4ef3ddb5a7b8ec71307b665c557a7141d7a157fa60d1796a",
    ("classes", "float32"): "14202f271a92e6afe05c0f1d84877a57bc256d78c4270958bbccc04091902895",
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES)
def test_the_bits_are_those_of_this_version(target, case, dtype):
    assert digest(case, dtype) == DIGESTS[case, dtype]


def object_files():
    """Those of the latest build, by name, if the tests run in a checkout that was built here."""
    builds = sorted(ROOT.glob("build/*/CMakeFiles"), key=lambda path: path.stat().st_mtime)
    files = (
        {path.name.split(".")[0]: path for path in builds[-1].rglob("*.cpp.o")} if builds else {}
    )
    if "target_avx2" not in files or not (shutil.which("nm") and shutil.which("objdump")):
        pytest.skip("needs a build for x86-64, nm and objdump")
    return files


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_wide_instructions_are_only_in_their_targets():
    """A shared function compiled for AVX-512 would end the process on an older CPU."""
    files = object_files()
    assert {"bindings", "dispatch", "layout", "trainer", "target_baseline", "ufuncs"} <= set(files)
    for name, path in files.items():
        registers = set(re.findall(r"%([xyz]mm)", run("objdump", "-d", path)))
        widest = {"target_avx2": "ymm", "target_avx512": "zmm"}.get(name)
        assert registers <= {"xmm", "ymm", widest} if widest else registers <= {"xmm"}, name
        if widest:
            assert widest in registers


@pytest.mark.parametrize("target", ["baseline", "avx2", "avx512"])
def test_a_target_defines_nothing_outside_its_namespace(target):
    symbols = run(
        "nm", "--demangle", "--defined-only", "--extern-only", object_files()[f"target_{target}"]
    )
    for line in symbols.splitlines():
        name = line.split(maxsplit=2)[2]
        assert f"denseloop::{target}::" in name or name == f"denseloop::{target}_kernels", name


@pytest.mark.parametrize("mode", ["FE_DOWNWARD", "FE_UPWARD", "FE_TOWARDZERO"])
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the constants are those of x86-64")
def test_the_callers_rounding_mode_does_not_matter_and_stays(target, mode):
    modes = {"FE_DOWNWARD": 0x400, "FE_UPWARD": 0x800, "FE_TOWARDZERO": 0xC00}
    libm = ctypes.CDLL(ctypes.util.find_library("m"))
    network, twin = (Network([2, 3, 1], seed=0) for _ in range(2))
    X, y = np.random.default_rng(0).random((2, 40, 2))
    x, y = X[:, 0], y[:, :1]

    def results(network):
        network.train(X, y, learning_rate=0.1, epochs=5)
        loss, gradients = network.loss_and_gradients(X, y)
        arrays = [network.parameters, gradients.flat, network.forward(X), sigmoid(x)]
        return [loss, *(a.tobytes() for a in arrays)]

    expected = results(twin)
    libm.fesetround(modes[mode])
    try:
        found = results(network)
        after = libm.fegetround()
    finally:
        libm.fesetround(0)
    assert found == expected
    assert after == modes[mode]


def test_the_widest_target_is_the_default():
    assert _core.active_target() == os.environ.get(
        "DENSELOOP_TARGET", _core.available_targets()[-1]
    )


@pytest.mark.parametrize("name", _core.available_targets())
def test_the_environment_forces_a_target(name):
    assert run_with_target(name) == (0, name, "")


def test_an_unknown_target_is_an_error_at_import():
    status, _, error = run_with_target("sse9")
    assert status == 1
    assert "no CPU target 'sse9' here; available: baseline" in error


def run_with_target(name):
    done = subprocess.run(
        [sys.executable, "-c", "from denseloop import _core; print(_core.active_target())"],
        env={**os.environ, "DENSELOOP_TARGET": name},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout.strip(), done.stderr


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_multiply_add_of_any_size_is_rounded_once_everywhere(dtype):
    """parameters - step * gradient over the whole range of exponents, subnormals included.

    The baseline computes it; the wider targets have an instruction, and are its oracle.
    """
    info, random = np.finfo(dtype), np.random.default_rng(3)

    def numbers(highest_exponent):
        lowest_exponent = info.minexp - info.nmant
        exponents = random.integers(lowest_exponent, highest_exponent, 20_000)
        return np.ldexp(random.uniform(-1, 1, 20_000), exponents).astype(dtype)

    X, weights = numbers(10).reshape(1, -1), numbers(info.maxexp - 40).reshape(-1, 1)
    found, results = _core.active_target(), {}
    try:
        for target in _core.available_targets():
            _core.force_target(target)
            network = Network([20_000, 1], bias=False, dtype=dtype, weights=[weights])
            # The slope at the output does not vanish, however large the sum is.
            network.train(X, [[1e3]], learning_rate=0.123, epochs=1, derivative_at="output")
            assert np.count_nonzero(network.weights[0] != weights) > 5_000
            results[target] = network.parameters.tobytes()
    finally:
        _core.force_target(found)
    assert len(set(results.values())) == 1
