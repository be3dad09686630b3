"""Comparisons that several test files share."""

import numpy as np
from oracle import Oracle

RELATIVE = {np.dtype(np.float64): 1e-12, np.dtype(np.float32): 1e-5}


def assert_close(actual, expected, dtype, scale=None):
    """Within the tolerance of `dtype`, relative to `scale` or the largest expected value."""
    expected = np.asarray(expected)
    bound = RELATIVE[np.dtype(dtype)] * (np.abs(expected).max() if scale is None else scale)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=bound)


def oracle_of(network):
    """The oracle with the parameters that the network has now."""
    return Oracle(network.weights, network.biases, network.output_activation)


def assert_one_epoch_agrees(network, X, y, learning_rate, update_order="simultaneous", **objective):
    """Loss, gradients and update of one epoch against the oracle's; trains the network by it."""
    dtype = network.dtype
    oracle = oracle_of(network)
    expected = oracle.loss_and_gradients(X, y, **objective)
    loss, gradients = network.loss_and_gradients(X, y, **objective)
    assert_close(loss, expected[0], dtype)
    # Near a minimum a gradient is what is left where much larger products cancel, and float32
    # carries each of them to 7 digits; so there they are the measure.
    scales = [terms.max() if dtype == np.float32 else None for terms in oracle.summands]
    for actual, gradient, scale in zip(gradients.weights, expected[1], scales, strict=True):
        assert_close(actual, gradient, dtype, scale)
    for actual, gradient, scale in zip(gradients.biases, expected[2], scales):
        assert_close(actual, gradient, dtype, scale)
    history = network.train(
        X, y, learning_rate=learning_rate, epochs=1, update_order=update_order, **objective
    )
    assert_close(
        history.loss, oracle.train(X, y, learning_rate, 1, update_order, **objective), dtype
    )
    for actual, weights in zip(network.weights, oracle.weights, strict=True):
        assert_close(actual, weights, dtype)
    for actual, biases in zip(network.biases, oracle.biases):
        assert_close(actual, biases, dtype)
