"""``python -m tests.stress``: signals, threads, forks and odd arguments at random, for some time.

Every kind of stress tries one thing after another until its time is over, and fails at the first
that breaks a promise. The seed of a run is printed, and repeats its choices (but not the moments of
its signals).
"""

import argparse
import copy
import os
import signal
import sys
import threading
import time
import warnings

import denseloop as dl
import numpy as np

EPOCHS = 4
OPTIMIZERS = [
    {"learning_rate": 0.1},
    {"optimizer": dl.GradientDescent(0.1, momentum=0.9)},
    {"optimizer": dl.Adam(0.1), "shuffle": True},
    {"optimizer": dl.RPROP()},
    {"optimizer": dl.LevenbergMarquardt()},
    {"optimizer": dl.LBFGS()},
]


def samples(random, n):
    return random.uniform(-1, 1, (n, 2)), random.uniform(0.2, 0.8, (n, 1))


def choose(random, choices):
    return choices[random.integers(len(choices))]


def new_network():
    return dl.Network([2, 3, 1], seed=0)


def parameters_after(epochs, X, y, options):
    network = new_network()
    network.train(X, y, epochs=epochs, **options)
    return network.parameters


def call_with_alarm(seconds, call):
    """Call, and raise KeyboardInterrupt in the call after so many seconds, unless it has ended."""
    armed = True

    def interrupt(number, frame):
        if armed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            call()
        finally:
            armed = False
    except KeyboardInterrupt:
        armed = False
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def interrupt_a_training(random):
    """A signal at any moment leaves parameters and history that fit, and a training to go on."""
    options = dict(choose(random, OPTIMIZERS))
    if random.integers(2):
        options["callback"] = lambda progress: False
    X, y = samples(random, 30)
    network = new_network()
    seconds = random.uniform(5e-6, 4e-4)
    call_with_alarm(seconds, lambda: network.train(X, y, epochs=EPOCHS, **options))
    finished = 0 if network.history is None else len(network.history.loss)
    expected = parameters_after(finished, X, y, options)
    assert np.array_equal(network.parameters, expected), (options, finished)
    network.train(X, y, epochs=EPOCHS - finished, **options)
    if not isinstance(options.get("optimizer"), dl.LBFGS):
        expected = parameters_after(EPOCHS, X, y, options)
        assert np.array_equal(network.parameters, expected), (options, finished)


def read_during_a_training(random):
    """Threads that read during a training see the states after its updates, one after the other."""
    options, threads = choose(random, OPTIMIZERS), int(random.integers(1, 4))
    X, y = samples(random, 300)
    epochs, states, seen, done = 20, {}, [[] for _ in range(threads)], threading.Event()
    network = new_network()
    states[network.forward(X).tobytes()] = 0

    def remember(progress):
        states.setdefault(progress.network.forward(X).tobytes(), progress.epoch)

    network.train(X, y, epochs=epochs, callback=remember, **options)
    network = new_network()

    def read(outputs):
        while not done.is_set():
            outputs.append(network.forward(X).tobytes())

    readers = [threading.Thread(target=read, args=(outputs,)) for outputs in seen]
    for reader in readers:
        reader.start()
    history = network.train(X, y, epochs=epochs, **options)
    done.set()
    for reader in readers:
        reader.join()
    assert history.stopped_by in ("epochs", "convergence"), history.stopped_by
    for outputs in seen:
        numbers = [states[output] for output in outputs]
        assert numbers == sorted(numbers), options


def fork_during_a_training(random):
    """The child of a fork in the middle of a training trains and reads the network."""
    X, y = samples(random, 2000)
    network, started, stop = new_network(), threading.Event(), threading.Event()

    def callback(progress):
        started.set()
        return stop.is_set()

    training = threading.Thread(
        target=network.train,
        args=(X, y),
        kwargs={"learning_rate": 1e-3, "epochs": 10**6, "callback": callback, "callback_every": 9},
    )
    training.start()
    started.wait()
    time.sleep(random.uniform(0, 1e-3))
    child = os.fork()
    if child == 0:
        network.train(X, y, learning_rate=1e-3, epochs=1)
        os._exit(0 if np.isfinite(network.forward(X)).all() else 1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    stop.set()
    training.join()
    assert status == 0, status


def fork_in_a_handler(random):
    """A signal's handler forks in a training: parent and child have what their history says."""
    options = {**choose(random, OPTIMIZERS), "num_threads": int(random.integers(1, 4))}
    epochs = 4 if "Levenberg" in repr(options) else 40
    X, y = samples(random, 6000)
    network, child, error = dl.Network([2, 20, 20, 1], seed=0), None, None

    def fork(number, frame):
        nonlocal child
        child = os.fork()

    before = signal.signal(signal.SIGALRM, fork)
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-4, 5e-2))
        network.train(X, y, epochs=epochs, **options)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except RuntimeError as raised:
        error = raised
    except BaseException:
        if child == 0:
            os._exit(1)
        raise
    finished = 0 if network.history is None else len(network.history.loss)
    twin = dl.Network([2, 20, 20, 1], seed=0)
    twin.train(X, y, epochs=finished, **options)
    same = np.array_equal(network.parameters, twin.parameters)
    if child == 0:
        os._exit(0 if same else 1)
    signal.signal(signal.SIGALRM, before)
    assert error is None and same, (options, finished)
    if child is not None:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status == 0, (options, status)


