"""Every row is in exactly one run, in order; runs are whole blocks of one batch."""

import pytest
from denseloop._dask.blocks import Run, plan_runs

pytest.importorskip("hypothesis")
from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

LENGTHS = st.lists(st.integers(0, 40), max_size=12).filter(sum)


@given(lengths=LENGTHS, batch_size=st.none() | st.integers(1, 100), block=st.integers(1, 12))
def test_runs_are_whole_blocks_of_all_rows(lengths, batch_size, block):
    runs = plan_runs(lengths, batch_size, block)
    rows = [(p, row) for run in runs for p, start, stop in run.pieces for row in range(start, stop)]
    assert rows == [(p, row) for p, n in enumerate(lengths) for row in range(n)]
    size = min(batch_size or sum(lengths), sum(lengths))
    row = 0
    for run in runs:
        assert (run.batch, run.first_block * block) == (row // size, row % size)
        batch_end = min(row // size * size + size, sum(lengths))
        assert row + run.n_rows == batch_end or run.n_rows % block == 0
        assert len(run.pieces) == 1 or run.n_rows <= block
        row += run.n_rows


@given(lengths=LENGTHS, batch_size=st.none() | st.integers(1, 100), block=st.integers(1, 12))
def test_runs_are_as_long_as_can_be(lengths, batch_size, block):
    runs = plan_runs(lengths, batch_size, block)
    for one, two in zip(runs, runs[1:]):
        partitions = {piece[0] for run in (one, two) for piece in run.pieces}
        assert one.batch != two.batch or len(partitions) > 1


def test_a_block_that_partitions_share_is_where_most_of_its_rows_are():
    runs = plan_runs([5, 0, 6, 1], block=4)
    assert runs == [
        Run(0, 0, ((0, 0, 4),)),
        Run(0, 1, ((0, 4, 5), (2, 0, 3))),
        Run(0, 2, ((2, 3, 6), (3, 0, 1))),
    ]
    assert [run.home for run in runs] == [0, 2, 2]
    assert plan_runs([2, 2], block=4)[0].home == 0


@pytest.mark.parametrize("lengths", [[], [0], [0, 0, 0]])
def test_no_rows_are_refused(lengths):
    with pytest.raises(ValueError, match="X and y must have at least 1 row, got 0"):
        plan_runs(lengths)


def test_many_partitions_and_batches_are_planned_in_a_moment():
    assert len(plan_runs([1000] * 2000, 500)) == 4000
    assert len(plan_runs([1] * 100_000)) == 49
