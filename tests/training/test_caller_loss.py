"""A function of the user's as loss: the core calls it for each batch, and trains by its slopes."""

import gc
import re
import threading
import weakref

import denseloop as dl
import numpy as np
import pytest

from tests.compare import assert_close, assert_parameters_agree, oracle_of
from tests.oracle import training
from tests.training.orders import orders

DTYPES = ["float64", "float32"]


def half_squared_error(outputs, targets):
    errors = outputs - targets
    return 0.5 * np.square(errors).sum(), errors


def problem(random, samples=150, dtype="float64", output="tanh"):
    network = dl.Network(
        [3, 7, 2], activation="tanh", output_activation=output, dtype=dtype, seed=5
    )
    X = random.uniform(-1, 1, (samples, 3)).astype(dtype)
    return network, X, np.tanh(X[:, :2] * X[:, 2:]).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [1, 3, 150])
def test_loss_gradient_and_updates_are_those_of_the_oracle(samples, dtype, random):
    network, X, y = problem(random, samples, dtype)
    oracle = oracle_of(network)
    value, slopes, _ = oracle.loss_and_gradients(X, y)
    loss, gradients = network.loss_and_gradients(X, y, loss=half_squared_error)
    assert_close(loss, value, dtype)
    assert_close(gradients.weights[0], slopes[0], dtype)
    history = network.train(X, y, loss=half_squared_error, learning_rate=0.01, epochs=4, l2=0.1)
    expected = training.train(oracle, X, y, 0.01, 4, l2=0.1)
    assert_close(history.loss, expected.losses, dtype)
    assert_parameters_agree(network, oracle)


def test_batches_shuffling_and_validation_are_those_of_the_oracle(random):
    network, X, y = problem(random)
    oracle = oracle_of(network)
    options = dict(batch_size=32, eval_set=(X[:40], y[:40]))
    history = network.train(
        X, y, loss=half_squared_error, learning_rate=0.02, epochs=6, shuffle=True, **options
    )
    taken = orders(network.seed, len(X), 6)
    expected = training.train(oracle, X, y, 0.02, 6, orders=taken, **options)
    assert_close(history.loss, expected.losses, "float64")
    assert_close(history.validation_loss, expected.validation_losses, "float64")
    assert_parameters_agree(network, oracle)


def test_the_function_sees_its_batch_of_targets_of_any_shape(random):
    network, X, _ = problem(random, 10)
    y = np.array([f"row {i}" for i in range(10)])
    seen = []

    def note(outputs, targets):
        seen.append((outputs.copy(), list(targets)))
        return 0.0, np.zeros_like(outputs)

    before = network.forward(X)
    history = network.train(
        X, y, loss=note, learning_rate=0.1, epochs=1, batch_size=4, shuffle=True
    )
    order = [int(name[4:]) for _, names in seen for name in names]
    assert sorted(order) == list(range(10)) and order != list(range(10))
    np.testing.assert_array_equal(np.vstack([outputs for outputs, _ in seen]), before[order])
    np.testing.assert_array_equal(network.forward(X), before)  # the derivatives are 0
    assert history.loss.tolist() == [0.0]


def test_targets_of_one_output_are_a_column_as_for_named_losses(random):
    X, y = random.uniform(-1, 1, (9, 3)), random.random(9)
    networks = [dl.Network([3, 1], seed=0) for _ in range(2)]
    for network, loss in zip(networks, (half_squared_error, "half_squared_error")):
        network.train(X, y, loss=loss, learning_rate=0.1, epochs=3)
    assert_close(networks[0].parameters, networks[1].parameters, "float64")


def test_missing_targets_can_be_left_out(random):
    network, X, y = problem(random)
    twin = problem(random)[0]
    holes = random.random(y.shape) < 0.3
    y_with_holes = np.where(holes, np.nan, y)

    def masked(outputs, targets):
        errors = np.where(np.isnan(targets), 0.0, outputs - targets)
        return 0.5 * np.square(errors).sum(), errors

    history = network.train(X, y_with_holes, loss=masked, optimizer="rprop", epochs=60)
    assert history.loss[-1] < 0.2 * history.loss[0]
    twin.train(X, y, optimizer="rprop", epochs=60)
    assert not np.array_equal(network.parameters, twin.parameters)


@pytest.mark.parametrize("output", ["softmax", "exp", "sigmoid", "relu"])
def test_outputs_of_any_activation(output, random):
    network, X, _ = problem(random, 70, output=output)
    y = random.uniform(0.1, 0.9, (70, 2))
    twin = network.objective(X, y, loss=lambda a, y: (np.sum(y * a**3), 3 * y * a**2))
    _, gradient = twin(network.parameters)
    for k in (0, 11, len(network.parameters) - 1):
        step = 1e-6 * (np.arange(gradient.size) == k)
        slope = (twin.loss(network.parameters + step) - twin.loss(network.parameters - step)) / 2e-6
        np.testing.assert_allclose(gradient[k], slope, rtol=1e-5, atol=1e-8)


def test_lbfgs_minimizes_it_and_levenberg_marquardt_refuses_it(random):
    network, X, y = problem(random)
    history = network.train(X, y, loss=half_squared_error, optimizer="lbfgs", epochs=30)
    assert history.loss[-1] < 0.1 * history.loss[0]
    with pytest.raises(ValueError, match="first derivatives; got a function"):
        network.train(X, y, loss=half_squared_error, optimizer="lm", epochs=1)


def test_the_bits_do_not_depend_on_threads_or_target(target, random):
    network, X, y = problem(random, 3000)
    twin = dl.Network([3, 7, 2], activation="tanh", output_activation="tanh", seed=5)
    options = dict(loss=half_squared_error, optimizer="adam", epochs=3, batch_size=1000)
    network.train(X, y, num_threads=1, **options)
    twin.train(X, y, num_threads=4, **options)
    assert network.parameters.tobytes() == twin.parameters.tobytes()


