"""L-BFGS and Levenberg-Marquardt can be watched and stopped at each step."""

import copy
import pickle

import denseloop as dl
import numpy as np
import pytest

from tests.compare import oracle_of
from tests.trainings import regression, tanh_network

METHODS = {
    "L-BFGS": dl.LBFGS(gradient_tolerance=0.0, loss_tolerance=0.0),
    "Levenberg-Marquardt": dl.LevenbergMarquardt(),
}


@pytest.fixture(params=METHODS)
def options(request):
    """Return options with a validation set whose loss soon rises again."""
    X, y = regression(90)
    return {
        "X": X[:30],
        "y": y[:30],
        "eval_set": (X[30:], y[30:], np.linspace(1, 2, 60)),
        "optimizer": METHODS[request.param],
        "reduction": "mean",
        "l2": 0.01,
    }


def plain(options):
    return {name: value for name, value in options.items() if name != "eval_set"}


def test_watching_changes_no_bit(options):
    expected = tanh_network()
    whole = expected.train(epochs=8, **plain(options))
    stopping = {"stopping": dl.EarlyStopping(patience=100, restore_best=False)}
    for watching in [
        {"eval_set": options["eval_set"]},
        {"record_output": True},
        {"callback": lambda progress: None},
        stopping,
    ]:
        network = tanh_network()
        history = network.train(epochs=8, **plain(options), **watching)
        np.testing.assert_array_equal(network.parameters, expected.parameters)
        np.testing.assert_array_equal(history.loss, whole.loss)


def test_each_step_has_its_losses_and_outputs(options):
    outputs = tanh_network().train(epochs=8, record_output=True, **plain(options)).output
    history = tanh_network().train(epochs=8, **options)
    assert len(history.validation_loss) == len(history.loss) == len(outputs) == 8
    for epochs in range(9):
        after = tanh_network()
        after.train(epochs=epochs, **plain(options))
        oracle = oracle_of(after)
        if epochs < 8:
            X, y = options["X"], options["y"]
            np.testing.assert_allclose(outputs[epochs], oracle.forward(X), rtol=1e-10)
            expected = oracle.loss(X, y, reduction="mean", l2=0.01)
            assert history.loss[epochs] == pytest.approx(expected, rel=1e-10)
        if epochs > 0:
            X, y, weight = options["eval_set"]
            expected = oracle.loss(X, y, reduction="mean", sample_weight=weight)
            assert history.validation_loss[epochs - 1] == pytest.approx(expected, rel=1e-10)


def test_early_stopping_restores_the_best_parameters(options):
    network, twin, last = tanh_network(), tanh_network(), tanh_network()
    stopping = dl.EarlyStopping(patience=4, tolerance=0.0)
    history = network.train(epochs=100, stopping=stopping, **options)
    losses = history.validation_loss
    assert history.stopped_by == "stopping"
    assert history.best_epoch == np.argmin(losses) == len(losses) - 5
    twin.train(epochs=history.best_epoch + 1, **plain(options))
    np.testing.assert_array_equal(network.parameters, twin.parameters)
    keeping = dl.EarlyStopping(patience=4, tolerance=0.0, restore_best=False)
    last.train(epochs=100, stopping=keeping, **options)
    twin = tanh_network()
    twin.train(epochs=len(losses), **plain(options))
    np.testing.assert_array_equal(last.parameters, twin.parameters)


def test_early_stopping_can_watch_the_training_loss(options):
    """The first step gains less than the tolerance."""
    stopping = dl.EarlyStopping(patience=2, tolerance=10.0)
    history = tanh_network().train(epochs=50, stopping=stopping, **plain(options))
    assert history.stopped_by == "stopping" and len(history.loss) == 3


def test_callbacks_see_each_step_and_can_stop(options):
    network, twin = tanh_network(), tanh_network()
    seen = []

    def callback(progress):
        seen.append((progress.epoch, progress.loss, progress.validation_loss))
        return progress.epoch == 6

    history = network.train(epochs=50, callback=callback, callback_every=3, **options)
    assert history.stopped_by == "callback" and len(history.loss) == 6
    losses = zip([3, 6], history.loss[[2, 5]], history.validation_loss[[2, 5]])
    assert seen == list(losses)
    twin.train(epochs=6, **plain(options))
    np.testing.assert_array_equal(network.parameters, twin.parameters)


def test_an_interrupt_leaves_the_last_step(options):
    network, twin = tanh_network(), tanh_network()

    def interrupt(progress):
        if progress.epoch == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        network.train(epochs=50, callback=interrupt, **options)
    assert network.history.stopped_by == "interrupt"
    assert len(network.history.loss) == len(network.history.validation_loss) == 4
    twin.train(epochs=4, **plain(options))
    np.testing.assert_array_equal(network.parameters, twin.parameters)


@pytest.mark.parametrize("between", [None, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_levenberg_marquardt_continues_in_the_next_call(between):
    X, y = regression(60)
    whole, parts = tanh_network(), tanh_network()
    optimizer = dl.LevenbergMarquardt(damping=10.0)
    expected = whole.train(X, y, optimizer=optimizer, epochs=9).loss
    losses = []
    for epochs in [1, 0, 3, 5]:
        losses.append(parts.train(X, y, optimizer=optimizer, epochs=epochs).loss)
        if between is not None:
            parts = between(parts)
    np.testing.assert_array_equal(np.concatenate(losses), expected)
    np.testing.assert_array_equal(parts.parameters, whole.parameters)


@pytest.mark.parametrize("watched", [False, True])
def test_levenberg_marquardt_ends_at_a_minimum(watched, random):
    X, y = random.standard_normal((40, 3)), random.standard_normal((40, 1))
    network = dl.Network([3, 1], output_activation="identity", seed=0)
    watching = {"eval_set": (X, y), "record_output": True} if watched else {}
    history = network.train(X, y, optimizer=dl.LevenbergMarquardt(), epochs=100, **watching)
    assert history.stopped_by == "convergence" and 0 < len(history.loss) < 20
    expected = np.linalg.lstsq(np.column_stack([X, np.ones(40)]), y)[0]
    np.testing.assert_allclose(network.parameters, expected[:, 0], rtol=1e-9)
    if watched:
        assert len(history.validation_loss) == len(history.output) == len(history.loss)
    again = network.train(X, y, optimizer=dl.LevenbergMarquardt(), epochs=100, **watching)
    assert again.stopped_by == "convergence" and len(again.loss) < 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(loss=dl.Huber()), r"LevenbergMarquardt needs loss .* got Huber\(delta=1.0\)"),
        (dict(derivative_at="output"), "needs derivative_at 'pre_activation', got 'output'"),
    ],
)
def test_levenberg_marquardt_is_for_squared_errors(arguments, message):
    network = dl.Network([3, 2, 1], seed=0)
    before = network.parameters.tobytes()
    with pytest.raises(ValueError, match=message):
        network.train(*regression(9), optimizer=dl.LevenbergMarquardt(), epochs=1, **arguments)
    assert network.parameters.tobytes() == before and network.history is None
