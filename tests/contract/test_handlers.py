"""A signal's handler may use any network, whatever its thread does with it or with others."""

import os
import signal

import pytest

from tests.programs import run_program

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer")

SETTING = """
import copy, os, signal, sys
import numpy as np, denseloop as dl

def new_network():
    return dl.Network([20, 400, 1], seed=0)

many = np.random.default_rng(0).uniform(-1, 1, (600_000, 20))
few, targets = many[:4], many[:4, :1]
A, B, C = new_network(), new_network(), new_network()

def read(network):
    return network.forward(many, num_threads=1)

def same(network):
    return np.array_equal(read(network), outputs)

def look(network):
    return network.forward(few).tobytes()

def train(network, epochs=30_000):
    try:
        network.train(few, targets, learning_rate=1e-3, epochs=epochs, num_threads=1)
    except RuntimeError as error:
        return str(error)

def within(*calls):
    # Makes each call in a handler within the one before, and returns their results.
    results, left = {}, list(enumerate(calls))
    def handler(number, frame):
        k, call = left.pop(0)
        if left:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
        results[k] = call()
    signal.signal(signal.SIGALRM, handler)
    handler(None, None)
    assert not left, "a call was too short"
    return [results[k] for k in range(len(calls))]

IN_USE = "this network is in use by another training or thread"
outputs, start = read(A), look(A)
"""


# What handlers do within one another, and what the last of them returns. The calls around it
# return and leave what they would alone.
PROGRAMS = {
    "a training of what is read": "read(A), read(B), train(A) == IN_USE",
    "a training around a training": "read(A), train(B), train(A) == IN_USE",
    "a training of what is trained": "train(A), train(B), train(A) == IN_USE",
    "a read of what is read": "read(A), train(B), same(A)",
    "a read of what is trained": "train(A), train(B), look(A) != start and A.history is None",
    "a read beside a read": "train(A), read(B), look(A) != start and A.history is None",
    "a read of both": "read(A), read(B), look(A) == look(B) == start",
    "four": "train(A), read(B), train(C), look(A) != start and train(B) == IN_USE",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_handlers_within_one_another_find_what_is_in_use(name):
    calls = PROGRAMS[name].split(", ")
    run = run_program(
        SETTING
        + f"""
*around, last = within({", ".join(f"lambda: {call}" for call in calls)})
assert last is True, last
trained = new_network()
train(trained)
for result, call in zip(around, {calls}):
    if call.startswith("read"):
        assert np.array_equal(result, outputs)
    else:
        assert result is None, result
        network = dict(A=A, B=B, C=C)[call[-2]]
        assert np.array_equal(network.parameters, trained.parameters)
"""
    )
    assert (run.returncode, run.stdout) == (0, ""), run.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_of_a_handler_still_trains_and_reads_what_its_parent_did():
    run = run_program(
        SETTING
        + """
def in_the_child():
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    checks = [look(A) != start, train(A) == IN_USE, train(B) == IN_USE, look(B) == start]
    if not all(checks):
        print(checks, flush=True)
        os._exit(1)
    return None
_, result, status = within(lambda: train(A), lambda: read(B), in_the_child)
trained = new_network()
train(trained)
same = np.array_equal(A.parameters, trained.parameters) and np.array_equal(result, outputs)
again = train(A, 1), train(B, 1)
print(status, same, again, flush=True)
"""
    )
    good = "True (None, None)\n"
    assert (run.returncode, run.stdout) == (0, f"None {good}0 {good}"), run.stderr
