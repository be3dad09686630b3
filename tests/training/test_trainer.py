"""A trainer goes on as `train`, called again and again, does."""

import copy
import gc
import pickle
import threading
import weakref

import denseloop as dl
import numpy as np
import pytest

from tests.compare import assert_close, oracle_of
from tests.oracle import training
from tests.trainings import (
    IN_BATCHES,
    OPTIMIZERS,
    overfitting,
    regression,
    split,
    tanh_network,
)

RUNS = [2, 0, 1, 1, 5, 1]
OPTIONS = {
    "descent": {"learning_rate": 0.05},
    "momentum": {"optimizer": dl.GradientDescent(0.05, momentum=0.9), "batch_size": 7},
    "schedule": {"learning_rate": dl.InverseScaling(0.1)},
    "adaptive": {"learning_rate": dl.Adaptive(0.5, patience=1)},
    "Adam, shuffled": {"optimizer": dl.Adam(0.01), "batch_size": 10, "shuffle": True},
    "RPROP": {"optimizer": dl.RPROP()},
    "output first": {"learning_rate": 0.05, "update_order": "output_first"},
    "few samples": {"optimizer": dl.Adam(0.01), "batch_size": 1, "l2": 0.01},
    "Levenberg-Marquardt": {"optimizer": dl.LevenbergMarquardt()},
    "L-BFGS": {"optimizer": dl.LBFGS()},
    "weights": {"learning_rate": 0.05, "sample_weight": np.linspace(0, 1, 30)},
    "outputs": {"learning_rate": 0.05, "record_output": True},
}


def assert_same_history(found, expected):
    assert found.stopped_by == expected.stopped_by
    for name in ["loss", "validation_loss", "output"]:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


