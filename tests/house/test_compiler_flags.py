"""cmake/compiler_flags.cmake for compilers and systems that are not at hand, as CMake runs it."""

import shutil
import subprocess
from pathlib import Path

import pytest

FLAGS = Path(__file__).parents[2] / "cmake" / "compiler_flags.cmake"
CMAKE = shutil.which("cmake")

pytestmark = [
    pytest.mark.skipif(CMAKE is None, reason="needs CMake"),
    pytest.mark.skipif(not FLAGS.exists(), reason="not in a checkout"),
]

GCC = {
    "CMAKE_CXX_COMPILER_ID": "GNU",
    "CMAKE_BUILD_TYPE": "Release",
    "CMAKE_SIZEOF_VOID_P": 8,
    "CMAKE_SYSTEM_PROCESSOR": "x86_64",
}
CLANG_CL = {
    **GCC,
    "CMAKE_CXX_COMPILER_ID": "Clang",
    "CMAKE_CXX_COMPILER_FRONTEND_VARIANT": "MSVC",
    "CMAKE_SYSTEM_PROCESSOR": "AMD64",
}
MACOS = {
    **GCC,
    "APPLE": 1,
    "CMAKE_CXX_COMPILER_ID": "AppleClang",
    "CMAKE_SYSTEM_PROCESSOR": "arm64",
    "CMAKE_OSX_DEPLOYMENT_TARGET": "11.0",
}
LISTS = ["BITS", "WARNINGS", "BASELINE_FLAGS", "KERNEL_FLAGS", "AVX512_FLAGS"]


def configure(tmp_path, variables):
    """Return the variables that it sets, and the error."""
    names = ["X86_TARGETS", "ARM_TARGETS", *LISTS]
    script = tmp_path / "script.cmake"
    lines = [f'message(STATUS "{name}=${{DENSELOOP_{name}}}")\n' for name in names]
    script.write_text(f'include("{FLAGS.as_posix()}")\n' + "".join(lines))
    settings = [f"-D{name}={value}" for name, value in variables.items()]
    run = subprocess.run([CMAKE, *settings, "-P", script], capture_output=True, text=True)
    found = dict(line[3:].split("=", 1) for line in run.stdout.splitlines() if "=" in line)
    return found, " ".join(run.stderr.split())


@pytest.mark.parametrize(
    ("variables", "x86", "arm"),
    [
        (GCC, "1", "0"),
        (CLANG_CL, "1", "0"),
        ({**GCC, "CMAKE_SYSTEM_PROCESSOR": "aarch64"}, "0", "1"),
        ({**GCC, "CMAKE_SYSTEM_PROCESSOR": "riscv64"}, "0", "0"),
        (MACOS, "0", "1"),
        ({**MACOS, "CMAKE_OSX_ARCHITECTURES": "x86_64"}, "1", "0"),
    ],
)
def test_the_cpu_decides_the_targets(variables, x86, arm, tmp_path):
    found, error = configure(tmp_path, variables)
    assert (found["X86_TARGETS"], found["ARM_TARGETS"], error) == (x86, arm, "")


@pytest.mark.parametrize("variables", [GCC, CLANG_CL])
def test_every_compiler_gets_flags_of_its_own(variables, tmp_path):
    found, error = configure(tmp_path, variables)
    assert error == "" and "-ffp-contract=off" in found["BITS"]
    flags = [flag for name in LISTS for flag in found[name].split(";")]
    first = "/clang:-" if variables is CLANG_CL else "-"
    for flag in flags:
        flag = flag.removeprefix("$<$<CONFIG:Release>:").removesuffix(">")
        assert flag.startswith((first, "-W")) or (variables is CLANG_CL and flag == "/W4")


@pytest.mark.parametrize(
    ("variables", "error"),
    [
        ({**GCC, "CMAKE_CXX_COMPILER_ID": "MSVC"}, "Use clang-cl"),
        ({**GCC, "CMAKE_SIZEOF_VOID_P": 4}, "the compiler is for 32 bits"),
        ({**MACOS, "CMAKE_OSX_ARCHITECTURES": "arm64;x86_64"}, "one architecture at a time"),
        ({**MACOS, "CMAKE_OSX_DEPLOYMENT_TARGET": "10.13"}, "Set MACOSX_DEPLOYMENT_TARGET=11.0"),
    ],
)
def test_what_cannot_be_built_is_refused(variables, error, tmp_path):
    found, message = configure(tmp_path, variables)
    assert found == {} and error in message
