"""Workers and schedulers that end, come and differ; Ctrl-C. No sleep decides what happens."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import dask.array as da
import numpy as np
import pytest
from denseloop._dask.cluster import ClusterRows
from denseloop._dask.partitions import read_parts

from tests.dask import processes
from tests.dask.fakes import FakeTerms
from tests.dask.samples import cluster_rows, numbered, tasks_of, wait_until

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.timeout(60)
LENGTHS = [3000, 5000, 100, 4000, 0, 2900]
ALL = list(range(15_000))


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A client of a scheduler without workers."""
    with processes.scheduler(tmp_path_factory.mktemp("scheduler")) as (_, address):
        with distributed.Client(address) as client:
            yield client


@pytest.fixture
def workers(client):
    """Run workers: a function that starts one more, waits for it and returns its process."""
    wait_until(lambda: not client.nthreads())
    with contextlib.ExitStack() as stack:

        def start(*options):
            n = len(client.nthreads())
            process = stack.enter_context(processes.worker(client.scheduler.address, *options))
            wait_until(lambda: len(client.nthreads()) > n)
            return process

        yield start
    wait_until(lambda: not tasks_of(client))


@contextlib.contextmanager
def waiting(rows, folder, n_workers):
    """Have an `evaluate` in a thread wait on so many workers; yield a list for its sums."""
    found = []

    def evaluate():
        try:
            found.append(rows.evaluate("wait", None))
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=evaluate, daemon=True)
    thread.start()
    wait_until(lambda: len(list(folder.glob("waiting-*"))) == n_workers)
    yield found
    (folder / "go").touch()
    thread.join()


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_worker_that_is_killed_while_it_evaluates(client, workers, tmp_path):
    killed, other = workers(), workers()
    with cluster_rows(client, LENGTHS, folder=tmp_path) as rows:
        with waiting(rows, tmp_path, 2) as found:
            kill(killed)
        assert found[0].rows() == ALL and list(found[0].workers) == [other.pid]
        assert rows.evaluate("sum", np.ones(200_000)).rows() == ALL


def test_a_worker_that_is_killed_between_two_calls_with_large_parameters(client, workers):
    killed, _ = workers(), workers()
    with cluster_rows(client, LENGTHS) as rows:
        rows.evaluate("rows", None)
        kill(killed)
        assert rows.evaluate("sum", np.ones(200_000)).rows() == ALL


def test_a_worker_that_is_killed_while_it_loads(client, workers, tmp_path):
    workers(), workers()
    (tmp_path / "kill-1").touch()
    with cluster_rows(client, LENGTHS, folder=tmp_path) as rows:
        assert rows.evaluate("rows", None).rows() == ALL
        assert len(client.nthreads()) == 1


def test_all_workers_are_killed_and_a_new_one_comes(client, workers, tmp_path):
    killed = workers(), workers()
    with cluster_rows(client, LENGTHS, folder=tmp_path) as rows:
        with waiting(rows, tmp_path, 2) as found:
            for process in killed:
                kill(process)
            wait_until(lambda: not client.nthreads())
            assert not found
            new = workers()
        assert found[0].rows() == ALL and list(found[0].workers) == [new.pid]


def test_a_worker_that_comes_gets_its_share(client, workers):
    workers(), workers()
    with cluster_rows(client, [1000] * 18) as rows:
        assert len(rows.evaluate("rows", None).workers) == 2
        new = workers()
        wait_until(lambda: new.pid in rows.evaluate("rows", None).workers)
        sums = rows.evaluate("rows", None)
        assert sums.rows() == list(range(18_000))
        assert sum(sums.workers.values()) == 18_000 and min(sums.workers.values()) > 3000


def test_a_worker_that_leaves_in_an_orderly_way(client, workers, tmp_path):
    workers(), workers()
    with cluster_rows(client, LENGTHS, folder=tmp_path) as rows:
        rows.evaluate("rows", None)
        client.retire_workers([next(iter(client.nthreads()))])
        sums = rows.evaluate("rows", None)
        assert sums.rows() == ALL and len(sums.workers) == 1


def test_lost_data_that_was_scattered(client, workers):
    killed = workers()
    X = client.scatter(np.arange(20.0).reshape(10, 2), hash=False)
    X = da.from_delayed(X, (10, 2), float)
    with ClusterRows(client, read_parts(X), FakeTerms()) as rows:
        assert rows.evaluate("rows", None).rows() == list(range(0, 20, 2))
        kill(killed)
        workers()
        with pytest.raises(RuntimeError, match="rows of the training are lost: .*scattered"):
            rows.evaluate("rows", None)


def test_an_error_on_one_worker_leaves_nothing(client, workers):
    workers(), workers()
    X, y, _ = numbered([1000] * 4)
    with pytest.raises(ValueError, match="^X must be finite, got nan in row 5 of partition 3$"):
        ClusterRows(client, read_parts(da.where(X == 3005, np.nan, X), y), FakeTerms())
    wait_until(lambda: not tasks_of(client))


OTHER_VERSION = "import denseloop\ndenseloop.__version__ = '0.0.7'\n"


def test_a_worker_of_another_version_is_refused(client, workers, tmp_path):
    workers()
    (tmp_path / "other.py").write_text(OTHER_VERSION)
    with cluster_rows(client, [3000] * 4) as rows:
        rows.evaluate("rows", None)
        other = workers("--preload", str(tmp_path / "other.py"))
        address = [a for a, pid in client.run(os.getpid).items() if pid == other.pid][0]
        message = (
            f"^all processes must have the same denseloop: the worker at {address} has 0.0.7, this "
            "program .*; pip install denseloop==.* there"
        )
        with pytest.raises(RuntimeError, match=message):
            wait_until(lambda: other.pid in rows.evaluate("rows", None).workers)
    with pytest.raises(RuntimeError, match=message):
        cluster_rows(client, [3000] * 4)


def test_a_scheduler_that_is_killed(tmp_path):
    with processes.scheduler(tmp_path) as (process, address), processes.worker(address):
        with distributed.Client(address, timeout="1s") as client:
            wait_until(client.nthreads)
            with cluster_rows(client, LENGTHS, folder=tmp_path) as rows:
                with waiting(rows, tmp_path, 1) as found:
                    killed_at = time.monotonic()
                    kill(process)
                    wait_until(lambda: found)
                assert time.monotonic() - killed_at < 5
                assert isinstance(found[0], ConnectionError)
                with pytest.raises(ConnectionError, match="the Dask scheduler must stay connected"):
                    rows.evaluate("rows", None)


INTERRUPTED = """
import sys, time
from distributed import Client
from tests.dask.samples import cluster_rows, tasks_of, wait_until

if __name__ == "__main__":
    with Client(sys.argv[1]) as client, cluster_rows(client, [5000], folder=sys.argv[2]) as rows:
        try:
            rows.evaluate("wait", None)
        except KeyboardInterrupt:
            print("interrupted", time.time(), flush=True)
            wait_until(lambda: not any("evaluate" in name for name in tasks_of(client)))
            print("no task left", flush=True)
"""


def test_ctrl_c_ends_an_evaluation(client, workers, tmp_path):
    workers()
    command = [sys.executable, "-c", INTERRUPTED, client.scheduler.address, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        wait_until(lambda: list(tmp_path.glob("waiting-*")))
        sent_at = time.time()
        process.send_signal(signal.SIGINT)
        word, at = process.stdout.readline().split()
        assert word == "interrupted" and float(at) - sent_at < 1
        assert process.stdout.read() == "no task left\n"
    assert process.returncode == 0
    (tmp_path / "go").touch()
