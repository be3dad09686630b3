"""Each batch makes one update, in the order of the samples."""

import numpy as np
import pytest
from denseloop import Network

from tests.compare import assert_close, assert_parameters_agree, oracle_of

DTYPES = ["float64", "float32"]


def problem(random, samples, sizes, dtype="float64"):
    X = random.standard_normal((samples, sizes[0])).astype(dtype)
    return X, random.random((samples, sizes[-1])).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
@pytest.mark.parametrize("sizes", [[2, 4, 1], [3, 1], [20, 9, 18, 3]])
@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, 5, 8, 32, 129, 299])
def test_an_epoch_in_batches_agrees_with_the_oracle(
    target, batch_size, sizes, update_order, reduction, dtype, random
):
    network = Network(sizes, dtype=dtype, seed=1)
    oracle = oracle_of(network)
    X, y = problem(random, 300, sizes, dtype)
    rate = 1e-3 if reduction == "sum" else 1e-2
    options = {"update_order": update_order, "reduction": reduction, "batch_size": batch_size}
    history = network.train(X, y, learning_rate=rate, epochs=2, **options)
    assert_close(history.loss, oracle.train(X, y, rate, 2, **options), dtype)
    assert_parameters_agree(network, oracle)


@pytest.mark.parametrize("batch_size", [1, 3, 32, 200])
def test_two_trainings_give_the_bits_of_one(target, batch_size, random):
    X, y = problem(random, 300, [5, 7, 2])
    whole, parts = (Network([5, 7, 2], seed=0) for _ in range(2))
    options = {"learning_rate": 0.1, "batch_size": batch_size}
    expected = whole.train(X, y, epochs=5, **options).loss
    found = [parts.train(X, y, epochs=epochs, **options).loss for epochs in (2, 3)]
    np.testing.assert_array_equal(np.concatenate(found), expected)
    np.testing.assert_array_equal(parts.parameters, whole.parameters)


@pytest.mark.parametrize("batch_size", [1, 4, 7, 100])
def test_recorded_outputs_are_those_before_the_update_of_their_batch(target, batch_size, random):
    X, y = problem(random, 150, [3, 4, 2])
    network, twin = Network([3, 4, 2], seed=0), Network([3, 4, 2], seed=0)
    options = {"learning_rate": 0.1, "epochs": 1}
    history = network.train(
        X, y, **{**options, "epochs": 2}, batch_size=batch_size, record_output=True
    )
    for output in history.output:
        for first in range(0, 150, batch_size):
            batch = slice(first, first + batch_size)
            np.testing.assert_array_equal(output[batch], twin.forward(X[batch]))
            twin.train(X[batch], y[batch], **options, batch_size=min(batch_size, len(X[batch])))


def test_one_batch_of_all_samples_is_the_default(random):
    X, y = problem(random, 50, [3, 2])
    networks = [Network([3, 2], seed=0) for _ in range(2)]
    for network, batch_size in zip(networks, (None, 50)):
        network.train(X, y, learning_rate=0.1, epochs=3, batch_size=batch_size)
    np.testing.assert_array_equal(networks[0].parameters, networks[1].parameters)


def test_a_batch_larger_than_the_data_is_clipped_with_a_warning(random):
    X, y = problem(random, 50, [3, 2])
    networks = [Network([3, 2], seed=0) for _ in range(2)]
    networks[0].train(X, y, learning_rate=0.1, epochs=3)
    with pytest.warns(UserWarning, match="batch_size 51 is more than the 50 samples"):
        networks[1].train(X, y, learning_rate=0.1, epochs=3, batch_size=51)
    np.testing.assert_array_equal(networks[0].parameters, networks[1].parameters)


@pytest.mark.parametrize(
    ("batch_size", "error", "message"),
    [
        (0, ValueError, "batch_size must be at least 1, got 0"),
        (2.5, TypeError, "batch_size must be an integer, got 2.5"),
    ],
)
def test_wrong_batch_sizes_are_refused(batch_size, error, message):
    with pytest.raises(error, match=message):
        Network([1, 1]).train([[1.0]], [1.0], learning_rate=1, epochs=1, batch_size=batch_size)


def test_a_divergence_within_an_epoch_keeps_the_batches_before_it(random):
    """The loss overflows at the third batch, after two updates."""
    X, y = problem(random, 6, [2, 1])
    y[4] = 1e200
    network, twin = Network([2, 1], seed=0), Network([2, 1], seed=0)
    with pytest.warns(RuntimeWarning, match="after 0 epochs"):
        history = network.train(X, y, learning_rate=0.1, epochs=3, batch_size=2)
    twin.train(X[:4], y[:4], learning_rate=0.1, epochs=1, batch_size=2)
    assert history.diverged and len(history.loss) == 0
    np.testing.assert_array_equal(network.parameters, twin.parameters)


@pytest.mark.parametrize(("dtype", "huge"), [("float64", 1e200), ("float32", 1e30)])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(
    ("n_inputs", "samples", "batch_size"), [(1, 5, 5), (1, 9, 9), (20, 300, 150), (700, 500, 50)]
)
def test_padding_never_overflows(
    target, n_inputs, samples, batch_size, shuffle, dtype, huge, random
):
    """The hidden unit is 0 for all samples, but would be huge for a row of zeros."""
    layers = {"activation": "identity", "output_activation": "identity"}
    network = Network([n_inputs, 1, 1], **layers, dtype=dtype, seed=0)
    network.parameters[...] = 0
    network.weights[0][0], network.biases[0][0], network.weights[1][0] = -huge, huge, huge
    X = random.standard_normal((samples, n_inputs)).astype(dtype)
    X[:, 0] = 1
    y = np.full((samples, 1), 0.5, dtype)
    options = {"batch_size": batch_size, "shuffle": shuffle, "eval_set": (X, y)}
    history = network.train(X, y, learning_rate=0, epochs=1, **options)
    assert history.loss == history.validation_loss == 0.125 * samples
    for order in X, np.asfortranarray(X):
        assert network.loss_and_gradients(order, y)[0] == 0.125 * samples
