"""The rows of collections are summed on the workers that have them, each once."""

import os
import threading

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from denseloop._dask.blocks import BLOCK
from denseloop._dask.cluster import LARGE, ClusterRows
from denseloop._dask.partitions import read_parts

from tests.dask.fakes import FakeTerms
from tests.dask.samples import cluster_rows, numbered, tasks_of, wait_until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(autouse=True)
def nothing_is_left(client):
    yield
    wait_until(lambda: not tasks_of(client))


def subscribers(client):
    return client.run_on_scheduler(
        lambda dask_scheduler: len(dask_scheduler._broker._topics["all"].subscribers)
    )


@pytest.mark.parametrize(
    "lengths",
    [
        [10_000],
        [3 * BLOCK, 2 * BLOCK],
        [3000] * 5,
        [0, 5000, 0, 0, 1, 3000, 0],
        [100] * 60,
        [1],
    ],
)
@pytest.mark.parametrize("batch_size", [None, 3000])
def test_every_row_of_a_batch_is_summed_once(client, lengths, batch_size):
    n_rows = sum(lengths)
    with cluster_rows(client, lengths, batch_size) as rows:
        size = batch_size or n_rows
        assert rows.n_rows == n_rows
        assert rows.rows_of_batch == [min(size, n_rows - k) for k in range(0, n_rows, size)]
        for batch, _ in enumerate(rows.rows_of_batch):
            sums = rows.evaluate("rows", None, batch)
            assert sums.rows() == list(range(n_rows))[batch * size : (batch + 1) * size]
            assert {batch} == {batch_of_run for batch_of_run, _ in sums.runs}


def test_the_rows_of_both_workers_are_about_the_same(client):
    with cluster_rows(client, [3000] * 10) as rows:
        workers = rows.evaluate("rows", None).workers
        assert sorted(workers.values())[0] > 12_000


def test_parameters_of_any_size(client):
    with cluster_rows(client, [3000] * 2) as rows:
        for n in 1, LARGE // 8, LARGE // 8 + 1, 1_250_000:
            assert rows.evaluate("sum", np.ones(n)).rows() == list(range(6000))


@pytest.mark.parametrize(
    ("lengths", "places", "rows_of_workers"),
    [
        ([4 * BLOCK, BLOCK], [0, 1], [4 * BLOCK, BLOCK]),  # they stay: no move would gain
        ([BLOCK, 4 * BLOCK], [0, 1], [BLOCK, 4 * BLOCK]),
        ([BLOCK] * 6, [0, 1, 1, 1, 1, 1], [3 * BLOCK, 3 * BLOCK]),
    ],
)
def test_persisted_rows_move_only_to_workers_with_less(client, lengths, places, rows_of_workers):
    addresses = list(client.nthreads())
    X, y, _ = numbered(lengths)
    pids = client.run(os.getpid)
    kept = [
        client.persist(X.blocks[k], workers=[addresses[place]]) for k, place in enumerate(places)
    ]
    with ClusterRows(client, read_parts(da.concatenate(kept) + 0, y), FakeTerms()) as rows:
        sums = rows.evaluate("rows", None)
        assert sums.rows() == list(range(sum(lengths)))
        assert [sums.workers[pids[address]] for address in addresses] == rows_of_workers
    del kept, X


def test_data_frames(client):
    frame = pd.DataFrame({"a": range(9000), "b": 0.5, "y": range(0, 18000, 2)})
    lazy = dd.from_pandas(frame, npartitions=5)
    for frame in lazy, client.persist(lazy):
        with ClusterRows(client, read_parts(frame[["a", "b"]], frame["y"]), FakeTerms()) as rows:
            assert rows.evaluate("rows", None).rows() == list(range(9000))
        chosen = frame[frame.a < 7000]
        values = chosen[["a", "b"]].values
        with ClusterRows(client, read_parts(values, chosen["y"]), FakeTerms()) as rows:
            assert rows.evaluate("rows", None).rows() == list(range(7000))


def test_nothing_but_the_homes_is_kept(client):
    def in_memory(dask_scheduler):
        return [str(key) for key, task in dask_scheduler.tasks.items() if task.state == "memory"]

    def only_homes():
        names = client.run_on_scheduler(in_memory)
        return len(names) == 10 and all(name.startswith("build") for name in names)

    with cluster_rows(client, [3000] * 10):
        wait_until(only_homes)


def test_lengths_that_differ_after_loading(client):
    X, y, _ = numbered([10, 10])
    frame = dd.from_dask_array(X)
    y = dd.from_dask_array(y)
    chosen = y[y != 24]
    message = (
        r"^Number of rows of y \(9\) must match number of rows of X \(10\) in partition 1; "
        "make both with the same partitions$"
    )
    with pytest.raises(ValueError, match=message):
        ClusterRows(client, read_parts(frame, chosen), FakeTerms())


def test_no_rows(client):
    frame = dd.from_dask_array(numbered([10, 10])[0])
    with pytest.raises(ValueError, match="X and y must have at least 1 row, got 0"):
        ClusterRows(client, read_parts(frame[frame[0] < 0]), FakeTerms())


def test_an_error_of_a_partition(client):
    X, y, _ = numbered([10, 10, 10])
    X = da.where(X == 15, np.nan, X)
    with pytest.raises(ValueError, match="^X must be finite, got nan in row 5 of partition 1$"):
        ClusterRows(client, read_parts(X, y), FakeTerms())


def test_an_error_of_a_run(client):
    with cluster_rows(client, [3000] * 4) as rows:
        with pytest.raises(ArithmeticError, match="^the run of batch 0 fails$"):
            rows.evaluate("fail", None)
        assert rows.evaluate("rows", None).rows() == list(range(12_000))


def test_two_trainings_do_not_wait_for_each_other(client, tmp_path):
    with (
        cluster_rows(client, [3000] * 2, None, tmp_path) as one,
        cluster_rows(client, [3000]) as two,
    ):
        found = []
        thread = threading.Thread(target=lambda: found.append(one.evaluate("wait", None)))
        thread.start()
        wait_until(lambda: list(tmp_path.glob("waiting-*")))
        for _ in range(3):
            assert two.evaluate("rows", None).rows() == list(range(3000))
        assert not found
        (tmp_path / "go").touch()
        thread.join()
        assert found[0].rows() == list(range(6000))


def test_a_connection_survives_events_that_cannot_be_sent(client):
    """Dask's events of `replicate` end the connection of whoever subscribes to all of them."""
    with cluster_rows(client, [3000]) as rows:
        client.scatter(np.zeros(3), broadcast=True, hash=False)
        assert rows.evaluate("rows", None).rows() == list(range(3000))
        assert subscribers(client) == 0


def test_closed_rows(client):
    rows = cluster_rows(client, [100])
    rows.close()
    rows.close()
    with pytest.raises(RuntimeError, match="closed"):
        rows.evaluate("rows", None)
