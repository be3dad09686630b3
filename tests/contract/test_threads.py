"""Any number of threads gives the same bits, and no thread outlives its call."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from denseloop import Network, _threads

from tests.programs import needs_proc, run_program

# Threads share the tiles of a batch or the units of a layer. Small batches are left to one thread.
CASES = {
    "tiles": ([2, 16, 16, 1], 5000, None),
    "tiles of batches": ([20, 30, 3], 5000, 1100),
    "units": ([200, 130, 20], 600, 200),
    # There are more tiles than buffers for gradients, which are therefore added in several rounds.
    "waves": ([100, 90, 10], 60_000, None),
    "small batches": ([5, 9, 2], 500, 50),
}


def trained(case, dtype, threads, **options):
    sizes, samples, batch_size = CASES[case]
    random = np.random.default_rng(0)
    X = random.standard_normal((samples, sizes[0])).astype(dtype)
    y = random.random((samples, sizes[-1])).astype(dtype)
    network = Network(sizes, dtype=dtype, seed=0)
    options = {"reduction": "mean", "batch_size": batch_size, "num_threads": threads, **options}
    history = network.train(X, y, learning_rate=0.5, epochs=6, **options)
    value, gradients = network.loss_and_gradients(X, y, num_threads=threads)
    outputs = network.forward(X, num_threads=threads)
    arrays = [network.parameters, history.loss, gradients.flat, outputs, np.array(value)]
    if history.output is not None:
        arrays.append(history.output)
    return [a.tobytes() for a in arrays]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES)
def test_the_bits_do_not_depend_on_the_threads(case, dtype):
    expected = trained(case, dtype, 1)
    for threads in [2, 3, 16]:
        assert trained(case, dtype, threads) == expected


@pytest.mark.parametrize("case", ["tiles", "units"])
@pytest.mark.parametrize("options", [{"update_order": "output_first"}, {"record_output": True}])
def test_the_bits_do_not_depend_on_the_threads_with_other_options(case, options):
    assert trained(case, "float64", 3, **options) == trained(case, "float64", 1, **options)


@needs_proc
@pytest.mark.parametrize("case", CASES)
def test_no_thread_outlives_its_call(case):
    before = len(os.listdir("/proc/self/task"))
    trained(case, "float64", 4)
    assert len(os.listdir("/proc/self/task")) == before


@needs_proc
def test_as_many_threads_run_as_are_asked_for(monkeypatch):
    """A Python thread counts them during a long training."""
    counts, done = [], threading.Event()

    def watch():
        while not done.wait(0.001):
            counts.append(len(os.listdir("/proc/self/task")))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for threads in (1, 5):
        X = np.ones((20_000, 20))
        Network([20, 60, 1]).train(X, X[:, :1], learning_rate=0, epochs=30, num_threads=threads)
        counts.append(None)
    done.set()
    watcher.join()
    split = counts.index(None)
    alone, shared = counts[:split], [c for c in counts[split:] if c is not None]
    assert max(shared) == max(alone) + 4


def test_a_bad_value_of_a_later_tile_is_the_same_error_with_threads():
    X = np.ones((100_000, 20))
    X[77_777, 3] = np.nan
    X[99_999, 0] = np.inf
    network = Network([20, 30, 1], seed=0)
    for threads in (1, 4):
        with pytest.raises(ValueError, match="X must be finite, got nan in row 77777, column 3"):
            network.forward(X, num_threads=threads)


SMALL_STACKS = """
import ctypes, numpy as np, denseloop as dl
library = ctypes.CDLL(None)
attributes = ctypes.create_string_buffer(256)  # pthread_attr_t has 56 bytes or so
assert library.pthread_attr_init(attributes) == 0
assert library.pthread_attr_setstacksize(attributes, ctypes.c_size_t(64 << 10)) == 0
assert library.pthread_setattr_default_np(attributes) == 0
X = np.ones((4096, 100))
network = dl.Network([100, 100, 100, 1])
network.train(X, X[:, :1], learning_rate=0.01, epochs=2, num_threads=3)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="sets the default stack as Linux does")
def test_threads_have_enough_stack_where_the_default_is_small():
    """With musl it is 128 KiB; half of that is too little for a kernel's weights."""
    run = run_program(SMALL_STACKS)
    assert (run.returncode, run.stderr) == (0, "")


NO_ROOM_FOR_THREADS = """
import resource
import numpy as np, denseloop as dl

X = np.ones((8192, 20))
network, twin = (dl.Network([20, 30, 1], seed=0) for _ in range(2))
options = {"learning_rate": 0.01, "epochs": 20}
dl.Network([20, 30, 1], seed=0).train(X, X[:, :1], num_threads=1, **options)  # leaves memory
trainer = network.trainer(X, X[:, :1], learning_rate=0.01, num_threads=64)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (20 << 20), -1))
trainer.run(20)
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
twin.train(X, X[:, :1], num_threads=1, **options)
assert np.array_equal(network.parameters, twin.parameters)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory as Linux does")
def test_a_call_goes_on_with_the_threads_that_there_is_room_for():
    """64 threads need 512 MB of addresses for their stacks, and have 20."""
    run = run_program(NO_ROOM_FOR_THREADS)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_after_a_threaded_call_can_train():
    expected = trained("tiles", "float64", 2)
    child = os.fork()
    if child == 0:
        os._exit(0 if trained("tiles", "float64", 2) == expected else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_fork_during_a_training_leaves_the_child_a_free_network():
    network = Network([4, 30, 1], seed=0)
    X = np.random.default_rng(0).random((1000, 4))
    started, stop = threading.Event(), threading.Event()

    def train():
        network.train(
            *(X, X[:, :1]),
            learning_rate=1e-3,
            epochs=10**6,
            callback=lambda progress: started.set() or stop.is_set(),
            callback_every=10,
        )

    trainer = threading.Thread(target=train)
    trainer.start()
    started.wait()
    child = os.fork()
    if child == 0:
        network.train(X, X[:, :1], learning_rate=1e-3, epochs=2)
        os._exit(0 if np.isfinite(network.forward(X)).all() else 1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    stop.set()
    trainer.join()
    assert status == 0


@pytest.mark.parametrize(
    "call",
    [
        "net.train(X, y, learning_rate=1e-3, epochs=50)",
        "net.train(X, y, optimizer=dl.LevenbergMarquardt(), epochs=1)",
        "net.train(X, y, learning_rate=1e-3, epochs=50, callback=lambda progress: False)",
        "net.forward(X)",
        "net.loss_and_gradients(X, y)",
    ],
)
def test_a_daemon_thread_may_be_in_a_call_when_the_interpreter_ends(call):
    program = f"""