def copy_during_a_training(random):
    """Copies that another thread makes have the parameters after some update, and go on."""
    options, at_once = choose(random, OPTIMIZERS), int(random.integers(1, 6))
    X, y = samples(random, 30)
    network, copies, done, states = new_network(), [], threading.Event(), []

    def copy_again_and_again():
        while not done.is_set():
            copies.append(copy.deepcopy(network))

    thread, interval = threading.Thread(target=copy_again_and_again), sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    thread.start()
    for _ in range(10):
        network.train(X, y, epochs=at_once, **options)
    done.set()
    thread.join()
    sys.setswitchinterval(interval)
    twin = new_network()
    states.append(twin.parameters.tobytes())
    twin.train(X, y, epochs=10 * at_once, **options,
               callback=lambda p: states.append(p.network.parameters.tobytes()))  # fmt: skip
    if isinstance(options.get("optimizer"), dl.LBFGS):  # which starts afresh each time
        return
    numbers = [states.index(each.parameters.tobytes()) for each in copies]
    assert numbers == sorted(numbers), options
    for number, each in zip(numbers, copies):
        whole = each._parameters.core.optimizer is not None
        each.train(X, y, epochs=1, **options)
        if whole and 0 < number < len(states) - 1:
            assert each.parameters.tobytes() == states[number + 1], (options, number)


ODD = [
    *(None, True, 0, 1, -1, 2**64, 10**400, 0.5, float("nan"), float("inf"), 1j, "a", b"a", [], {}),
    *([1, 2], np.ones(2), np.ones((2, 2)), np.ones((3, 2), "f4"), np.ones((0, 2)), np.array("a")),
    *(np.full((3, 2), np.nan), np.ones((3, 1), "O"), np.float32(1), np.array(2), object(), dl.Adam),
]
PARAMETERS = [
    *("X", "y", "epochs", "learning_rate", "optimizer", "loss", "reduction", "l2", "sample_weight"),
    *("derivative_at", "update_order", "batch_size", "shuffle", "eval_set", "stopping"),
    *("callback_every", "record_output", "num_threads"),
]


def give_odd_arguments(random):
    """An odd argument is taken, or refused with nothing changed."""
    X, y = samples(random, 3)
    arguments = {"X": X, "y": y, "epochs": 2, "learning_rate": 0.1}
    for name in random.choice(PARAMETERS, random.integers(1, 3), replace=False):
        arguments[str(name)] = choose(random, ODD)
    network = new_network()
    before = network.parameters.copy()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network.train(**arguments)
    except (ValueError, TypeError, MemoryError):
        assert np.array_equal(network.parameters, before), arguments
        assert network.history is None, arguments


KINDS = {
    "signals": interrupt_a_training,
    "readers": read_during_a_training,
    "copies": copy_during_a_training,
    "forks": fork_during_a_training,
    "handlers": fork_in_a_handler,
    "arguments": give_odd_arguments,
}


def stress(kind, seed, seconds):
    """Try one kind for some time, and return the number of tries."""
    random, end, tries = np.random.default_rng(seed), time.monotonic() + seconds, 0
    while tries == 0 or time.monotonic() < end:
        KINDS[kind](random)
        tries += 1
    return tries


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--seconds", type=float, default=60, help="for each kind, 60 by default")
    parser.add_argument("--seed", type=int, help="by default another one for each run")
    options = parser.parse_args(arguments)
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(f"KIND must be one of {', '.join(KINDS)}; got {', '.join(unknown)}")
    seed = np.random.SeedSequence().entropy % 2**32 if options.seed is None else options.seed
    print(f"seed {seed}")
    for kind in options.kinds or KINDS:
        print(f"{kind}: {stress(kind, seed, options.seconds)} tries, no failure", flush=True)


if __name__ == "__main__":
    main()
