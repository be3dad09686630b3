import os
import signal
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from denseloop import _core

TESTS = Path(__file__).parent
os.environ.setdefault("KERAS_BACKEND", "torch")  # its own default, TensorFlow, is not installed

ALONE = ("bench", "contract")  # folders whose tests measure or count milliseconds


def pytest_collection_modifyitems(items):
    """Mark what must have the machine to itself; `make test` runs the others on both cores."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0] if TESTS in item.path.parents else ""
        if folder in ALONE or "interrupted_after" in item.fixturenames:
            item.add_marker("alone")


@pytest.fixture(params=_core.available_targets())
def target(request):
    """Run the test once on every CPU target that this machine can force."""
    before = _core.active_target()
    _core.force_target(request.param)
    yield request.param
    _core.force_target(before)


@pytest.fixture
def random():
    return np.random.default_rng(20)


@pytest.fixture(autouse=True)
def sigint():
    """Install Python's own handler of SIGINT, which a process started in the background ignores.

    Without it a test that waits for KeyboardInterrupt would wait for ever there. A test that
    changes the handler does so for itself alone.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def interrupted_after(sigint):
    """A context manager that sends Ctrl-C to its block after some seconds.

    The block must then raise KeyboardInterrupt within 100 ms.
    """

    @contextmanager
    def interrupted_after(seconds):
        sent_at = []

        def interrupt():
            sent_at.append(time.perf_counter())
            os.kill(os.getpid(), signal.SIGINT)

        timer = threading.Timer(seconds, interrupt)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            yield
        assert time.perf_counter() - sent_at[0] < 0.1
        timer.join()

    return interrupted_after
