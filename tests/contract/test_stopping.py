"""A training can be stopped anywhere, and nothing is lost."""

import signal
import threading
import time

import numpy as np
import pytest
from denseloop import Network
from denseloop._progress_bar import ProgressBar

WORKLOADS = {
    "short epochs": ([2, 4, 1], 100),
    "one long epoch": ([60, 60, 1], 200_000),
}


def workload(name):
    sizes, samples = WORKLOADS[name]
    random = np.random.default_rng(0)
    X = random.standard_normal((samples, sizes[0]))
    return sizes, X, random.random((samples, 1)) > 0.5


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer")
@pytest.mark.parametrize(
    ("sizes", "samples", "threads"),
    [([10, 2, 1], 1, 1), ([2, 4, 1], 100, 1), ([20, 30, 1], 9000, 4)],
)
@pytest.mark.parametrize("milliseconds", [10, 15, 30])
def test_a_signal_before_the_core_first_asks_for_one(sizes, samples, threads, milliseconds):
    """Its handler may run where the core first asks Python, whatever the tiles and threads."""
    random = np.random.default_rng(0)
    X, y = random.standard_normal((samples, sizes[0])), random.random((samples, 1))
    network, twin = Network(sizes, seed=0), Network(sizes, seed=0)
    options = {"learning_rate": 1e-4, "num_threads": threads}

    def stop(*_):
        raise KeyboardInterrupt

    found = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, milliseconds / 1000)
        with pytest.raises(KeyboardInterrupt):
            network.train(X, y, epochs=1_000_000, **options)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, found)
    twin.train(X, y, epochs=len(network.history.loss), **options)
    np.testing.assert_array_equal(network.parameters, twin.parameters)


@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
@pytest.mark.parametrize("samples", range(2_000, 40_000, 2_000))
def test_an_interrupted_epoch_is_undone(samples, update_order, monkeypatch):
    """The first report comes after 20 ms, which at these sizes is within an epoch."""

    def stop(*_):
        raise InterruptedError

    monkeypatch.setattr(ProgressBar, "report", stop)
    random = np.random.default_rng(samples)
    X, y = random.standard_normal((samples, 40)), random.random((samples, 1))
    network, twin = (Network([40, 30, 30, 1], seed=0) for _ in range(2))
    options = {"learning_rate": 1.0, "reduction": "mean", "update_order": update_order}
    with pytest.raises(InterruptedError):
        network.train(X, y, epochs=10_000, progress=True, **options)
    twin.train(X, y, epochs=len(network.history.loss), **options)
    np.testing.assert_array_equal(network.parameters, twin.parameters)


@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
@pytest.mark.parametrize("name", WORKLOADS)
def test_ctrl_c_keeps_the_finished_epochs(name, update_order, interrupted_after):
    sizes, X, y = workload(name)
    network = Network(sizes, seed=0)
    options = {"learning_rate": 1e-3, "reduction": "mean", "update_order": update_order}
    with interrupted_after(1.0):
        network.train(X, y, epochs=50_000_000, **options)

    finished = len(network.history.loss)
    assert 0 < finished < 50_000_000 or name == "one long epoch"
    twin = Network(sizes, seed=0)
    again = twin.train(X, y, epochs=finished, **options)
    np.testing.assert_array_equal(network.parameters, twin.parameters)
    np.testing.assert_array_equal(network.history.loss, again.loss)


def test_ctrl_c_within_the_validation_keeps_the_epochs_updates(interrupted_after):
    random = np.random.default_rng(0)
    X, y = random.standard_normal((8, 20)), random.random(8)
    validation = random.standard_normal((100_000, 20)), random.random(100_000)
    options = {"learning_rate": 0.1, "eval_set": validation}  # some 30 ms, the updates none
    network, twin = (Network([20, 200, 1], seed=0) for _ in range(2))
    with interrupted_after(0.5):
        network.train(X, y, epochs=1_000_000, **options)

    finished = len(network.history.loss)
    expected = twin.train(X, y, epochs=finished, **options)
    np.testing.assert_array_equal(network.parameters, twin.parameters)
    np.testing.assert_array_equal(network.history.loss, expected.loss)
    found = network.history.validation_loss
    assert len(found) == finished > 1 and np.isnan(found[-1])
    np.testing.assert_array_equal(found[:-1], expected.validation_loss[:-1])
    network.train(X, y, epochs=2, **options)
    twin.train(X, y, epochs=2, **options)
    np.testing.assert_array_equal(network.parameters, twin.parameters)


