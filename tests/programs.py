"""Programs that a test runs in a process of their own."""

import subprocess
import sys


def run_program(program):
    """Run it in a process of its own, which a deadlock would keep from ending."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
    )
