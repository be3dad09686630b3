"""Many networks that are trained in one call: each as if alone."""

import ast
import inspect
import re
import signal
import sys
import threading
import time

import denseloop as dl
import numpy as np
import pytest

from tests.many.members import LAYOUTS, assert_same_training, copies, networks

RNG = np.random.default_rng(16)
X, Y = RNG.random((60, 3)), RNG.random((60, 2))
THREADS = pytest.mark.parametrize("threads", [1, 2, 3])


def shared(**options):
    return [{"X": X, "y": Y, **options}] * len(LAYOUTS)


@THREADS
@pytest.mark.parametrize(
    "options",
    [
        {"learning_rate": 0.05},
        {"optimizer": dl.Adam(0.01), "batch_size": 7, "shuffle": True, "reduction": "mean"},
        {"optimizer": dl.RPROP(), "l2": 0.01, "record_output": True},
        {"optimizer": dl.GradientDescent(dl.InverseScaling(0.1), momentum=0.9), "batch_size": 1},
        {
            "optimizer": dl.Adam(0.05),
            "eval_set": (X[:9], Y[:9]),
            "stopping": dl.EarlyStopping(patience=2, restore_best=True),
            "sample_weight": RNG.random(60),
        },
        {"optimizer": "lbfgs"},
        {"optimizer": "lm"},
    ],
)
def test_each_network_has_the_bits_of_its_own_training(options, threads):
    together, epochs = networks(), 23
    alone = copies(together)
    for _ in range(2):  # the second call goes on
        histories = dl.train_many(together, X, Y, epochs=epochs, num_threads=threads, **options)
        assert_same_training(together, histories, alone, shared(epochs=epochs, **options))
    together[0].train(X, Y, epochs=3, **options)  # one alone goes on as well
    alone[0].train(X, Y, epochs=3, **options)
    np.testing.assert_array_equal(together[0].parameters, alone[0].parameters)


@THREADS
def test_much_work_is_shared_by_threads_without_a_change_of_bits(threads):
    together = [dl.Network([3, 30, 2], seed=k) for k in range(8)]
    alone = copies(together)
    options = {"optimizer": dl.Adam(0.01), "batch_size": 16, "shuffle": True}
    epochs = [100, 5, 300, 80, 0, 60, 120, 7]
    histories = dl.train_many(
        together, X, Y, epochs=dl.each(epochs), num_threads=threads, **options
    )
    own = [{"X": X, "y": Y, "epochs": count, **options} for count in epochs]
    assert_same_training(together, histories, alone, own)


def test_every_option_and_all_samples_may_be_each_networks_own():
    together = networks()
    alone = copies(together)
    rows = [10, 20, 30, 40, 50]
    own = [
        {
            "X": X[:n],
            "y": Y[:n],
            "sample_weight": np.arange(1.0, n + 1),
            "eval_set": (X[n:], Y[n:]),
            "epochs": n // 3,
            "optimizer": optimizer,
            "loss": loss,
            "reduction": reduction,
            "l2": n / 1e4,
            "derivative_at": derivative_at,
            "batch_size": batch_size,
            "shuffle": n == 20,
            "stopping": stopping,
            "record_output": n == 30,
        }
        for n, optimizer, loss, reduction, derivative_at, batch_size, stopping in zip(
            rows,
            (dl.Adam(0.1), dl.GradientDescent(0.1), "rprop", dl.Adam(), dl.Adam(0.2)),
            ("squared_error", "absolute_error", "half_squared_error", dl.Huber(0.3), "quantile")[:4]
            + (dl.Quantile(0.4),),
            ("sum", "mean", "sum", "mean", "mean"),
            ("pre_activation", "output", "pre_activation", "pre_activation", "output"),
            (3, None, None, 40, 7),
            (None, dl.EarlyStopping(patience=1), None, dl.EarlyStopping(goal=0.2), None),
        )
    ]
    each = {name: dl.each([options[name] for options in own]) for name in own[0]}
    histories = dl.train_many(together, **each)
    assert_same_training(together, histories, alone, own)


