"""The recipes of docs/guides/workers.md give the same bits in the workers of three libraries."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import denseloop as dl
import numpy as np
import pytest

from tests.programs import run_program

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "workers.md"
NEEDED = {
    "joblib: estimators": ["joblib", "sklearn"],
    "Dask: networks in chunks": ["distributed"],
    "Ray: networks in chunks": ["ray"],
    "Threads in workers": ["threadpoolctl"],
}
SECONDS = 120  # Ray takes some 10 to start


def need(name):
    pytest.importorskip(name, reason=f"{name} is missing: make tools")


def sections():
    """Return {title: text} of the sections with examples."""
    parts = re.split(r"^## (.+)\n", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return {title: text for title, text in zip(parts[::2], parts[1::2]) if ">>>" in text}


@pytest.mark.parametrize("title", NEEDED)
def test_the_examples_of_a_section_print_what_they_show(title, tmp_path):
    if not PAGE.exists():
        pytest.skip("not in a checkout")
    assert set(sections()) == set(NEEDED)
    for name in NEEDED[title]:
        need(name)
    text = sections()[title]
    assert doctest.DocTestParser().get_examples(text)
    (tmp_path / "section.md").write_text(text)
    # In a process of its own, where a worker finds no modules of the tests.
    command = [sys.executable, "-m", "doctest", tmp_path / "section.md"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert run.returncode == 0, run.stdout + run.stderr


def train(chunk, X, y):
    dl.train_many(chunk, X, y, optimizer="adam", epochs=20, batch_size=16, shuffle=True)
    return chunk


@pytest.mark.parametrize("backend", ["threading", "loky", "multiprocessing"])
def test_chunks_of_networks_in_jobs_of_joblib_have_the_same_bits(backend):
    need("joblib")
    from joblib import Parallel, delayed

    random = np.random.default_rng(0)
    X, y = random.random((60, 2)), random.random(60)
    alone, networks = (dl.Networks([2, 6, 1], count=40, seed=0) for _ in range(2))
    before = networks.parameters.copy()
    chunks = [networks[k : k + 10] for k in range(0, 40, 10)]
    jobs = (delayed(train)(chunk, X, y) for chunk in chunks)
    chunks = Parallel(n_jobs=2, backend=backend)(jobs)
    trained = [network for chunk in chunks for network in chunk]
    alone.train(X, y, optimizer="adam", epochs=20, batch_size=16, shuffle=True)
    for network, expected in zip(trained, alone, strict=True):
        np.testing.assert_array_equal(network.parameters, expected.parameters)
        np.testing.assert_array_equal(network.history.loss, expected.history.loss)
    theirs = alone.parameters if backend == "threading" else before
    np.testing.assert_array_equal(networks.parameters, theirs)


CLUSTER = """
import os
os.environ.pop("OMP_NUM_THREADS", None)
os.sched_getaffinity = lambda _: set(range(6))
from dask.distributed import Client, LocalCluster
from denseloop import _threads
_threads.quota = lambda: 6
def by_default(_):
    from denseloop import _threads
    return _threads.allowed(None)
def in_joblib(_):
    import joblib
    with joblib.parallel_config("dask"):
        return joblib.Parallel()([joblib.delayed(by_default)(0)] * 2)
if __name__ == "__main__":
    options = {"n_workers": 2, "threads_per_worker": 2, "dashboard_address": None}
    with LocalCluster(processes=PROCESSES, **options) as cluster, Client(cluster) as client:
        print(client.gather(client.map(by_default, range(4))), in_joblib(0))
"""


@pytest.mark.parametrize("processes", [False, True])
def test_a_task_of_dask_starts_no_threads(processes):
    need("distributed")
    run = run_program(CLUSTER.replace("PROCESSES", str(processes)))
    assert run.stdout == "[1, 1, 1, 1] [1, 1]\n", run.stderr


def test_an_estimator_has_the_same_bits_in_jobs_on_dask():
    need("distributed"), need("sklearn")
    program = """
import numpy as np
from dask.distributed import Client, LocalCluster
from denseloop.neural_network import MLPRegressor
from joblib import parallel_config
from sklearn.model_selection import cross_val_score
if __name__ == "__main__":
    X = np.random.default_rng(0).random((90, 2))
    network = MLPRegressor(hidden_layer_sizes=(4,), max_iter=20, random_state=0)
    expected = cross_val_score(network, X, X[:, 0])
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster), parallel_config(backend="dask"):
        print((cross_val_score(network, X, X[:, 0], n_jobs=2) == expected).all())
"""
    run = run_program(program)
    assert run.stdout == "True\n", run.stderr
