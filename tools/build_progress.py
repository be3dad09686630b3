"""Run a command that builds, show which file is compiled, and its whole output if it fails.

    python tools/build_progress.py pip install --verbose --no-build-isolation --editable .

Ninja's lines, such as ``[3/14] Building CXX object ...``, are what is shown: one that changes in a
terminal, one each elsewhere.
"""

import re
import subprocess
import sys
from pathlib import PurePath

STEP = re.compile(r"\[(\d+/\d+)\] \w+ .*?(\S+)$")


def main(command):
    output = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout:
            output.append(line)
            if step := STEP.search(line):
                show(f"[{step[1]}] {PurePath(step[2]).name}")
    if sys.stderr.isatty():
        show("")
    if process.returncode:
        sys.stderr.writelines(output)
    return process.returncode


def show(text):
    """Write the line, in a terminal in the place of the last one."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