import threading, time
import numpy as np, denseloop as dl
X = np.random.default_rng(0).random((5000, 10)); y = X[:, :1]
net = dl.Network([10, 20, 1], seed=0)
def work():
    while True:
        {call}
threading.Thread(target=work, daemon=True).start()
time.sleep(0.2)
"""
    for _ in range(3):
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert run.returncode == 0, run.stderr


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the module has another name there")
def test_a_subinterpreter_gets_an_error():
    program = """
import _xxsubinterpreters as interpreters
import denseloop
interpreters.run_string(interpreters.create(), "import warnings; warnings.simplefilter('ignore');"
    "import denseloop")
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1
    assert "ImportError" in run.stderr and "main interpreter" in run.stderr


def test_rows_that_another_thread_spoils_are_refused_or_computed():
    X = np.zeros((20_000, 2))
    network = Network([2, 30, 1], seed=0)
    expected, done = network.forward(X), threading.Event()

    def spoil():
        while not done.is_set():
            X[15_000, 0] = np.nan
            X[15_000, 0] = 0.0

    thread = threading.Thread(target=spoil)
    thread.start()
    refused = 0
    try:
        for _ in range(200):
            np.full_like(expected, 7.0)  # memory that the next array may get
            try:
                outputs = network.forward(X)
            except ValueError:
                refused += 1
                continue
            wrong = outputs != expected
            assert not wrong.any() or np.isnan(outputs[wrong]).all()
    finally:
        done.set()
        thread.join()
    assert refused > 0


@pytest.mark.parametrize(
    ("number", "error", "message"),
    [
        (0, ValueError, "num_threads must be at least 1, got 0"),
        (-2, ValueError, "num_threads must be at least 1, got -2"),
        ("two", TypeError, "num_threads must be an integer, got 'two'"),
        (1.5, TypeError, "num_threads must be an integer, got 1.5"),
        (float("nan"), TypeError, "num_threads must be an integer, got nan"),
    ],
)
def test_wrong_numbers_of_threads_are_refused(number, error, message):
    network = Network([1, 1], seed=0)
    before = network.parameters.tobytes()
    for call in [
        lambda: network.train([[1]], [1], learning_rate=1, epochs=1, num_threads=number),
        lambda: network.loss_and_gradients([[1]], [1], num_threads=number),
        lambda: network.forward([[1]], num_threads=number),
    ]:
        with pytest.raises(error, match=message):
            call()
    assert network.parameters.tobytes() == before


def test_threads_without_work_are_not_started():
    """Each thread would need an item of its own, and there are two tiles."""
    X = np.ones((256, 800))
    network = Network([800, 800, 1], seed=0)
    expected = network.forward(X, num_threads=1)
    for number in (16, 2**63, 2**64):
        np.testing.assert_array_equal(network.forward(X, num_threads=number), expected)


@pytest.mark.parametrize(
    ("controllers", "files", "expected"),
    [
        ("", {"a/cpu.max": "max 100000", "cpu.max": "250000 100000"}, 3),
        ("", {"a/b/cpu.max": "50000 100000"}, 1),
        (
            "cpu,cpuacct",
            {"cpu/a/cpu.cfs_quota_us": "400000", "cpu/a/cpu.cfs_period_us": "100000"},
            4,
        ),
        ("cpu", {"cpu/a/b/cpu.cfs_quota_us": "-1", "cpu/a/b/cpu.cfs_period_us": "1"}, float("inf")),
        ("memory", {"a/cpu.max": "100000 100000"}, float("inf")),
    ],
)
def test_the_quota_of_a_control_group_is_read(controllers, files, expected, tmp_path, monkeypatch):
    for name, text in {**files, "cgroup": f"1:{controllers}:/a/b\n"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    places = {"/proc/self/cgroup": tmp_path / "cgroup", "/sys/fs/cgroup": tmp_path}
    monkeypatch.setattr(_threads, "Path", places.__getitem__)
    assert _threads.quota.__wrapped__() == expected


@pytest.mark.parametrize(
    ("openmp", "expected"), [("1", 1), ("2,1", 2), ("100000", None), ("", None), ("none", None)]
)
def test_the_default_respects_openmp_and_affinity(openmp, expected, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    monkeypatch.setattr(_threads, "quota", lambda: 5)
    monkeypatch.setenv("OMP_NUM_THREADS", openmp)
    assert _threads.allowed(None) == (expected or 5)
    assert _threads.allowed(7) == 7


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs sched_setaffinity")
def test_a_process_bound_to_one_cpu_uses_one_thread():
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
        "from denseloop import _threads; print(_threads.allowed(None))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"