def test_an_error_of_the_function_ends_the_training_at_its_last_update(random):
    network, X, y = problem(random)
    twin = problem(random)[0]
    calls = []

    def fails_later(outputs, targets):
        calls.append(network.forward(X[:1]))  # reading is allowed
        if len(calls) == 4:
            raise KeyError("mine")
        return half_squared_error(outputs, targets)

    with pytest.raises(KeyError, match="mine"):
        network.train(X, y, loss=fails_later, learning_rate=0.01, epochs=9)
    assert len(network.history.loss) == 3 and network.history.stopped_by == "interrupt"
    twin.train(X, y, loss=half_squared_error, learning_rate=0.01, epochs=3)
    np.testing.assert_array_equal(network.parameters, twin.parameters)


@pytest.mark.parametrize(
    ("loss", "options", "message"),
    [
        (lambda a, y: 1.0, {}, r"must return \(value, derivatives by the outputs\), got a float"),
        (lambda a, y: ("x", a), {}, "and a number as value, got a str"),
        (lambda a, y: (a[:, :1], a), {}, r"as value, got a ndarray of shape \(150, 1\)"),
        (lambda a, y: (1.0, a[:1]), {}, r"of the shape of its outputs, \(150, 2\), got \(1, 2\)"),
        (lambda a, y: (1.0, a + 1j), {}, "must hold real numbers, got dtype complex128"),
        (half_squared_error, {"reduction": "mean"}, "reduction must be 'sum', got 'mean'"),
        (half_squared_error, {"sample_weight": np.ones(150)}, "sample_weight must be None"),
        (half_squared_error, {"update_order": "output_first"}, "update_order must be 'simul"),
    ],
)
def test_what_does_not_fit_is_refused(loss, options, message, random):
    network, X, y = problem(random)
    before = network.parameters.copy()
    with pytest.raises((ValueError, TypeError), match=message):
        network.train(X, y, loss=loss, learning_rate=0.1, epochs=3, **options)
    np.testing.assert_array_equal(network.parameters, before)
    with pytest.raises(ValueError, match=re.escape("Number of rows of y (3) must match")):
        network.train(X, y[:3], loss=half_squared_error, learning_rate=0.1, epochs=1)


def test_a_class_is_no_loss(random):
    network, X, y = problem(random)
    with pytest.raises(ValueError, match="Quantile.* or a function; got <class .*Huber"):
        network.train(X, y, loss=dl.Huber, learning_rate=0.1, epochs=1)
    assert network.history is None


def test_values_that_are_not_finite_end_the_training_as_divergence(random):
    network, X, y = problem(random)
    before = network.parameters.copy()
    with pytest.warns(dl.DivergenceWarning):
        history = network.train(X, y, loss=lambda a, y: (np.nan, a), learning_rate=0.1, epochs=3)
    assert history.diverged and len(history.loss) == 0
    np.testing.assert_array_equal(network.parameters, before)


@pytest.mark.parametrize("make", ["trainer", "objective"])
def test_a_function_that_leads_back_to_its_owner_is_no_leak(make, random):
    class Owner:
        def loss(self, outputs, targets):
            return half_squared_error(outputs, targets)

    network, X, y = problem(random)
    options = {"learning_rate": 0.1} if make == "trainer" else {}
    owner = Owner()
    owner.made = getattr(network, make)(X, y, loss=owner.loss, **options)
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("evaluated", [False, True])
def test_the_function_may_wait_for_other_threads_that_read(evaluated, random):
    network, X, y = problem(random)
    twin, seen = problem(random)[0], []

    def read():
        seen.append(network.forward(X))

    def waits(outputs, targets):
        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()
        return half_squared_error(outputs, targets)

    options = {"eval_set": (X[:9], y[:9])} if evaluated else {}
    for optimizer, epochs in [("adam", 5), ("lbfgs", 3)]:
        network.train(X, y, loss=waits, optimizer=optimizer, epochs=epochs, **options)
    expected = {twin.forward(X).tobytes()}
    for _ in range(5):
        twin.train(X, y, loss=half_squared_error, optimizer="adam", epochs=1)
        expected.add(twin.forward(X).tobytes())
    assert {outputs.tobytes() for outputs in seen[:15]} <= expected


def test_readers_and_a_function_that_trains_do_not_wait_for_each_other(random):
    network, X, y = problem(random, 20)
    done, read = threading.Event(), []

    def keep_reading():
        while not done.is_set():
            read.append(network.forward(X))

    threads = [threading.Thread(target=keep_reading) for _ in range(3)]
    for thread in threads:
        thread.start()
    history = network.train(X, y, loss=half_squared_error, learning_rate=0.001, epochs=3000)
    done.set()
    for thread in threads:
        thread.join()
    assert len(history.loss) == 3000 and read


def test_the_function_cannot_write_to_the_targets(random):
    network, X, y = problem(random)

    def writes(outputs, targets):
        targets[...] = 0
        return half_squared_error(outputs, targets)

    before = y.copy()
    with pytest.raises(ValueError, match="read-only"):
        network.train(X, y, loss=writes, learning_rate=0.1, epochs=1)
    np.testing.assert_array_equal(y, before)


def test_lbfgs_says_when_the_derivatives_lead_uphill(random):
    network, X, y = problem(random)

    def uphill(outputs, targets):
        value, derivatives = half_squared_error(outputs, targets)
        return value, -derivatives

    with pytest.warns(dl.TrainingWarning, match="no lower loss.*check those that the function"):
        network.train(X, y, loss=uphill, optimizer="lbfgs", epochs=5)
