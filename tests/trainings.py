"""Each optimizer with the oracle's, and data to train on."""

import denseloop as dl
import numpy as np
import pytest
from denseloop import tutorials

from tests.oracle import optimizers as own

# The package's optimizer, and a function that makes the oracle's, which has a state.
OPTIMIZERS = {
    "gradient descent": (dl.GradientDescent(0.05), lambda: own.GradientDescent(0.05)),
    "momentum": (
        dl.GradientDescent(0.05, momentum=0.8),
        lambda: own.GradientDescent(0.05, 0.8),
    ),
    "nesterov": (
        dl.GradientDescent(0.05, momentum=0.8, nesterov=True),
        lambda: own.GradientDescent(0.05, 0.8, nesterov=True),
    ),
    "adam": (dl.Adam(0.02), lambda: own.Adam(0.02)),
    "adam with other numbers": (
        dl.Adam(0.02, beta_1=0.7, beta_2=0.9, epsilon=0.01),
        lambda: own.Adam(0.02, 0.7, 0.9, 0.01),
    ),
    "rprop": (dl.RPROP(), lambda: own.RPROP()),
    "rprop with other numbers": (
        dl.RPROP(0.03, increase=1.5, decrease=0.3, smallest_step=0.02, largest_step=0.06),
        lambda: own.RPROP(0.03, 1.5, 0.3, 0.02, 0.06),
    ),
}
IN_BATCHES = [name for name in OPTIMIZERS if not name.startswith("rprop")]


def problem(random, samples, sizes, dtype="float64"):
    X = random.standard_normal((samples, sizes[0])).astype(dtype)
    return X, random.random((samples, sizes[-1])).astype(dtype)


def regression(samples, dtype="float64"):
    """Return three inputs, and a noisy function of the first two."""
    random = np.random.default_rng(5)
    X = random.standard_normal((samples, 3)).astype(dtype)
    y = np.tanh(X[:, :1] - X[:, 1:2] ** 2) + 0.1 * random.standard_normal((samples, 1))
    return X, y.astype(dtype)


def tanh_network(sizes=(3, 8, 1), **options):
    options = {"activation": "tanh", "output_activation": "identity", "seed": 0, **options}
    return dl.Network(sizes, **options)


def split(samples=90, dtype="float64"):
    """Return X, y and a validation set that a wide network soon fits worse and worse."""
    X, y = regression(samples, dtype)
    return X[:30], y[:30], (X[30:], y[30:])


def overfitting(**options):
    return {"optimizer": dl.Adam(0.03), "reduction": "mean", "batch_size": 10, **options}


def moons():
    """Return X, y and the generator of `tutorials.moons`, which scikit-learn makes."""
    pytest.importorskip("sklearn")
    return tutorials.moons()
