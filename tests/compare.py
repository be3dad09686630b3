"""Comparisons that several test modules share."""

import numpy as np
from denseloop import Huber, LeakyReLU, Quantile, _core

from tests.oracle import Oracle

RELATIVE = {np.dtype(np.float64): 1e-12, np.dtype(np.float32): 1e-5}


def assert_close(actual, expected, dtype, scale=None):
    """Assert equality to the tolerance of `dtype` times `scale`, by default the largest value."""
    expected = np.asarray(expected)
    bound = RELATIVE[np.dtype(dtype)] * (np.abs(expected).max() if scale is None else scale)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=bound)


def oracle_of(network):
    """Return an oracle with the present parameters of the network."""
    *hidden, output = map(for_the_oracle, network.activations)
    return Oracle(network.weights, network.biases, output, hidden)


def for_the_oracle(activation):
    """Return an activation in the oracle's notation."""
    if isinstance(activation, LeakyReLU):
        return "leaky_relu", activation.slope
    return activation


def for_oracle(objective):
    """Return the options with losses that have a parameter in the oracle's notation."""
    loss = objective.get("loss")
    if isinstance(loss, Huber):
        return {**objective, "loss": ("huber", loss.delta)}
    if isinstance(loss, Quantile):
        return {**objective, "loss": ("quantile", loss.level)}
    return objective


def assert_gradients_agree(network, X, y, **objective):
    """Assert that loss and gradients are the oracle's."""
    dtype = network.dtype
    oracle = oracle_of(network)
    expected = oracle.loss_and_gradients(X, y, **for_oracle(objective))
    loss, gradients = network.loss_and_gradients(X, y, **objective)
    assert_close(loss, expected[0], dtype)
    # Near a minimum a gradient is the sum of much larger products that cancel. float32 has 7 digits
    # of each product, so their size sets the tolerance.
    scales = [terms.max() if dtype == np.float32 else None for terms in oracle.summands]
    for actual, gradient, scale in zip(gradients.weights, expected[1], scales, strict=True):
        assert_close(actual, gradient, dtype, scale)
    for actual, gradient, scale in zip(gradients.biases, expected[2], scales):
        assert_close(actual, gradient, dtype, scale)


def assert_parameters_agree(network, oracle):
    for actual, weights in zip(network.weights, oracle.weights, strict=True):
        assert_close(actual, weights, network.dtype)
    for actual, biases in zip(network.biases, oracle.biases):
        assert_close(actual, biases, network.dtype)


def assert_one_epoch_agrees(network, X, y, learning_rate, update_order="simultaneous", **objective):
    """Train for one epoch; assert that loss, gradients and update are the oracle's."""
    assert_gradients_agree(network, X, y, **objective)
    oracle = oracle_of(network)
    history = network.train(
        X, y, learning_rate=learning_rate, epochs=1, update_order=update_order, **objective
    )
    expected = oracle.train(X, y, learning_rate, 1, update_order, **for_oracle(objective))
    assert_close(history.loss, expected, network.dtype)
    assert_parameters_agree(network, oracle)


def assert_gradient_is_the_slope(network, X, y, **objective):
    """Assert that the gradients of a float64 network are central differences of its loss."""
    gradient = network.loss_and_gradients(X, y, **objective)[1].flat
    parameters, h = network.parameters, 1e-5
    slopes = np.empty_like(gradient)
    for k in range(parameters.size):
        start = parameters[k]
        parameters[k] = start + h
        above = network.loss_and_gradients(X, y, **objective)[0]
        parameters[k] = start - h
        below = network.loss_and_gradients(X, y, **objective)[0]
        parameters[k] = start
        slopes[k] = (above - below) / (2 * h)
    np.testing.assert_allclose(gradient, slopes, rtol=0, atol=1e-8 * np.abs(slopes).max())


def assert_same_bits_on_every_target(run):
    """Assert that the arrays of `run()` have the same bits on each CPU target of this machine."""
    found, results = _core.active_target(), set()
    try:
        for target in _core.available_targets():
            _core.force_target(target)
            results.add(b"".join(np.asarray(array).tobytes() for array in run()))
    finally:
        _core.force_target(found)
    assert len(results) == 1
