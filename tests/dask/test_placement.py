"""Partitions are spread in ranges, and homes move until workers have about the same rows."""

import pytest
from denseloop._dask.blocks import plan_runs
from denseloop._dask.placement import group, moves, spread

pytest.importorskip("hypothesis")
from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402


def test_lazy_partitions_are_spread_in_ranges_and_others_stay():
    assert spread([None] * 5, ["a", "b"]) == ["a", "a", "a", "b", "b"]
    assert spread(["b", None, "b", None], ["a", "b"]) == ["b", "a", "b", "b"]
    assert spread(["gone", None], ["a"]) == ["a", "a"]
    assert spread([None], ["a", "b", "c"]) == ["a"]


@given(
    lengths=st.lists(st.integers(0, 9), min_size=1, max_size=40).filter(sum),
    n_workers=st.integers(1, 4),
    most=st.integers(1, 5),
)
def test_each_partition_with_rows_is_in_one_group_of_its_worker(lengths, n_workers, most):
    places = [partition % n_workers for partition in range(len(lengths))]
    runs = plan_runs(lengths, block=3)
    groups = group(places, lengths, runs, most)
    assert sorted(sum(groups, [])) == sorted({run.home for run in runs})
    workers = [{places[partition] for partition in members} for members in groups]
    assert all(len(found) == 1 for found in workers)
    assert all(workers.count({worker}) <= most for worker in range(n_workers))


@given(
    sizes=st.lists(st.integers(0, 50), min_size=1, max_size=20),
    n_workers=st.integers(1, 5),
    data=st.data(),
)
def test_moves_end_when_no_home_would_make_the_workers_more_alike(sizes, n_workers, data):
    workers = set(range(n_workers))
    places = [data.draw(st.sampled_from(sorted(workers))) for _ in sizes]
    after = {**dict(enumerate(places)), **moves(places, sizes, workers)}
    rows = {w: sum(n for home, n in enumerate(sizes) if after[home] == w) for w in workers}
    most = max(rows, key=rows.get)
    for home, worker in after.items():
        if worker == most and sizes[home]:
            assert rows[most] - min(rows.values()) <= sizes[home]


def test_a_new_worker_gets_its_share_and_nothing_else_moves():
    moved = moves(["a"] * 4 + ["b"] * 4, [10] * 8, {"a", "b", "c"})
    assert set(moved.values()) == {"c"} and len(moved) == 2
    assert moves(["a", "b"], [10, 10], {"a", "b", "c"}) == {}


def test_partitions_without_rows_do_not_move():
    assert moves(["a"] * 3, [0, 5, 0], {"a", "b"}) == {}
