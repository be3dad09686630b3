"""A scheduler and workers as processes of their own, for tests that end them."""

import contextlib
import json
import signal
import subprocess
import sys
import time

QUIET = ["--no-dashboard"]


@contextlib.contextmanager
def running(*arguments):
    """Run a command of Dask, and kill it at the end."""
    command = [sys.executable, "-m", *map(str, arguments), *QUIET]
    with open("/dev/null", "w") as nowhere:
        process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def scheduler(folder):
    """Run a scheduler; yield its process and its address."""
    file = folder / "scheduler.json"
    options = ["--port", 0, "--host", "127.0.0.1", "--scheduler-file", file]
    with running("distributed.cli.dask_scheduler", *options) as process:
        while True:
            with contextlib.suppress(OSError, ValueError):
                address = json.loads(file.read_text())["address"]
                break
            time.sleep(0.02)
        yield process, address


def worker(address, *options):
    """Run a worker without a nanny."""
    options = ["--no-nanny", "--nthreads", 1, "--host", "127.0.0.1", *options]
    return running("distributed.cli.dask_worker", address, *options)
