"""The same bits on every CPU target."""

import ctypes
import ctypes.util
import hashlib
import os
import platform
import subprocess
import sys

import numpy as np
import pytest
from denseloop import Network, _core, sigmoid

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
    X = random.standard_normal((samples, sizes[0]))
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


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES)
def test_same_bits_on_every_target(case, dtype):
    found = _core.active_target()
    digests = {}
    try:
        for target in _core.available_targets():
            _core.force_target(target)
            digests[target] = digest(case, dtype)
    finally:
        _core.force_target(found)
    assert len(set(digests.values())) == 1, digests


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
