"""Validation losses, callbacks and the progress bar show a training without changing it."""

import denseloop as dl
import numpy as np
import pytest
from denseloop import Network

from tests.compare import assert_close, assert_same_bits_on_every_target, oracle_of
from tests.oracle import training
from tests.trainings import overfitting, regression, split, tanh_network

DTYPES = ["float64", "float32"]


# Validation


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("validation_samples", [1, 3, 60])
def test_the_validation_loss_of_each_epoch_is_the_oracles(
    target, validation_samples, reduction, dtype, random
):
    """It follows the epoch's updates, and has no penalty but the validation samples' weights."""
    X, y, (eval_X, eval_y) = split(dtype=dtype)
    evaluation = (eval_X[:validation_samples], eval_y[:validation_samples])
    weight = random.uniform(0.5, 2, validation_samples).astype(dtype)
    options = {"reduction": reduction, "l2": 0.1, "batch_size": 7, "loss": "squared_error"}
    for eval_set in [evaluation, (*evaluation, weight)]:
        network = tanh_network(dtype=dtype)
        oracle = oracle_of(network)
        history = network.train(X, y, learning_rate=0.01, epochs=4, eval_set=eval_set, **options)
        expected = training.train(oracle, X, y, 0.01, 4, eval_set=eval_set, **options)
        assert_close(history.loss, expected.losses, dtype)
        assert_close(history.validation_loss, expected.validation_losses, dtype)
        assert history.best_epoch == expected.best_epoch


def test_watching_changes_no_bit():
    X, y, eval_set = split()
    plain, watched = tanh_network(), tanh_network()
    options = overfitting(epochs=5, shuffle=True)
    history = plain.train(X, y, **options)
    seen = watched.train(X, y, eval_set=eval_set, callback=lambda progress: None, **options)
    np.testing.assert_array_equal(watched.parameters, plain.parameters)
    np.testing.assert_array_equal(seen.loss, history.loss)
    assert history.validation_loss is None and history.best_epoch is None
    assert history.stopped_by == seen.stopped_by == "epochs"


def test_the_validation_loss_has_the_same_bits_for_any_target_and_number_of_threads():
    X, y = regression(1000)

    def trained(threads):
        options = {"num_threads": threads, "eval_set": regression(3000), "epochs": 2}
        network = tanh_network((3, 40, 40, 1))
        return [network.train(X, y, learning_rate=1e-4, **options).validation_loss]

    assert_same_bits_on_every_target(lambda: trained(1))
    np.testing.assert_array_equal(trained(1), trained(2))
    np.testing.assert_array_equal(trained(1), trained(3))


# Callbacks


@pytest.mark.parametrize(("every", "told"), [(1, [1, 2, 3, 4, 5, 6, 7]), (3, [3, 6]), (10, [])])
def test_a_callback_is_called_every_few_epochs(every, told):
    X, y, eval_set = split()
    network, twin = tanh_network(), tanh_network()
    seen = []

    def callback(progress):
        assert progress.network is network
        outputs = network.forward(X)
        seen.append((progress.epoch, progress.loss, progress.validation_loss, outputs))

    options = {"callback": callback, "callback_every": every, "eval_set": eval_set}
    history = network.train(X, y, **overfitting(epochs=7, shuffle=True), **options)
    assert [epoch for epoch, *_ in seen] == told
    for epoch, loss, validation_loss, outputs in seen:
        assert loss == history.loss[epoch - 1]
        assert validation_loss == history.validation_loss[epoch - 1]
        twin.train(X, y, **overfitting(epochs=every, shuffle=True))
        np.testing.assert_array_equal(outputs, twin.forward(X))
    assert history.stopped_by == "epochs" and len(history.loss) == 7


def test_a_callback_gets_no_validation_loss_without_validation_samples():
    X, y, _ = split()
    seen = []
    network = tanh_network()
    options = {"callback": lambda progress: seen.append(progress.validation_loss)}
    network.train(X, y, learning_rate=0.01, epochs=2, **options)
    assert seen == [None, None]