@pytest.mark.parametrize("form", ["lists", "stacks"])
def test_samples_of_each_network_come_in_lists_or_in_one_array(form):
    together = [dl.Network([3, 4, 1], seed=seed) for seed in range(5)]
    alone = copies(together)
    Xs, ys, weights = RNG.random((5, 8, 3)), RNG.random((5, 8)), RNG.random((5, 8))
    own = [
        {"X": x, "y": y, "sample_weight": w, "epochs": 4, "learning_rate": 0.3}
        for x, y, w in zip(Xs, ys, weights)
    ]
    given = (Xs, ys, weights) if form == "stacks" else (list(Xs), list(ys), list(weights))
    histories = dl.train_many(
        together, *given[:2], sample_weight=given[2], epochs=4, learning_rate=0.3
    )
    assert_same_training(together, histories, alone, own)


def test_a_network_that_scales_fits_its_own_scaling():
    together = [
        dl.Network([3, 4, 2], scaling="standard", output_activation="identity", seed=seed)
        for seed in range(3)
    ]
    alone = copies(together)
    Xs = [10 * X + 3, 100 * X, X - 1]
    own = [{"X": x, "y": 5 * Y, "epochs": 9, "learning_rate": 0.01} for x in Xs]
    histories = dl.train_many(together, Xs, 5 * Y, epochs=9, learning_rate=0.01)
    assert_same_training(together, histories, alone, own)
    for network, lone in zip(together, alone):
        np.testing.assert_array_equal(network.forward(X), lone.forward(X))


def test_one_divergence_ends_that_network_alone():
    together = [dl.Network([3, 4, 2], output_activation="identity", seed=k) for k in range(4)]
    alone = copies(together)
    rates = [0.001, 1e6, 0.002, 1e7]
    with pytest.warns(dl.DivergenceWarning, match=r"2 of 4 .* networks 1, 3; of network 1: after"):
        histories = dl.train_many(together, X, Y, epochs=30, learning_rate=dl.each(rates))
    own = [{"X": X, "y": Y, "epochs": 30, "learning_rate": rate} for rate in rates]
    with pytest.warns(dl.DivergenceWarning):
        assert_same_training(together, histories, alone, own)
    assert [history.diverged for history in histories] == [False, True, False, True]


def test_callbacks_see_their_own_network_and_stop_it_alone():
    together = networks()
    seen = []

    def callback(progress):
        seen.append((progress.network, progress.epoch))
        return progress.epoch == 3

    functions = dl.each([None, callback, None, callback, None])
    histories = dl.train_many(together, X, Y, epochs=5, learning_rate=0.1, callback=functions)
    assert [len(history.loss) for history in histories] == [5, 3, 5, 3, 5]
    assert seen == [(together[k], epoch) for k in (1, 3) for epoch in (1, 2, 3)]


def test_networks_with_callbacks_keep_their_own_order_of_samples():
    together = [dl.Network([3, 4, 2], seed=k) for k in range(3)]
    alone = copies(together)
    options = {"X": X, "y": Y, "epochs": 5, "learning_rate": 0.1, "batch_size": 7, "shuffle": True}
    histories = dl.train_many(together, callback=lambda progress: None, **options)
    assert_same_training(together, histories, alone, [options] * 3)


def test_a_callback_over_all_ends_all_trainings():
    together = [dl.Network([3, 30, 2], seed=k) for k in range(3)]
    alone = copies(together)
    calls = []

    def overall(finished, count):
        calls.append((finished, count))
        return True

    histories = dl.train_many(
        together, X, Y, epochs=2_000_000, learning_rate=1e-6, overall_callback=overall
    )
    assert calls == [(0, 3)]
    begun = [h for h in histories if h is not None]
    assert begun and {h.stopped_by for h in begun} == {"callback"}
    for network, lone in zip(together, alone):
        if network.history is not None:
            lone.train(X, Y, epochs=len(network.history.loss), learning_rate=1e-6)
        np.testing.assert_array_equal(network.parameters, lone.parameters)


