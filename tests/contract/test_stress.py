"""Some seconds of `make stress`, the same choices each time."""

import os
import signal

import pytest

from tests import stress


@pytest.mark.skipif(
    not (hasattr(os, "fork") and hasattr(signal, "setitimer")), reason="needs fork and a timer"
)
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@pytest.mark.parametrize("kind", stress.KINDS)
def test_nothing_breaks(kind):
    pytest.importorskip("scipy")
    assert stress.stress(kind, seed=1, seconds=2) > 0
