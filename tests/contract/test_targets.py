"""Every CPU target gives the same bits."""

import ctypes
import ctypes.util
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import denseloop as dl
import numpy as np
import pytest
from denseloop import Network, _core, _threads, sigmoid

from tests.cases import CASES, DIGESTS, digest, prepare, prepare_any_size, results

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES)
def test_the_bits_are_those_of_this_version(target, case, dtype):
    assert digest(results(*prepare(case, dtype))) == DIGESTS[case, dtype]


def latest_build():
    builds = sorted(ROOT.glob("build/*/CMakeFiles"), key=lambda path: path.stat().st_mtime)
    return builds[-1] if builds else ROOT / "build"


def object_files():
    """Return the latest build's object files by the path of what they are compiled from.

    That is `folder/stem` for a source that is compiled alone, and a file of CMake's for several.
    """
    files = {
        path.as_posix().rpartition("/cpp/")[2].removesuffix(".cpp.o"): path
        for path in latest_build().glob("*.dir/**/*.o")
    }
    if "targets/target_avx2" not in files or not (shutil.which("nm") and shutil.which("objdump")):
        pytest.skip("needs a build for x86-64, nm and objdump")
    return files


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_wide_instructions_are_only_in_their_targets():
    """A shared function compiled for AVX-512 would end the process on an older CPU."""
    files = object_files()
    sources = {path.relative_to(ROOT / "cpp") for path in (ROOT / "cpp").rglob("*.cpp")}
    sources = {path.with_suffix("").as_posix() for path in sources}
    compiled = {name for name in files if (ROOT / "cpp" / f"{name}.cpp").exists()}
    for several in latest_build().glob("*.dir/Unity/*.cxx"):
        compiled |= set(re.findall(r'#include ".*/cpp/(.*)\.cpp"', several.read_text()))
    assert compiled == sources - {"targets/target_neon"}, "the latest build is of other sources"
    widest_of = {"targets/target_avx2": "ymm", "targets/target_avx512": "zmm"}
    for name, path in files.items():
        registers = set(re.findall(r"%([xyz]mm)", run("objdump", "-d", path)))
        widest = widest_of.get(name)
        assert registers <= ({"xmm", "ymm", widest} if widest else {"xmm"}), name
        assert widest is None or widest in registers, name


@pytest.mark.parametrize("target", ["baseline", "avx2", "avx512"])
def test_a_target_defines_nothing_outside_its_namespace(target):
    path = object_files()[f"targets/target_{target}"]
    symbols = run("nm", "--demangle", "--defined-only", "--extern-only", path)
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


def test_show_config_reports_target_threads_and_build(target, capsys):
    dl.show_config()
    shown = capsys.readouterr().out
    assert f"denseloop: {dl.__version__}\n" in shown
    assert f"CPU target: {target} (of {', '.join(_core.available_targets())})" in shown
    assert f"threads: {_threads.allowed(None)}," in shown
    assert re.search(r"^compiler: (GNU|Clang|AppleClang) [0-9.]+$", shown, re.MULTILINE)
    assert "-ffp-contract=off" in shown and "-march=native" not in shown
    assert ("-mavx2" in shown) == (target in ("avx2", "avx512"))


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
    """The numbers have all exponents, subnormals included.

    The baseline computes a fused multiply-add in steps; the wider targets have an instruction.
    """
    found, trained = _core.active_target(), {}
    try:
        for target in _core.available_targets():
            _core.force_target(target)
            network, X, y, options = prepare_any_size(dtype)
            before = network.parameters.copy()
            network.train(X, y, **options)
            assert np.count_nonzero(network.parameters != before) > 5_000
            trained[target] = network.parameters.tobytes()
    finally:
        _core.force_target(found)
    assert len(set(trained.values())) == 1
