"""Headers in programs: written, compiled and run by the compilers and machines that there are."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is missing")
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror"]
NATIVE = [
    "gcc -std=c99 -O0",
    "gcc -std=c99 -O2",
    "gcc -std=gnu11 -O3 -march=native",  # which may contract products and sums
    "g++ -std=c++17 -O0",
    "g++ -std=c++17 -O2",
    "g++ -std=c++17 -O3 -march=native",
    "clang -std=c99 -O0",
    "clang -std=c11 -O2",
    "clang -std=gnu11 -O3 -march=native -ffp-contract=fast",
    "clang++ -std=c++17 -O3 -march=native",
    "clang -std=c11 -O1 -fsanitize=undefined -fsanitize-trap=undefined",
    "aarch64-linux-gnu-gcc -static -std=gnu11 -O3",
]
CHIPS = {
    "cortex-m3": ("", "mps2-an385"),
    "cortex-m4": ("-mfloat-abi=hard -mfpu=fpv4-sp-d16", "mps2-an386"),
    "cortex-m7": ("-mfloat-abi=hard -mfpu=fpv5-d16", "mps2-an500"),
}
BOARD = Path(__file__).parent / "board"

MAIN = """
#include <stdio.h>
#include <stdlib.h>
{includes}
int main(int count, char **arguments) {{
    const int number = count > 1 ? atoi(arguments[1]) : -1;
{cases}
    return {selftests};
}}
"""
CASE = """
    if (number == {k}) {{
        static {real} x[{macro}_INPUTS], y[{macro}_OUTPUTS];
        while (fread(x, sizeof x, 1, stdin) == 1) {{
            {name}_predict(x, y);
            fwrite(y, sizeof y, 1, stdout);
        }}
    }}"""
DERIVATIVE = """
    if (number == {k}) {{
        static {real} x[{macro}_INPUTS], y[{macro}_OUTPUTS];
        static {real} d[{macro}_OUTPUTS * {macro}_INPUTS];
        while (fread(x, sizeof x, 1, stdin) == 1) {{
            {name}_jacobian(x, y, d);
            fwrite(d, sizeof d, 1, stdout);
        }}
    }}"""


class Program:
    """A program with some headers, for which names and dtypes are given.

    Case 2 k makes the outputs of header k for the inputs that it reads, case 2 k + 1 their
    derivatives. Without a case it runs all self-tests.
    """

    def __init__(self, folder, headers, derivative=False):
        self.folder, self.dtypes = folder, [np.dtype(dtype) for _, dtype in headers]
        cases = []
        for k, (name, dtype) in enumerate(headers):
            words = {"name": name, "macro": name.upper()}
            words["real"] = "double" if dtype == "float64" else "float"
            cases.append(CASE.format(k=2 * k, **words))
            if derivative:
                cases.append(DERIVATIVE.format(k=2 * k + 1, **words))
        includes = "\n".join(f'#include "{name}.h"' for name, _ in headers)
        selftests = " + ".join(f"{name}_selftest()" for name, _ in headers) + " != 0"
        text = MAIN.format(includes=includes, cases="".join(cases), selftests=selftests)
        for ending in ("c", "cpp"):
            (folder / f"main.{ending}").write_text(text)

    def build(self, command, *flags):
        """Compile the program by a command such as "gcc -O2", if there is this compiler."""
        compiler, *options = command.split()
        if shutil.which(compiler) is None:
            pytest.skip(f"{compiler} is missing")
        source = self.folder / ("main.cpp" if compiler.endswith("++") else "main.c")
        program = self.folder / command.replace(" ", "_").replace("/", "_")
        run = [compiler, *options, *WARNINGS, *flags, str(source), "-o", str(program), "-lm"]
        found = subprocess.run(run, capture_output=True, text=True, timeout=200)
        assert (found.returncode, found.stderr) == (0, "")
        emulator = []
        if compiler.startswith("aarch64"):
            emulator = ["qemu-aarch64"]
            if shutil.which("qemu-aarch64") is None:
                pytest.skip("qemu-aarch64 is missing")
        self.command = [*emulator, str(program)]

    def selftest(self):
        """Return the exit status of all self-tests."""
        return subprocess.run(self.command, timeout=200).returncode

    def predict(self, k, X, *, derivative=False):
        """Return the numbers (n, ...) that header k makes for X (n, n_inputs)."""
        case = str(2 * k + derivative)
        given = np.ascontiguousarray(X, self.dtypes[k]).tobytes()
        run = [*self.command, case]
        found = subprocess.run(run, input=given, capture_output=True, timeout=200)
        assert found.returncode in (0, 1), found.stderr
        return np.frombuffer(found.stdout, self.dtypes[k]).reshape(len(X), -1)


def run_on_chip(folder, headers, chip, *flags):
    """Return what the self-tests of headers print on an emulated chip: "0\\n" if all is well."""
    options, board = CHIPS[chip]
    for program in ("arm-none-eabi-gcc", "qemu-system-arm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing")
    includes = "\n".join(f'#include "{name}.h"' for name in headers)
    total = " + ".join(f"{name}_selftest()" for name in headers)
    (folder / "chip.c").write_text(
        f'{includes}\n#include "board.h"\n'
        f'int main(void) {{ board_print({total} == 0 ? "0\\n" : "wrong\\n"); return 0; }}\n'
    )
    image = folder / f"{chip}.elf"
    build = [
        *("arm-none-eabi-gcc", f"-mcpu={chip}", "-mthumb", *options.split(), "-std=c99", *flags),
        *(*WARNINGS, "-ffreestanding", "-nostartfiles", f"-I{BOARD}", f"-I{folder}"),
        *(str(folder / "chip.c"), str(BOARD / "board.c"), "-T", str(BOARD / "board.ld")),
        *("-lm", "-lc", "-lnosys", "-o", str(image)),
    ]
    found = subprocess.run(build, capture_output=True, text=True, timeout=200)
    assert found.returncode == 0, found.stderr
    run = ["qemu-system-arm", "-M", board, "-nographic", "-semihosting", "-kernel", str(image)]
    return subprocess.run(run, capture_output=True, text=True, timeout=200).stderr
