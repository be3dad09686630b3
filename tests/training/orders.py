"""The orders in which a network takes its samples, found from its outputs.

Where all inputs are 1 and all targets far above, each update of the absolute error adds the number
of its samples to the only weight. So the output recorded for a sample is the number of samples that
came before its batch.
"""

import numpy as np
from denseloop import Network


def counting_network(seed, dtype="float64"):
    return Network(
        [1, 1], bias=False, output_activation="identity", dtype=dtype, weights=[[[0.0]]], seed=seed
    )


def positions(network, samples, epochs, batch_size=1):
    """Return how many samples came before the batch of each, (epochs, samples)."""
    options = {"loss": "absolute_error", "batch_size": batch_size, "record_output": True}
    network.weights[0][...] = 0
    X = np.ones((samples, 1))
    history = network.train(X, 1e6 * X, learning_rate=1, epochs=epochs, shuffle=True, **options)
    return history.output[:, :, 0] - samples * np.arange(epochs)[:, None]


def orders(seed, samples, epochs):
    """Return the orders in which a network with this seed takes its samples, (epochs, samples)."""
    return np.argsort(positions(counting_network(seed), samples, epochs), axis=1)
