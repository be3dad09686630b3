"""The work of a call, in instructions, grows only with what it has to do.

Counts, unlike times, are the same on a busy machine. They are those of the target AVX2.
"""

import pytest
from denseloop import _core

from tests import callgrind

pytest.importorskip("scipy")
from tests.contract.counted_calls import (
    BATCH,
    DENSE,
    PREDICTED,
    ROWS,
    STORED,
    TRAINED,
    UNITS,
)

pytestmark = [
    pytest.mark.skipif(not callgrind.AVAILABLE, reason="needs Valgrind on x86-64"),
    pytest.mark.skipif("avx2" not in _core.available_targets(), reason="counts those of AVX2"),
]
LANES = 8


@pytest.fixture(scope="module")
def instructions(tmp_path_factory):
    return callgrind.count("tests.contract.counted_calls", tmp_path_factory.mktemp("counts"))


def test_sparse_outputs_cost_the_stored_numbers_whatever_the_features(instructions):
    fewer, more = (instructions[f"forward {features}"] for features in PREDICTED)
    assert fewer < 2.5 * ROWS * STORED * UNITS
    assert more < 1.03 * fewer


def test_a_sparse_epoch_grows_with_the_features_by_its_updates_alone(instructions):
    fewer, more = (instructions[f"train {features}"] for features in TRAINED)
    updates = ROWS // BATCH
    # A parameter's gradient is zeroed and added to; the parameter is updated, copied and checked.
    assert more - fewer < 5 * updates * (TRAINED[1] - TRAINED[0]) * UNITS
    assert more < 2 * fewer


def test_the_outputs_of_one_row_cost_the_products_of_its_weights(instructions):
    # Measured: two multiply-adds, and the broadcast, fetch and loop around them.
    assert instructions["one row"] < 10 * DENSE[0] * DENSE[1] / LANES
