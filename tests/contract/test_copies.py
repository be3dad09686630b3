"""A copy or pickle of a network that another thread trains is of a finished update."""

import copy
import pickle
import signal
import subprocess
import sys
import threading
import time

import denseloop as dl
import numpy as np
import pytest

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-1, 1, (600, 8))
Y = np.sin(X.sum(axis=1))
ADAM = {"optimizer": dl.Adam(1e-3), "shuffle": True}
# Options, layer sizes and epochs of a training, and the epochs of each call of it.
TRAININGS = {
    "one": (ADAM, [8, 60, 60, 1], 150, 150),
    "short ones": (ADAM, [8, 3, 1], 2000, 2),
    "callbacks": ({**ADAM, "callback": lambda progress: False}, [8, 60, 60, 1], 150, 150),
    "momentum": ({"optimizer": dl.GradientDescent(1e-3, momentum=0.9)}, [8, 6, 1], 1000, 1),
    "lm": ({"optimizer": dl.LevenbergMarquardt()}, [8, 12, 1], 40, 2),
    "lbfgs": ({"optimizer": dl.LBFGS()}, [8, 60, 60, 1], 20, 20),
}
DUPLICATES = {
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "pickle": lambda network: pickle.loads(pickle.dumps(network)),
}


def key(network):
    return hash(network.parameters.tobytes())


def new_network(sizes):
    return dl.Network(sizes, activation="tanh", output_activation="identity", seed=0)


@pytest.fixture(autouse=True)
def threads_take_turns_often():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize("duplicate", DUPLICATES)
@pytest.mark.parametrize("name", TRAININGS)
def test_a_copy_is_of_a_finished_update_and_its_memory_fits(name, duplicate):
    """Its training goes on as the network's would, or as one that begins."""
    options, sizes, epochs, at_once = TRAININGS[name]
    if name == "lbfgs":
        pytest.importorskip("scipy")
    network, copies = new_network(sizes), []
    started, done = threading.Event(), threading.Event()
    epoch_of = {key(network): 0}
    other = {k: v for k, v in options.items() if k != "callback"}
    callback = lambda p: epoch_of.setdefault(key(p.network), p.epoch)  # noqa: E731
    network.train(X, Y, epochs=epochs, callback=callback, **other)
    network = new_network(sizes)

    def keep_copying():
        while not done.is_set():
            copies.append(DUPLICATES[duplicate](network))
            started.set()

    thread = threading.Thread(target=keep_copying)
    thread.start()
    started.wait()
    calls = epochs // at_once
    for call in range(calls):
        network.train(X, Y, epochs=at_once, **options)
        if call % (calls // 5 + 1) == 0:  # a busy machine might not copy at all meanwhile
            count = len(copies)
            while len(copies) == count:
                time.sleep(1e-4)
    done.set()
    thread.join()

    numbers = [epoch_of[key(each)] for each in copies]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 3
    for k in range(0, len(copies), max(1, len(copies) // 50)):
        core = copies[k]._parameters.core
        if core.optimizer is None:  # it was made in the middle of a run
            continue
        twin = new_network(sizes)
        twin.train(X, Y, epochs=numbers[k], **other)
        assert core.shuffled_epochs == twin._parameters.core.shuffled_epochs
        for each in (twin, copies[k]):
            each.train(X, Y, epochs=2, **other)
        assert np.array_equal(copies[k].parameters, twin.parameters), numbers[k]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer")
def test_a_signals_handler_copies_the_network_that_it_interrupts():
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60
    )
    assert (run.returncode, run.stdout) == (0, "2 None True\n"), run.stderr


# The alarm may come before the training begins, on a busy machine: it comes until two copies are of
# different updates, and ends the training then.
PROGRAM = """
import copy, signal
import numpy as np, denseloop as dl
X = np.random.default_rng(0).uniform(-1, 1, (600, 8))
net, copies = dl.Network([8, 60, 60, 1], seed=0), {}
before = net.parameters.tobytes()
def handler(number, frame):
    duplicate = copy.deepcopy(net)
    if duplicate.parameters.tobytes() != before:
        copies[duplicate.parameters.tobytes()] = duplicate
    if len(copies) == 2:
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise KeyboardInterrupt
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
try:
    net.train(X, X[:, :1], optimizer=dl.Adam(1e-5), epochs=10**7)
except KeyboardInterrupt:
    first, last = copies.values()
    memories = {each._parameters.core.optimizer_state for each in (first, last)}
    print(len(copies), *memories, np.array_equal(last.parameters, net.parameters))
"""


@pytest.mark.parametrize("way", ["adam", "lm", "train_many"])
def test_a_copy_during_the_first_training_has_the_scaling_of_its_parameters(way):
    random = np.random.default_rng(0)
    X = 1000 + 10 * random.random((2000, 2))
    y = X[:, :1] * np.sin(X[:, 1:])
    net = dl.Network([2, 20, 1], output_activation="identity", scaling="standard", seed=0)
    before, scaled = net.parameters.copy(), []

    def train():
        if way == "train_many":
            dl.train_many([net], X, y, optimizer=dl.Adam(0.01), reduction="mean", epochs=2000)
        else:
            optimizer = dl.Adam(0.01) if way == "adam" else "lm"
            epochs = 2000 if way == "adam" else 60
            net.train(X, y, optimizer=optimizer, reduction="mean", epochs=epochs)

    thread = threading.Thread(target=train)
    thread.start()
    while thread.is_alive():
        copied = copy.deepcopy(net)
        if not np.array_equal(copied.parameters, before):
            scaled.append(copied.scaling.is_fitted)
    thread.join()
    assert scaled and all(scaled)