@THREADS
def test_ctrl_c_leaves_each_network_at_its_last_finished_update(threads):
    together = [dl.Network([3, 20, 2], seed=k) for k in range(6)]
    alone = copies(together)
    options = {"optimizer": dl.Adam(1e-4), "batch_size": 16, "shuffle": True}
    asked = []

    def interrupt():
        time.sleep(0.3)
        asked.append(time.perf_counter())
        signal.raise_signal(signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        dl.train_many(together, X, Y, epochs=1_000_000, num_threads=threads, **options)
    late = time.perf_counter() - asked[0]
    thread.join()
    assert late < 2  # 0.1 on a quiet machine
    histories = [network.history for network in together]
    assert sum(history is not None for history in histories) >= threads
    for network, lone, history in zip(together, alone, histories):
        if history is not None:
            assert history.stopped_by == "interrupt"
            lone.train(X, Y, epochs=len(history.loss), **options)
            np.testing.assert_array_equal(history.loss, lone.history.loss)
            # The last epoch may have been interrupted between two batches.
            more = network.train(X, Y, epochs=0, **options)
            assert len(more.loss) == 0
        else:
            np.testing.assert_array_equal(network.parameters, lone.parameters)


def test_ctrl_c_is_heard_while_only_another_thread_works():
    together = [dl.Network([3, 20, 2], seed=k) for k in range(2)]
    soon = dl.EarlyStopping(patience=2, tolerance=1e9)  # ends the longer training at once
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        dl.train_many(
            together,
            X,
            Y,
            epochs=dl.each([1_000_001, 1_000_000]),
            learning_rate=1e-4,
            stopping=dl.each([soon, None]),
            num_threads=2,
        )
    timer.join()
    assert together[0].history.stopped_by == "stopping"
    assert together[1].history.stopped_by == "interrupt"
    assert len(together[1].history.loss) < 1_000_000


def test_ctrl_c_ends_networks_that_a_divergence_has_parted():
    stack = dl.Networks([2, 3, 1], count=8, seed=0, activation="tanh", output_activation="identity")
    stack.parameters[7] = 1e200
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        stack.train([[0.0, 0.5], [1.0, 1.0]], [0, 1], epochs=20_000_000, learning_rate=1e-3)
    timer.join()
    lengths = [len(history.loss) for history in stack.histories]
    assert 0 < max(lengths) < 20_000_000 and sorted(lengths)[-2] < max(lengths)
    for network, seed, length in zip(stack, stack.seeds, lengths):
        if length and network is not stack[7]:
            lone = dl.Network(
                [2, 3, 1], seed=int(seed), activation="tanh", output_activation="identity"
            )
            lone.train([[0.0, 0.5], [1.0, 1.0]], [0, 1], epochs=length, learning_rate=1e-3)
            np.testing.assert_array_equal(network.parameters, lone.parameters)


def test_the_options_that_networks_pass_on_are_those_of_train_many():
    """Checkers of types know them by a TypedDict, which does not exist at run time."""
    source = ast.parse(inspect.getsource(sys.modules["denseloop.many"]))
    (options,) = (
        node
        for node in ast.walk(source)
        if isinstance(node, ast.ClassDef) and node.name == "ManyOptions"
    )
    typed = {
        each.target.id: re.sub(r"^Required\[(.*)\]$", r"\1", ast.unparse(each.annotation))
        for each in options.body
        if isinstance(each, ast.AnnAssign)
    }
    parameters = list(inspect.signature(dl.train_many).parameters.values())[3:]
    assert typed == {each.name: each.annotation for each in parameters}