@pytest.mark.parametrize("answer", [True, False, None])
def test_a_callback_that_returns_true_ends_the_training(answer):
    X, y, _ = split()
    network, twin = tanh_network(), tanh_network()
    options = overfitting(callback_every=3, record_output=True)
    history = network.train(
        X, y, epochs=10, callback=lambda p: answer if p.epoch == 6 else None, **options
    )
    epochs, ending = (6, "callback") if answer else (10, "epochs")
    assert history.stopped_by == ending
    assert len(history.loss) == len(history.output) == epochs
    twin.train(X, y, **overfitting(epochs=epochs))
    np.testing.assert_array_equal(network.parameters, twin.parameters)


def test_an_error_in_a_callback_ends_the_training():
    X, y, _ = split()
    network, twin = tanh_network(), tanh_network()

    def callback(progress):
        if progress.epoch == 4:
            raise LookupError("no such plot")

    with pytest.raises(LookupError, match="no such plot"):
        network.train(X, y, callback=callback, **overfitting(epochs=10))
    assert network.history.stopped_by == "interrupt" and len(network.history.loss) == 4
    twin.train(X, y, **overfitting(epochs=4))
    np.testing.assert_array_equal(network.parameters, twin.parameters)
    for each in (network, twin):
        each.train(X, y, **overfitting(epochs=2))
    np.testing.assert_array_equal(network.parameters, twin.parameters)


# Progress


class Bar:
    """Stands for tqdm's bar, and records its calls."""

    def __init__(self, **options):
        self.options, self.n, self.texts, self.closed = options, 0, [], False
        Bar.latest = self

    def set_postfix_str(self, text, refresh=True):
        self.texts.append(text)

    def set_postfix(self, values=None, refresh=True, **more):
        self.texts.append(", ".join(f"{k} {v}" for k, v in {**(values or {}), **more}.items()))

    def update(self, epochs):
        self.n += epochs

    def close(self):
        self.closed = True


@pytest.mark.parametrize("watched", [False, True])
def test_the_progress_bar_shows_both_losses(watched, monkeypatch):
    monkeypatch.setattr("tqdm.tqdm", Bar)
    X, y, eval_set = split()
    options = {"eval_set": eval_set} if watched else {}
    history = tanh_network().train(X, y, progress=True, **overfitting(epochs=300), **options)
    bar = Bar.latest
    assert bar.options["total"] == bar.n == 300 and bar.closed
    assert f"{history.loss[-1]:.6g}"[:5] in bar.texts[-1]
    if watched:
        assert f"{history.validation_loss[-1]:.6g}"[:5] in bar.texts[-1]
    else:
        assert "val" not in bar.texts[-1]


def test_a_callback_may_use_the_network_but_not_train_it():
    network, X, y = Network([2, 3, 1], seed=0), np.eye(2), np.ones(2)
    seen = []

    def callback(progress):
        seen.append(progress.network.forward(X))
        progress.network.train(X, y, learning_rate=0.1, epochs=1)

    with pytest.raises(RuntimeError, match="in use by another training"):
        network.train(X, y, learning_rate=0.1, epochs=3, callback=callback)
    assert len(seen) == len(network.history.loss) == 1
    network.train(X, y, learning_rate=0.1, epochs=1)  # afterwards it may be trained again


@pytest.mark.parametrize(
    "optimizer", [dl.GradientDescent(0.1), dl.LBFGS(), dl.LevenbergMarquardt()]
)
def test_a_network_is_not_made_anew_while_it_is_trained(optimizer):
    network, X, y = Network([2, 3, 1], seed=0), np.eye(2), np.ones(2)
    state, before, errors = network.__getstate__(), network.parameters.copy(), []

    def callback(progress):
        for make_anew in (lambda: network.__init__([1, 1]), lambda: network.__setstate__(state)):
            with pytest.raises(RuntimeError, match="in use by another training") as caught:
                make_anew()
            errors.append(caught.value)

    expected = Network([2, 3, 1], seed=0)
    expected.train(X, y, optimizer=optimizer, epochs=2)
    network.train(X, y, optimizer=optimizer, epochs=2, callback=callback)
    assert len(errors) == 2 * len(network.history.loss) == 4
    np.testing.assert_array_equal(network.parameters, expected.parameters)
    network.__setstate__(state)  # afterwards it may
    np.testing.assert_array_equal(network.parameters, before)


