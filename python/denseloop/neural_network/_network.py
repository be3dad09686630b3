"""An estimator's parameters as a network of the core."""

import numpy as np

from denseloop._checks.network import HIDDEN_ACTIVATIONS
from denseloop.network import Network

# Scikit-learn's names of the hidden activations, and of the output's, by those of `Network`.
SCIKIT_LEARN_NAMES = {"sigmoid": "logistic"}
NETWORK_NAMES = {theirs: ours for ours, theirs in SCIKIT_LEARN_NAMES.items()}
ACTIVATIONS = sorted(SCIKIT_LEARN_NAMES.get(name, name) for name in HIDDEN_ACTIVATIONS)


def hidden_layer_sizes(estimator):
    """Return `hidden_layer_sizes` as a list."""
    sizes = estimator.hidden_layer_sizes
    return list(sizes) if hasattr(sizes, "__iter__") else [sizes]


def hidden_activations(estimator):
    """Return the activation of each hidden layer, by scikit-learn's names."""
    activation, layers = estimator.activation, len(hidden_layer_sizes(estimator))
    if isinstance(activation, str):
        return [activation] * layers
    activation = list(activation)
    if len(activation) != layers or any(name not in ACTIVATIONS for name in activation):
        raise ValueError(
            f"activation must be one of {ACTIVATIONS}, or one of them for each of the "
            f"{layers} hidden layers; got {activation}"
        )
    return activation


def layer_activations(estimator):
    """Return the activation of each layer of a fitted estimator, by the names of `Network`."""
    hidden = estimator.activation
    if isinstance(hidden, str):
        hidden = [hidden] * (len(estimator.coefs_) - 1)
    return [NETWORK_NAMES.get(name, name) for name in (*hidden, estimator.out_activation_)]


def make_network(estimator, dtype=None):
    """Return a network with copies of the estimator's coefs_ and intercepts_."""
    dtype = np.dtype(dtype or np.asarray(estimator.coefs_[0]).dtype)
    weights = [np.asarray(coef, dtype) for coef in estimator.coefs_]
    biases = [np.asarray(intercept, dtype) for intercept in estimator.intercepts_]
    *hidden, output = layer_activations(estimator)
    network = Network(
        [len(weights[0]), *(len(bias) for bias in biases)],
        activation=hidden or "sigmoid",
        output_activation=output,
        dtype=dtype,
        weights=[np.zeros_like(weight) for weight in weights],
        seed=0,
    )
    # Not by the constructor, which refuses non-finite values: scikit-learn predicts with them.
    write_parameters(network, weights, biases)
    return network


def write_parameters(network, coefs, intercepts):
    """Copy these arrays into the network's parameters."""
    for mine, array in zip([*network.weights, *network.biases], [*coefs, *intercepts]):
        mine[...] = array


def use_network(estimator, network):
    """Make the estimator's coefs_ and intercepts_ views of the network's parameters."""
    estimator._network = network
    estimator.coefs_, estimator.intercepts_ = list(network.weights), list(network.biases)


def is_view_of(estimator, network):
    """Return whether coefs_ and intercepts_ are the network's views, and the activations its own.

    `network` may be None.
    """
    if network is None or list(network.activations) != layer_activations(estimator):
        return False
    shown = [*estimator.coefs_, *estimator.intercepts_]
    own = [*network.weights, *network.biases]
    return len(shown) == len(own) and all(a is b for a, b in zip(shown, own))
