"""A network that is trained answers other threads from its last finished update."""

import os
import signal
import threading

import numpy as np
import pytest
from denseloop import LBFGS, Adam, LevenbergMarquardt, Network, Networks

from tests.programs import run_program

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-1, 1, (600, 8))
Y = np.sin(X.sum(axis=1))
OPTIMIZERS = {
    "descent": ({"learning_rate": 1e-3}, [8, 60, 60, 1], 150),
    "adam": ({"optimizer": Adam(1e-3)}, [8, 60, 60, 1], 150),
    "lm": ({"optimizer": LevenbergMarquardt()}, [8, 12, 1], 40),
    "lbfgs": ({"optimizer": LBFGS()}, [8, 60, 60, 1], 60),
}


def new_network(sizes):
    return Network(sizes, activation="tanh", output_activation="identity", seed=0)


def read_all_the_time(read, threads=2):
    """Start threads that call read() and collect its results.

    Returns a function that ends them, and returns a list of results for each.
    """
    done, results, errors = threading.Event(), [[] for _ in range(threads)], []

    def work(found):
        try:
            while not done.is_set():
                found.append(read())
        except Exception as error:
            errors.append(error)

    workers = [threading.Thread(target=work, args=(found,)) for found in results]
    for worker in workers:
        worker.start()

    def finish():
        done.set()
        for worker in workers:
            worker.join()
        assert not errors
        return results

    return finish


def assert_in_turn(results, states):
    """Each thread has seen some of the states, none of them after a later one."""
    number = {state: k for k, state in enumerate(states)}
    for found in results:
        assert found
        seen = [number[state] for state in found]
        assert seen == sorted(seen)
    return {state for found in results for state in found}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_outputs_are_those_of_a_finished_update(name):
    options, sizes, epochs = OPTIMIZERS[name]
    if name == "lbfgs":
        pytest.importorskip("scipy")
    network, states = new_network(sizes), []
    network.train(
        *(X, Y), epochs=epochs, callback=lambda p: states.append(p.network.forward(X).tobytes()),
        **options,
    )  # fmt: skip
    network = new_network(sizes)
    states.insert(0, network.forward(X).tobytes())
    finish = read_all_the_time(lambda: network.forward(X).tobytes())
    history = network.train(X, Y, epochs=epochs, **options)
    seen = assert_in_turn(finish(), states)
    assert len(history.loss) == len(states) - 1
    assert len(seen) > 3


def test_the_outputs_of_a_stack_are_those_of_finished_updates_of_its_networks():
    options, sizes, epochs = OPTIMIZERS["descent"]
    stack, states = Networks(sizes, count=2, seed=0), []
    stack[1].train(
        *(X, Y), epochs=epochs, callback=lambda p: states.append(p.network.forward(X).tobytes()),
        **options,
    )  # fmt: skip
    stack = Networks(sizes, count=2, seed=0)
    before = stack.forward(X)
    finish = read_all_the_time(lambda: stack.forward(X, num_threads=1))
    stack[1].train(X, Y, epochs=epochs, **options)
    results = finish()
    assert all(np.array_equal(outputs[0], before[0]) for found in results for outputs in found)
    results = [[outputs[1].tobytes() for outputs in found] for found in results]
    assert len(assert_in_turn(results, [before[1].tobytes(), *states])) > 3


def test_losses_and_few_rows_are_those_of_a_finished_update():
    options, sizes, epochs = OPTIMIZERS["descent"]

    def read():
        return network.forward(X[:2]).tobytes()

    def loss():
        return network.loss_and_gradients(X, Y)[0]

    network = new_network(sizes)
    outputs, losses = [read()], [loss()]
    for _ in range(epochs):
        network.train(X, Y, epochs=1, **options)
        outputs.append(read())
        losses.append(loss())
    network = new_network(sizes)
    finish_reading, finish_losses = read_all_the_time(read, 1), read_all_the_time(loss, 1)
    network.train(X, Y, epochs=epochs, **options)
    assert_in_turn(finish_reading(), outputs)
    assert_in_turn(finish_losses(), losses)