@pytest.mark.parametrize("method", ["forward", "loss_and_gradients"])
def test_ctrl_c_interrupts_a_single_pass(method, interrupted_after):
    network = Network([60, 2000, 2000, 1], seed=0)
    X = np.zeros((20_000, 60))
    arguments = (X,) if method == "forward" else (X, np.zeros(20_000))
    with interrupted_after(0.5):
        getattr(network, method)(*arguments)


@pytest.mark.parametrize(
    ("shape", "samples"),
    [((1, 1), 800_000), ((1, 400), 16_000_000)],
    ids=["they are copied", "they are read in place"],
)
def test_ctrl_c_interrupts_the_reading_of_samples(shape, samples, interrupted_after):
    network = Network([400, 1], seed=0)
    before = network.parameters.copy()
    X = np.broadcast_to(np.zeros(shape), (samples, 400))
    with interrupted_after(0.15):
        network.train(X, np.zeros(len(X)), learning_rate=0.1, epochs=1)
    assert len(network.history.loss) == 0
    np.testing.assert_array_equal(network.parameters, before)


def test_a_refused_training_shows_no_bar(capsys):
    with pytest.raises(ValueError, match="X must be finite"):
        Network([1, 1], seed=0).train([[np.nan]], [0], learning_rate=1, epochs=1, progress=True)
    assert capsys.readouterr().err == ""


def test_an_exception_of_the_progress_function_ends_training(monkeypatch):
    def fail(*_):
        raise OSError("the terminal is gone")

    monkeypatch.setattr(ProgressBar, "report", fail)
    network = Network([2, 4, 1], seed=0)
    _, X, y = workload("short epochs")
    with pytest.raises(OSError, match="the terminal is gone"):
        network.train(X, y, learning_rate=0.1, epochs=50_000_000, progress=True)
    assert 0 < len(network.history.loss) < 50_000_000


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
def test_two_trainings_give_the_bits_of_one(target, dtype, update_order, random):
    X, y = random.standard_normal((150, 3)), random.random((150, 2))
    options = {"learning_rate": 0.5, "update_order": update_order, "reduction": "mean"}
    once, twice = (Network([3, 5, 2], dtype=dtype, seed=0) for _ in range(2))
    whole = once.train(X, y, epochs=70, **options).loss
    parts = [twice.train(X, y, epochs=epochs, **options).loss for epochs in (30, 0, 40)]
    np.testing.assert_array_equal(once.parameters, twice.parameters)
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_another_thread_runs_during_a_training():
    _, X, y = workload("short epochs")
    network = Network([2, 4, 1], seed=0)
    running, counts = threading.Event(), []

    def count():
        running.set()
        n = 0
        while running.is_set():
            n += 1
        counts.append(n)

    thread = threading.Thread(target=count)
    thread.start()
    running.wait()
    start = time.perf_counter()
    network.train(X, y, learning_rate=0.1, epochs=500_000)
    seconds = time.perf_counter() - start
    running.clear()
    thread.join()
    # It counts to millions a second, unless the training holds the GIL.
    assert counts[0] > 1e5 * seconds


def test_a_network_is_trained_by_one_thread_at_a_time():
    _, X, y = workload("short epochs")
    network = Network([2, 4, 1], seed=0)
    thread = threading.Thread(
        target=network.train, args=(X, y), kwargs={"learning_rate": 0.1, "epochs": 1_000_000}
    )
    thread.start()
    time.sleep(0.2)
    with pytest.raises(RuntimeError, match="in use by another training or thread"):
        network.train(X, y, learning_rate=0.1, epochs=1)
    thread.join()
    assert len(network.history.loss) == 1_000_000


def test_the_progress_bar_shows_epochs_and_loss(capsys):
    _, X, y = workload("short epochs")
    Network([2, 4, 1], seed=0).train(X, y, learning_rate=0.1, epochs=300_000, progress=True)
    shown = capsys.readouterr().err
    assert "300k/300k" in shown and "loss" in shown


def test_no_epochs_change_nothing(random):
    network = Network([2, 4, 1], seed=0)
    before = network.parameters.copy()
    history = network.train([[1, 2]], [1], learning_rate=0.1, epochs=0, record_output=True)
    assert history.loss.shape == (0,) and history.output.shape == (0, 1, 1)
    np.testing.assert_array_equal(network.parameters, before)
