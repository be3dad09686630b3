"""What `train_many` refuses before a network changes, and keeps others from meanwhile."""

import sys
import threading

import denseloop as dl
import numpy as np
import pytest

from tests.many.members import copies, networks
from tests.programs import run_program

RNG = np.random.default_rng(16)
X, Y = RNG.random((60, 3)), RNG.random((60, 2))


def test_two_trainings_at_once_are_refused():
    together = networks()

    def train_again(progress):
        with pytest.raises(RuntimeError, match="network 2: this network is in use"):
            dl.train_many(together[:3], X, Y, epochs=1, learning_rate=0.1)
        return True

    together[2].train(X, Y, epochs=5, learning_rate=0.1, callback=train_again)
    assert together[0].history is None


def test_no_other_thread_trains_a_network_before_all_are_done():
    together = [dl.Network([3, 20, 2], seed=k) for k in range(3)]
    alone, refused = copies(together), []

    def train_elsewhere(network):
        try:
            network.train(X, Y, epochs=1, learning_rate=0.1)
        except RuntimeError as error:
            refused.append(str(error))

    def try_all(finished, total):
        if finished < total:
            for network in together:
                thread = threading.Thread(target=train_elsewhere, args=(network,))
                thread.start()
                thread.join()

    options = {"epochs": 20_000, "learning_rate": 1e-3}
    dl.train_many(together, X, Y, num_threads=1, overall_callback=try_all, **options)
    assert len(refused) >= 3
    assert set(refused) == {"this network is in use by another training or thread"}
    for network, lone in zip(together, alone):
        lone.train(X, Y, **options)
        np.testing.assert_array_equal(network.parameters, lone.parameters)


NO_ROOM = """
import resource
import numpy as np, denseloop as dl

random = np.random.default_rng(0)
X, y = random.random((60, 40)), random.random(60)
large = np.broadcast_to(0.5, (200_000, 40))  # 64 MB when it is packed
together = [dl.Network([40, 2, 1], seed=k) for k in range(3)]
before = [network.parameters.copy() for network in together]
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (40 << 20), -1))
try:
    dl.train_many(
        together, [X, large, X], [y, large[:, 0].copy(), y], epochs=5, learning_rate=1e-3
    )
    raise SystemExit("there was room")
except MemoryError:
    pass
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
for network, parameters in zip(together, before):
    assert np.array_equal(network.parameters, parameters) and network.history is None
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory as Linux does")
def test_a_network_for_which_there_is_no_memory_changes_nothing():
    run = run_program(NO_ROOM)
    assert (run.returncode, run.stderr) == (0, "")


BROKEN = X.copy()
BROKEN[4, 1] = np.nan


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": dl.each([0.1, 0.2])}, "learning_rate must have a value for each of the"),
        ({"learning_rate": dl.each([0.1] * 4 + [-1.0])}, "network 4: learning_rate must be"),
        ({"optimizer": dl.each(["adam"] * 3 + [7, "adam"])}, "network 3: optimizer must be"),
        ({"learning_rate": 0.1, "X": [X, X, BROKEN, X, X]}, "network 2: X must be finite"),
        ({"learning_rate": 0.1, "X": [X, X[:, :2], X, X, X]}, "network 1: X must have shape"),
        ({"learning_rate": 0.1, "y": dl.each([Y, Y, Y, Y[1:], Y])}, "network 3: Number of rows"),
        ({"learning_rate": 0.1, "X": [X, X]}, "X must have a value for each of the 5 networks"),
        ({"learning_rate": 0.1, "epochs": dl.each([1, 2, 3, 4, -5])}, "network 4: epochs must be"),
        ({"learning_rate": 0.1, "callback": 3}, "network 0: callback must be a function"),
        ({"learning_rate": 0.1, "overall_callback": 3}, "overall_callback must be a function"),
        (
            {
                "optimizer": dl.each([dl.Adam(), dl.LBFGS(), dl.Adam(), dl.Adam(), dl.Adam()]),
                "shuffle": True,
            },
            "network 1: LBFGS takes all samples in one order",
        ),
    ],
)
def test_what_does_not_fit_names_the_network_and_changes_nothing(options, message):
    together = networks()
    before = copies(together)
    with pytest.raises((ValueError, TypeError), match=message):
        dl.train_many(together, **{"X": X, "y": Y, "epochs": 2, **options})
    for network, copy in zip(together, before):
        np.testing.assert_array_equal(network.parameters, copy.parameters)
        assert network.history is None


def test_a_network_must_not_be_there_twice():
    first, second = networks()[:2]
    with pytest.raises(ValueError, match="network 2: the same as network 0"):
        dl.train_many([first, second, first], X, Y, epochs=1, learning_rate=0.1)
    with pytest.raises(TypeError, match="network 1: expected a Network, got 3"):
        dl.train_many([first, 3], X, Y, epochs=1, learning_rate=0.1)
    with pytest.raises(TypeError, match="networks must be a sequence of Network"):
        dl.train_many(first, X, Y, epochs=1, learning_rate=0.1)
    assert dl.train_many([], X, Y, epochs=1, learning_rate=0.1) == []


def test_parameters_that_cannot_be_trained_name_the_network():
    together = networks()
    together[3].parameters[5] = np.inf
    with pytest.raises(ValueError, match=r"network 3: weights\[0\] must be finite"):
        dl.train_many(together, X, Y, epochs=1, learning_rate=0.1)
    together[3].parameters[5] = 0
    together[1].parameters.flags.writeable = False
    with pytest.raises(ValueError, match="network 1: parameters must be writable"):
        dl.train_many(together, X, Y, epochs=1, learning_rate=0.1)
    with pytest.raises(ValueError, match="network 1: parameters must be writable"):
        optimizers = dl.each([dl.Adam(), "lbfgs", dl.Adam(), dl.Adam(), dl.Adam()])
        dl.train_many(together, X, Y, epochs=1, optimizer=optimizers)
    assert all(network.history is None for network in together)