@pytest.mark.parametrize("validated", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", OPTIONS)
def test_runs_are_calls_of_train(name, dtype, validated):
    X, y, eval_set = split(dtype=dtype)
    options = {"reduction": "mean", **OPTIONS[name]}
    if "sample_weight" in options:
        options["sample_weight"] = np.linspace(0, 1, len(X))
    if validated:
        options["eval_set"] = eval_set
    network, twin = tanh_network(dtype=dtype), tanh_network(dtype=dtype)
    trainer = network.trainer(X, y, **options)
    assert network.history is None
    for epochs in RUNS:
        found = trainer.run(epochs)
        assert_same_history(found, twin.train(X, y, epochs=epochs, **options))
        np.testing.assert_array_equal(network.parameters, twin.parameters)
        assert network.history is found


@pytest.mark.parametrize("name", IN_BATCHES)
def test_runs_are_the_oracles_epochs(name, target):
    X, y, _ = split()
    optimizer, own = OPTIMIZERS[name]
    network = tanh_network()
    oracle = oracle_of(network)
    trainer = network.trainer(X, y, optimizer=optimizer, batch_size=9, reduction="mean")
    losses = np.concatenate([trainer.run(epochs).loss for epochs in [1, 3, 1]])
    expected = training.train(oracle, X, y, own(), 5, batch_size=9, reduction="mean")
    assert_close(losses, expected.losses, "float64")


@pytest.mark.parametrize("between", ["equal optimizer", "other optimizer", "trainer"])
def test_other_trainings_between_runs_count_as_between_calls_of_train(between):
    X, y, _ = split()
    options = {"optimizer": dl.Adam(0.01), "shuffle": True, "batch_size": 10}
    network, twin = tanh_network(), tanh_network()
    trainer = network.trainer(X, y, **options)
    other = network.trainer(X, y, learning_rate=0.01, shuffle=True)

    def intervene(net, is_twin):
        if between == "equal optimizer":
            net.train(X[:20], y[:20], epochs=3, optimizer=dl.Adam(0.01), shuffle=True)
        elif between == "other optimizer":
            net.train(X, y, epochs=1, optimizer=dl.RPROP())
        elif is_twin:
            net.train(X, y, epochs=2, learning_rate=0.01, shuffle=True)
        else:
            other.run(2)

    for _ in range(3):
        trainer.run(2)
        twin.train(X, y, epochs=2, **options)
        intervene(network, False)
        intervene(twin, True)
        np.testing.assert_array_equal(network.parameters, twin.parameters)


def test_early_stopping_begins_anew_in_each_run_and_restores_the_best():
    X, y, eval_set = split()
    stopping = dl.EarlyStopping(patience=5, tolerance=0.0)
    options = overfitting(epochs=400)
    options.pop("epochs")
    options |= {"eval_set": eval_set, "stopping": stopping}
    network, twin = tanh_network(), tanh_network()
    trainer = network.trainer(X, y, **options)
    stopped = []
    for _ in range(3):
        found = trainer.run(400)
        stopped.append(found.stopped_by)
        assert_same_history(found, twin.train(X, y, epochs=400, **options))
        np.testing.assert_array_equal(network.parameters, twin.parameters)
    assert "stopping" in stopped


@pytest.mark.parametrize("every", [2**63, 10**40])
def test_a_callback_may_be_due_after_more_epochs_than_there_are(every):
    X, y, _ = split()
    network = tanh_network()
    history = network.train(
        X, y, learning_rate=0.01, epochs=3, callback=pytest.fail, callback_every=every
    )
    assert len(history.loss) == 3


def test_callbacks_and_the_progress_bar_are_per_run(monkeypatch):
    from denseloop._progress_bar import ProgressBar

    X, y, eval_set = split()
    shown, seen = [], []
    monkeypatch.setattr(ProgressBar, "report", lambda self, *numbers: shown.append(numbers))
    network = tanh_network()

    def callback(progress):
        seen.append((progress.epoch, progress.loss, progress.validation_loss))
        assert progress.network is network
        with pytest.raises(RuntimeError, match="in use by another training"):
            trainer.run(1)
        return progress.epoch == 4

    trainer = network.trainer(
        *(X, y),
        learning_rate=0.01,
        eval_set=eval_set,
        callback=callback,
        callback_every=2,
        progress=True,
    )
    for _ in range(2):
        seen.clear()
        shown.clear()
        history = trainer.run(7)
        assert history.stopped_by == "callback" and len(history.loss) == 4
        losses = zip(history.loss, history.validation_loss)
        expected = [(k, *pair) for k, pair in enumerate(losses, 1)]
        assert seen == shown == [expected[1], expected[3]]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("optimizer", [dl.Adam(0.01), dl.LevenbergMarquardt()])
def test_an_exception_of_the_callback_leaves_the_finished_epochs(optimizer, error):
    X, y, _ = split()

    def callback(progress):
        if progress.epoch == 3:
            raise error

    network, twin = tanh_network(), tanh_network()
    trainer = network.trainer(X, y, optimizer=optimizer, callback=callback)
    with pytest.raises(error):
        trainer.run(10)
    history = twin.train(X, y, optimizer=optimizer, epochs=3)
    assert network.history.stopped_by == "interrupt"
    np.testing.assert_array_equal(network.history.loss, history.loss)
    trainer.run(2)
    twin.train(X, y, optimizer=optimizer, epochs=2)
    np.testing.assert_array_equal(network.parameters, twin.parameters)


def test_ctrl_c_between_and_within_runs_leaves_parameters_and_history_that_fit(interrupted_after):
    X, y, _ = split()
    options = {"optimizer": dl.Adam(1e-3), "shuffle": True, "batch_size": 8}
    network, twin = tanh_network(), tanh_network()
    trainer, finished = network.trainer(X, y, **options), 0
    with interrupted_after(0.2):
        while True:
            finished += 0 if network.history is None else len(network.history.loss)
            trainer.run(50)
    # The interrupt comes before or after the last count.
    for total in [finished, finished + len(network.history.loss)]:
        again = copy.deepcopy(twin)
        again.train(X, y, epochs=total, **options)
        if (again.parameters == network.parameters).all():
            break
    np.testing.assert_array_equal(again.parameters, network.parameters)
    np.testing.assert_array_equal(trainer.run(3).loss, again.train(X, y, epochs=3, **options).loss)


def test_divergence_warns_at_the_users_line():
    network = dl.Network([1, 1], output_activation="identity", weights=[[[1.0]]])
    trainer = network.trainer([[1e5]], [[0.0]], learning_rate=1e200)
    with pytest.warns(dl.DivergenceWarning, match="after . epochs") as caught:
        history = trainer.run(10)
    assert caught[0].filename == __file__
    assert history.diverged and np.isfinite(network.parameters).all()


@pytest.mark.parametrize(
    ("epochs", "error", "message"),
    [
        (-1, ValueError, "epochs must be at least 0, got -1"),
        (1.0, TypeError, "epochs must be an integer, got 1.0"),
        (2**62, ValueError, "a history of .* is more than the address space holds"),
        (2**70, ValueError, "a history of .* is more than the address space holds"),
    ],
)
def test_other_numbers_of_epochs_are_refused(epochs, error, message):
    network = tanh_network()
    with pytest.raises(error, match=message):
        network.trainer(*regression(9), learning_rate=0.1).run(epochs)
    assert network.history is None
    assert len(network.trainer(*regression(9), learning_rate=0.1).run(np.int8(2)).loss) == 2


def test_parameters_that_cannot_be_trained_are_refused_in_each_run():
    network = tanh_network()
    trainer = network.trainer(*regression(9), learning_rate=0.1)
    history = trainer.run(1)
    before = network.parameters.copy()
    for array, name in [
        (network.parameters, "parameters"),
        (network.weights[0], r"weights\[0\]"),
        (network.biases[1], r"biases\[1\]"),
    ]:
        array.flags.writeable = False
        with pytest.raises(ValueError, match=f"{name} must be writable, got a read-only array"):
            trainer.run(1)
        array.flags.writeable = True
    network.weights[0][1, 1] = np.inf
    with pytest.raises(ValueError, match=r"weights\[0\] must be finite, got inf at \(1, 1\)"):
        trainer.run(1)
    network.parameters[...] = before
    assert network.history is history
    trainer.run(1)


def test_bad_options_are_refused_when_it_is_made():
    network = tanh_network()
    X, y = regression(9)
    for options, message in [
        ({}, "give either a learning_rate or an optimizer"),
        ({"learning_rate": 0.1, "callback": 3}, "callback must be a function"),
        ({"learning_rate": 0.1, "loss": "cross_entropy"}, "needs output_activation 'softmax'"),
        ({"optimizer": dl.LevenbergMarquardt(), "loss": dl.Huber()}, "LevenbergMarquardt needs"),
    ]:
        with pytest.raises((ValueError, TypeError), match=message):
            network.trainer(X, y, **options)
    with pytest.raises(ValueError, match="X must be finite"):
        network.trainer(X * np.nan, y, learning_rate=0.1)
    with pytest.raises(TypeError, match="epochs"):
        network.trainer(X, y, learning_rate=0.1, epochs=3)


def test_two_threads_take_turns_or_are_refused():
    X, y = regression(300)
    network = tanh_network()
    options = {"optimizer": dl.Adam(1e-3), "shuffle": True}
    trainers = [network.trainer(X, y, **options) for _ in range(2)]
    finished = [0, 0]

    def run(k):
        while finished[k] < 30:
            try:
                finished[k] += len(trainers[k].run(2).loss)
            except RuntimeError:
                pass

    threads = [threading.Thread(target=run, args=(k,)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    twin = tanh_network()
    twin.train(X, y, epochs=60, **options)
    np.testing.assert_array_equal(network.parameters, twin.parameters)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_copies_and_pickles_are_refused(duplicate):
    with pytest.raises(TypeError, match=r"make a new one by Network\.trainer"):
        duplicate(tanh_network().trainer(*regression(9), learning_rate=0.1))


def test_a_copy_of_the_network_goes_on_apart():
    X, y, _ = split()
    options = {"optimizer": dl.Adam(0.01), "shuffle": True}
    network = tanh_network()
    trainer = network.trainer(X, y, **options)
    trainer.run(3)
    twin = copy.deepcopy(network)
    trainer.run(2)
    np.testing.assert_array_equal(twin.train(X, y, epochs=2, **options).loss, network.history.loss)
    np.testing.assert_array_equal(twin.parameters, network.parameters)


def test_a_trainer_that_its_own_callback_knows_is_freed():
    class Owner:
        def __init__(self):
            self.trainer = tanh_network().trainer(
                *regression(9), learning_rate=0.1, callback=self.callback
            )

        def callback(self, progress):
            pass

    owner = Owner()
    owner.trainer.run(2)
    freed = weakref.ref(owner)
    del owner
    gc.collect()
    assert freed() is None
