"""In a worker of joblib or Dask, or under a limit of threadpoolctl, no more threads start."""

import os
import sys
import threading
from types import SimpleNamespace

import denseloop as dl
import numpy as np
import pytest
from denseloop import _core, _threads

from tests.programs import needs_proc, run_program

joblib = pytest.importorskip("joblib")
threadpoolctl = pytest.importorskip("threadpoolctl")


@pytest.fixture(autouse=True)
def six_cpus(monkeypatch):
    """Have the tests find 6 CPUs, whatever the machine has."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    monkeypatch.setattr(_threads, "quota", lambda: 6)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def by_default(_=None):
    return _threads.allowed(None)


def in_parallel(function, **options):
    jobs = (joblib.delayed(function)(k) for k in range(4))
    return joblib.Parallel(n_jobs=2, **options)(jobs)


@pytest.mark.parametrize("openmp", [None, "4"])
def test_a_thread_of_joblib_has_one(openmp, monkeypatch):
    if openmp:
        monkeypatch.setenv("OMP_NUM_THREADS", openmp)
    assert in_parallel(by_default, backend="threading") == [1] * 4
    assert by_default() == int(openmp or 6)


def test_a_number_that_is_asked_for_counts_in_a_worker():
    found = in_parallel(lambda _: _threads.allowed(3), backend="threading")
    assert found == [3] * 4


def test_one_job_is_no_worker():
    assert joblib.Parallel(n_jobs=1)([joblib.delayed(by_default)()]) == [6]
    with joblib.parallel_config("threading", n_jobs=3):
        assert by_default() == 6


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("'threading'", [1, 1]),
        ("'loky'", [3, 3]),
        ("'loky', inner_max_num_threads=2", [2, 2]),
        ("'multiprocessing'", [1, 1]),
    ],
)
def test_a_worker_has_the_share_that_its_backend_gives(backend, expected):
    """Loky gives each of two processes half of the CPUs, or what the user says."""
    program = f"""
import joblib
from joblib import _parallel_backends
_parallel_backends.cpu_count = lambda: 6
def by_default():
    import os
    from denseloop import _threads
    os.sched_getaffinity, _threads.quota = lambda _: set(range(6)), lambda: 6
    return _threads.allowed(None)
with joblib.parallel_config({backend}):
    print(joblib.Parallel(n_jobs=2)(joblib.delayed(by_default)() for _ in range(2)))
"""
    run = run_program(program)
    assert run.stdout == f"{expected}\n", run.stderr


def test_threads_within_a_process_of_joblib_have_one():
    program = """
import joblib
def by_default():
    from denseloop import _threads
    return _threads.allowed(None)
def nested():
    return joblib.Parallel(n_jobs=2, backend="threading")([joblib.delayed(by_default)()] * 2)
with joblib.parallel_config("loky", inner_max_num_threads=2):
    print(joblib.Parallel(n_jobs=2)([joblib.delayed(nested)()] * 2))
"""
    run = run_program(program)
    assert run.stdout == "[[1, 1], [1, 1]]\n", run.stderr


@needs_proc
def test_a_training_in_a_thread_of_joblib_starts_no_threads():
    X = np.ones((20_000, 20))
    counts, done = [], threading.Event()

    def train(_):
        dl.Network([20, 60, 1], seed=0).train(X, X[:, :1], learning_rate=0, epochs=30)

    def watch():
        while not done.wait(0.001):
            counts.append(len(os.listdir("/proc/self/task")))

    def most(run):
        counts.clear()
        run()
        return max(counts)

    before = len(os.listdir("/proc/self/task"))
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        alone = most(lambda: train(0))
        nested = most(lambda: in_parallel(train, backend="threading"))
    finally:
        done.set()
        watcher.join()
    assert alone == before + 1 + 5
    assert nested <= before + 1 + 5  # two workers, and three threads that joblib has for them


@pytest.mark.parametrize("api", [None, "denseloop"])
def test_a_limit_of_threadpoolctl_holds(api):
    with threadpoolctl.threadpool_limits(2, user_api=api):
        assert by_default() == 2
        with threadpoolctl.threadpool_limits(1, user_api=api):
            assert by_default() == 1
        assert by_default() == 2 and _threads.allowed(5) == 5
    assert by_default() == 6


def test_a_limit_of_threadpoolctl_never_raises_the_number(monkeypatch):
    with threadpoolctl.threadpool_limits(100):
        assert by_default() == 6
    monkeypatch.setattr(_threads, "quota", lambda: 9)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(9)), raising=False)
    assert by_default() == 9


def test_limits_of_threads_that_overlap_do_not_mix():
    both, found = threading.Barrier(2), {}

    def limited(number):
        both.wait(10)
        with threadpoolctl.threadpool_limits(number, user_api="denseloop"):
            both.wait(10)
            found[number] = by_default()
            both.wait(10)
        found[-number] = by_default()

    threads = [threading.Thread(target=limited, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {1: 1, 2: 2, -1: 6, -2: 6} and by_default() == 6


def test_threadpoolctl_knows_the_core():
    [found] = [each for each in threadpoolctl.threadpool_info() if each["user_api"] == "denseloop"]
    assert found["num_threads"] == 6 and found["version"] == dl.__version__
    assert os.path.samefile(found["filepath"], _core.__file__)


def test_a_module_of_another_package_with_that_name_is_left_alone(tmp_path):
    program = f"""
import ctypes, os, shutil
import denseloop, threadpoolctl
core = os.path.realpath(denseloop._core.__file__)
twin = shutil.copy(core, {str(tmp_path)!r})
library = ctypes.CDLL(twin)
print(hasattr(library, "PyInit__core"))
print([found["filepath"] == core for found in threadpoolctl.threadpool_info()
       if found["user_api"] == "denseloop"])
"""
    run = run_program(program)
    assert run.stdout == "True\n[True]\n", run.stderr


def test_a_package_that_is_only_half_imported_does_not_matter(monkeypatch):
    for name in ("joblib.parallel", "distributed.worker"):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace())
    assert by_default() == 6


@pytest.mark.parametrize(
    ("nanny", "openmp", "expected"),
    [
        (None, None, 1),
        (None, "4", 1),
        ("tcp://here", "4", 4),
        ("tcp://here", None, 1),
    ],
)
def test_a_task_of_dask_has_the_share_of_its_process(nanny, openmp, expected, monkeypatch):
    if openmp:
        monkeypatch.setenv("OMP_NUM_THREADS", openmp)
    worker = SimpleNamespace(get_worker=lambda: SimpleNamespace(nanny=nanny))
    monkeypatch.setitem(sys.modules, "distributed.worker", worker)
    assert by_default() == expected


def test_outside_of_a_task_dask_does_not_matter(monkeypatch):
    def get_worker():
        raise ValueError("No worker found")

    monkeypatch.setitem(sys.modules, "distributed.worker", SimpleNamespace(get_worker=get_worker))
    assert by_default() == 6