def test_a_history_can_be_dropped():
    network = Network([2, 3, 1], seed=0)
    network.train(np.eye(2), np.ones(2), learning_rate=0.1, epochs=2, record_output=True)
    with pytest.raises(TypeError, match="history can only be set to None, got 3"):
        network.history = 3
    network.history = None
    assert network.history is None
    network.train(np.eye(2), np.ones(2), learning_rate=0.1, epochs=2)
    assert len(network.history.loss) == 2


def test_a_callbacks_stop_iteration_is_passed_on():
    network, X, y = Network([2, 3, 1], seed=0), np.eye(2), np.ones(2)

    def callback(progress):
        next(iter(()))

    for optimizer in (dl.GradientDescent(0.1), dl.LBFGS(), dl.LevenbergMarquardt()):
        with pytest.raises(StopIteration):
            network.train(X, y, optimizer=optimizer, epochs=5, callback=callback)


# Learning rates and damping


def test_the_history_has_the_learning_rate_of_each_epoch():
    X, y, _ = split()
    options = dict(epochs=5, reduction="mean")
    constant = tanh_network().train(X, y, learning_rate=0.25, **options)
    assert constant.learning_rate.tolist() == [0.25] * 5 and constant.damping is None
    network = tanh_network()
    falling = dl.GradientDescent(dl.InverseScaling(0.5, power=1.0))
    for start in (0, 5):
        history = network.train(X, y, optimizer=falling, **options)
        expected = [0.5 / (1 + epoch) for epoch in range(start, start + 5)]
        np.testing.assert_allclose(history.learning_rate, expected, rtol=1e-15)
    adaptive = dl.GradientDescent(dl.Adaptive(30.0, patience=1, divisor=2.0, smallest=1e-3))
    rates = tanh_network().train(X, y, optimizer=adaptive, epochs=300).learning_rate
    assert set(rates[1:] / rates[:-1]) == {1.0, 0.5}
    for optimizer in ("rprop", "lbfgs"):
        history = tanh_network().train(X, y, optimizer=optimizer, **options)
        assert history.learning_rate is None and history.damping is None


def test_the_history_has_the_damping_of_each_step():
    """Each step can be made again from the parameters before it, by a solver of NumPy's."""
    X, y, _ = split()
    network = tanh_network()
    before, after = [network.parameters.copy()], []
    history = network.train(
        X,
        y,
        optimizer="lm",
        epochs=4,
        callback=lambda progress: before.append(progress.network.parameters.copy()),
    )
    assert history.damping.shape == history.loss.shape == (4,)
    for k, damping in enumerate(history.damping):
        network.parameters[...] = before[k]
        errors = (network.forward(X) - y.reshape(len(X), -1)).ravel()
        jacobian = network.jacobian(X, by="parameters").reshape(len(errors), -1)
        normal = jacobian.T @ jacobian + damping * np.eye(jacobian.shape[1])
        after.append(before[k] - np.linalg.solve(normal, jacobian.T @ errors))
    np.testing.assert_allclose(after, before[1:], rtol=1e-6, atol=1e-8)


def test_an_interrupted_history_has_the_rates_of_its_epochs():
    X, y, _ = split()
    network = tanh_network()

    def stop(progress):
        if progress.epoch == 3:
            raise KeyboardInterrupt

    falling = dl.GradientDescent(dl.InverseScaling(0.1))
    for optimizer in (falling, "lm"):
        with pytest.raises(KeyboardInterrupt):
            network.train(X, y, optimizer=optimizer, epochs=9, callback=stop)
        history = network.history
        recorded = history.damping if optimizer == "lm" else history.learning_rate
        assert recorded.shape == history.loss.shape == (3,)
