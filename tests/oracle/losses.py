"""The oracle's losses of one output: z its pre-activation, a its activation, y its target.

A loss is a name, or for a loss with a parameter a pair: ("huber", delta), ("quantile", level).
"""

import numpy as np


def softplus(z):
    return np.logaddexp(0, z)  # log(1 + exp(z))


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


VALUES = {
    "half_squared_error": lambda z, a, y: (a - y) ** 2 / 2,
    "squared_error": lambda z, a, y: (a - y) ** 2,
    "absolute_error": lambda z, a, y: np.abs(a - y),
    # s = sigmoid(z): -log(s) is softplus(-z), and -log(1 - s) is softplus(z).
    "binary_cross_entropy": lambda z, a, y: y * softplus(-z) + (1 - y) * softplus(z),
    "cross_entropy": lambda z, a, y: -y * log_softmax(z),
    "poisson": lambda z, a, y: a - y * z,  # a = exp(z)
    "huber": lambda z, a, y, delta: np.where(
        np.abs(a - y) <= delta, (a - y) ** 2 / 2, delta * (np.abs(a - y) - delta / 2)
    ),
    "quantile": lambda z, a, y, level: np.where(y > a, level * (y - a), (1 - level) * (a - y)),
}

# By the activation a.
SLOPES = {
    "half_squared_error": lambda a, y: a - y,
    "squared_error": lambda a, y: 2 * (a - y),
    "absolute_error": lambda a, y: np.sign(a - y),
    "huber": lambda a, y, delta: np.clip(a - y, -delta, delta),
    "quantile": lambda a, y, level: np.select([y > a, a > y], [-level, 1 - level], 0.0),
}


def _parts(loss):
    name, *parameter = (loss,) if isinstance(loss, str) else loss
    return name, parameter


def element_losses(loss, z, a, y):
    name, parameter = _parts(loss)
    return VALUES[name](z, a, y, *parameter)


def delta(loss, a, y, activation_slope):
    """The derivative by z. activation_slope() is that of a by z."""
    name, parameter = _parts(loss)
    if name in SLOPES:
        return SLOPES[name](a, y, *parameter) * activation_slope()
    return a - y  # the cross-entropies and Poisson, each with the activation it belongs to
