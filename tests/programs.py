"""Programs that a test runs in a process of their own."""

import os
import subprocess
import sys

import pytest

# What only some systems have.
needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
needs_proc = pytest.mark.skipif(
    not os.path.exists("/proc/self/task"), reason="finds the threads in /proc"
)


def run_program(program):
    """Run it in a process of its own, which a deadlock would keep from ending."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
    )
