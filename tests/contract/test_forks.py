"""A fork in the middle of a call: the child goes on, or gets an error that says why it cannot."""

import os
import signal

import pytest

from tests.programs import run_program

pytestmark = pytest.mark.skipif(
    not (hasattr(os, "fork") and hasattr(signal, "setitimer")), reason="needs fork and a timer"
)

SETTING = """
import os, signal
import numpy as np, denseloop as dl

def new_network(width=100):
    return dl.Network([20, width, width, 1], seed=0)

net, children = new_network(), []
random = np.random.default_rng(0)
X, many = random.uniform(-1, 1, (4000, 20)), random.uniform(-1, 1, (300_000, 20))
y = np.sin(X.sum(axis=1))

def handler(number, frame):
    if not children:
        children.append(os.fork())

def call_with_a_fork(call):
    # Forks within call(), prints the child's status, and returns the parent's result.
    signal.signal(signal.SIGPROF, handler)
    while not children:
        signal.setitimer(signal.ITIMER_PROF, 0.05)  # of the CPU's time, however busy it is
        try:
            result, error = call(), None
        except RuntimeError as raised:
            result, error = None, str(raised)
    if children[0] == 0:
        try:
            check_child(result, error)
        except BaseException as failure:
            print(repr(failure), flush=True)
            os._exit(1)
        os._exit(0)
    assert error is None, error
    print(os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]))
    return result
"""


# Options, the width of the network, and epochs that take some tenths of a second.
TRAININGS = {
    "descent": ("optimizer=dl.GradientDescent(1e-3, momentum=0.9)", 100, 60),
    "units": ("learning_rate=1e-5, update_order='output_first'", 300, 8),
    "shuffled": ("optimizer=dl.Adam(1e-3), shuffle=True", 100, 60),
    "progress": ("learning_rate=1e-3, progress=True", 100, 60),
    "lbfgs": ("optimizer=dl.LBFGS()", 100, 30),
}


@pytest.mark.parametrize("name", TRAININGS)
@pytest.mark.parametrize("threads", [1, 3])
def test_a_forked_training_goes_on_or_ends_with_what_is_finished(name, threads):
    if name == "lbfgs":
        pytest.importorskip("scipy")
    if name == "progress":
        pytest.importorskip("tqdm")
    options, width, epochs = TRAININGS[name]
    run = run_program(
        SETTING
        + f"""
def train(network, epochs):
    return network.train(X, y, epochs=epochs, num_threads={threads}, {options})
train(new_network({width}), 1)  # imports what is imported then

def check_child(result, error):
    if {threads} == 1:
        assert error is None, error
    elif error is not None or {name != "lbfgs"}:  # SciPy's own steps go on
        assert error.startswith("forked in the middle of a call on several threads"), error
        assert net.history.stopped_by == "interrupt"
    finished = len(net.history.loss)
    twin = new_network({width})
    history = train(twin, finished)
    assert np.array_equal(twin.parameters, net.parameters)
    assert np.array_equal(history.loss, net.history.loss)
    for network in (net, twin):
        train(network, 2)
    assert np.array_equal(twin.parameters, net.parameters)

net = new_network({width})
call_with_a_fork(lambda: train(net, {epochs}))
twin = new_network({width})
train(twin, {epochs})
print(np.array_equal(twin.parameters, net.parameters))
"""
    )
    assert (run.returncode, run.stdout) == (0, "0\nTrue\n"), run.stderr


CALLS = {
    "forward": "net.forward(many, num_threads={})",
    "jacobian": "net.jacobian(many[:150_000], num_threads={})",
    "gradients": "net.loss_and_gradients(many, many[:, 0], num_threads={})[1].flat",
    "objective": "objective(net.parameters)[1]",
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("threads", [1, 3])
def test_a_forked_call_goes_on_or_says_why_it_cannot(name, threads):
    call = CALLS[name].format(threads)
    run = run_program(
        SETTING
        + f"""
net = new_network(200)  # the calls take long enough on a fast machine
objective = net.objective(many, many[:, 0], num_threads={threads})
expected = {call}

def check_child(result, error):
    if {threads} == 1:
        assert np.array_equal(result, expected)
    else:
        assert error.startswith("forked in the middle of a call on several threads"), error
    assert np.array_equal({call}, expected)

result = call_with_a_fork(lambda: {call})
print(np.array_equal(result, expected))
"""
    )
    assert (run.returncode, run.stdout) == (0, "0\nTrue\n"), run.stderr


@pytest.mark.parametrize("threads", [1, 3])
def test_a_forked_training_by_levenberg_marquardt(threads):
    run = run_program(
        SETTING
        + f"""
def train(network, epochs):
    options = {{"optimizer": dl.LevenbergMarquardt(), "num_threads": {threads}}}
    return network.train(X, y, epochs=epochs, **options)

def check_child(result, error):
    if {threads} == 1:
        assert error is None, error
    else:
        assert error.startswith("forked in the middle of a call on several threads"), error
    finished = len(net.history.loss)
    twin = dl.Network([20, 12, 1], seed=0)
    train(twin, finished)
    assert np.array_equal(twin.parameters, net.parameters)

net = dl.Network([20, 12, 1], seed=0)
call_with_a_fork(lambda: train(net, 30))
twin = dl.Network([20, 12, 1], seed=0)
train(twin, 30)
print(np.array_equal(twin.parameters, net.parameters))
"""
    )
    assert (run.returncode, run.stdout) == (0, "0\nTrue\n"), run.stderr


def test_a_forked_handler_may_call_the_objective_that_it_interrupts():
    run = run_program(
        SETTING
        + """
objective = net.objective(many, many[:, 0], num_threads=1)
other = 2 * net.parameters
expected, expected_within = objective(net.parameters)[1], objective(other)[1]
within = []

def handler(number, frame):
    if not children:
        children.append(os.fork())
        if children[0] == 0:
            within.append(objective(other)[1])

def check_child(result, error):
    assert np.array_equal(within[0], expected_within)
    assert np.array_equal(result, expected)
    assert np.array_equal(objective(other)[1], expected_within)

result = call_with_a_fork(lambda: objective(net.parameters)[1])
print(np.array_equal(result, expected))
"""
    )
    assert (run.returncode, run.stdout) == (0, "0\nTrue\n"), run.stderr


@pytest.mark.parametrize("optimizer", ["adam", "lm", "lbfgs"])
def test_a_network_that_a_callback_forked_with_is_still_being_trained(optimizer):
    if optimizer == "lbfgs":
        pytest.importorskip("scipy")
    run = run_program(
        SETTING
        + f"""
net, errors = new_network(4), []
def train(network, **options):
    network.train(X[:60], y[:60], epochs=3, optimizer={optimizer!r}, **options)
def callback(progress):
    if not children:
        children.append(os.fork())
    try:
        train(net)
    except RuntimeError as error:
        errors.append(str(error))
train(net, callback=callback)
twin = new_network(4)
train(twin)
same = np.array_equal(twin.parameters, net.parameters)
train(net)  # it is free again
good = same and errors == ["this network is in use by another training or thread"] * 3
if children[0] == 0:
    os._exit(not good)
print(good, os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]))
"""
    )
    assert (run.returncode, run.stdout) == (0, "True 0\n"), run.stderr
