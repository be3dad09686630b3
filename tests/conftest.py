import numpy as np
import pytest
from denseloop import _core


@pytest.fixture(params=_core.available_targets())
def target(request):
    """Runs the test once on every CPU target that this machine can force."""
    found = _core.active_target()
    _core.force_target(request.param)
    yield request.param
    _core.force_target(found)


@pytest.fixture
def random():
    return np.random.default_rng(20)