def test_readers_do_not_end_a_training_with_a_callback():
    options, sizes, epochs = OPTIMIZERS["adam"]
    network = new_network(sizes)
    finish = read_all_the_time(lambda: network.forward(X), threads=3)
    history = network.train(X, Y, epochs=epochs, callback=lambda progress: False, **options)
    finish()
    assert history.stopped_by == "epochs"


def test_a_prediction_beside_partial_fits_is_of_finished_ones():
    neural_network = pytest.importorskip("denseloop.neural_network")

    def new_regressor():
        return neural_network.MLPRegressor(
            hidden_layer_sizes=(60, 60), random_state=0, batch_size=600
        )

    regressor, states = new_regressor(), []
    for _ in range(60):
        states.append(regressor.partial_fit(X, Y).predict(X).tobytes())
    regressor = new_regressor().partial_fit(X, Y)
    finish = read_all_the_time(lambda: regressor.predict(X).tobytes())
    for _ in range(59):
        regressor.partial_fit(X, Y)
    assert_in_turn(finish(), states)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer")
def test_a_signals_handler_may_read_the_network_that_it_interrupts():
    network, outputs = new_network([8, 60, 60, 1]), []
    before = signal.signal(signal.SIGALRM, lambda *_: outputs.append(network.forward(X)))
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    try:
        network.train(X, Y, learning_rate=1e-3, epochs=10**6, callback=lambda p: len(outputs) > 3,
                      callback_every=100)  # fmt: skip
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(outputs) > 3
    assert not np.array_equal(outputs[0], outputs[-1])


SETTING = """
import os, signal, threading, time
import numpy as np, denseloop as dl
net = dl.Network([20, 400, 1], seed=0)
small, many = np.ones((4, 20)), np.ones((2_000_000, 20))
def train():
    net.train(small, small[:, :1], learning_rate=1e-9, epochs=1)
"""


def test_a_short_training_does_not_wait_for_a_long_read():
    run = run_program(
        SETTING
        + """
def late():
    time.sleep(0.1)
    start = time.perf_counter()
    train()
    times.append(time.perf_counter() - start)
times = []
train()
thread = threading.Thread(target=late)
thread.start()
start = time.perf_counter()
expected = net.forward(many[:1])
outputs = net.forward(many)
print(times[0] < (time.perf_counter() - start) / 2, np.isfinite(outputs).all())
thread.join()
"""
    )
    assert (run.returncode, run.stdout) == (0, "True True\n"), run.stderr


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer")
def test_a_handler_may_read_but_not_train_what_its_thread_reads():
    run = run_program(
        SETTING
        + """
def handler(number, frame):
    seen.append(net.forward(small).shape)
    try:
        train()
    except RuntimeError as error:
        seen.append(str(error))
seen = []
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.05)
net.forward(many)
print(seen)
"""
    )
    words = "this network is in use by another training or thread"
    assert (run.returncode, run.stdout) == (0, f"[(4, 1), '{words}']\n"), run.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_readers_asked_before_a_fork_is_forgotten():
    run = run_program(
        SETTING
        + """
X = np.ones((2000, 20))
stop = False
def read():
    while not stop:
        net.forward(X)
def go_on(epochs):
    net.train(X, X[:, :1], learning_rate=1e-9, epochs=epochs)
threads = [threading.Thread(target=read) for _ in range(3)]
threads.append(threading.Thread(target=go_on, args=(2000,)))
for thread in threads:
    thread.start()
statuses = []
for _ in range(8):
    time.sleep(0.02)
    child = os.fork()
    if child == 0:
        others = [threading.Thread(target=time.sleep, args=(0.05,)) for _ in range(6)]
        for other in others:
            other.start()
        go_on(20)
        os._exit(0)
    statuses.append(os.waitpid(child, 0)[1])
stop = True
for thread in threads:
    thread.join()
print(statuses)
"""
    )
    assert (run.returncode, run.stdout) == (0, f"{[0] * 8}\n"), run.stderr
