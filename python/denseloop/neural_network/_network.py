"""An estimator's parameters as a network of the core."""

import numpy as np

from denseloop import _core
from denseloop.activations import resolve_activations
from denseloop.parameters import NetworkParameters

SCIKIT_LEARN_NAMES = {"sigmoid": "logistic"}
NETWORK_NAMES = {theirs: ours for ours, theirs in SCIKIT_LEARN_NAMES.items()}
# Names of the hidden activations, by `Network`'s names and by scikit-learn's.
ACTIVATIONS = sorted(
    {*NETWORK_NAMES}
    | {name for name, traits in _core.activation_traits.items() if not traits.output_only}
)


def hidden_layer_sizes(estimator):
    """Return `hidden_layer_sizes` as a list."""
    sizes = estimator.hidden_layer_sizes
    return list(sizes) if hasattr(sizes, "__iter__") else [sizes]


def check_hidden_activations(estimator):
    """Raise a ValueError unless a list of activations has a known one for each hidden layer."""
    if isinstance(estimator.activation, str):
        return
    activation, layers = list(estimator.activation), len(hidden_layer_sizes(estimator))
    if len(activation) != layers or any(name not in ACTIVATIONS for name in activation):
        raise ValueError(
            f"activation must be one of {ACTIVATIONS}, or one of them for each of the "
            f"{layers} hidden layers; got {activation}"
        )


def layer_activations(estimator):
    """Return the activation of each layer of a fitted estimator, by the names of `Network`."""
    hidden = estimator.activation
    if isinstance(hidden, str):
        hidden = [hidden] * (len(estimator.coefs_) - 1)
    return [NETWORK_NAMES.get(name, name) for name in (*hidden, estimator.out_activation_)]


class EstimatorNetwork(NetworkParameters):
    """A network with copies of an estimator's coefs_ and intercepts_.

    The values may be non-finite, since scikit-learn predicts with such parameters. `activations`
    has the name of each layer's activation.
    """

    def __init__(self, estimator, dtype=None):
        dtype = np.dtype(dtype or np.asarray(estimator.coefs_[0]).dtype)
        layer_sizes = (len(estimator.coefs_[0]), *(len(bias) for bias in estimator.intercepts_))
        self.activations = layer_activations(estimator)
        *hidden, output = self.activations
        super().__init__(layer_sizes, True, resolve_activations(hidden, output, layer_sizes), dtype)
        self.write(estimator.coefs_, estimator.intercepts_)

    @property
    def dtype(self):
        return self.flat.dtype

    def write(self, coefs, intercepts):
        """Copy these arrays into the parameters, all at once."""
        values = []
        for layer in zip(self.weights, self.biases, coefs, intercepts, strict=True):
            for mine, array in zip(layer[:2], layer[2:]):
                if np.shape(array) != mine.shape:
                    raise ValueError(
                        f"coefs_ and intercepts_ must fit one another: expected an array of shape "
                        f"{mine.shape}, got {np.shape(array)}"
                    )
                values.append(np.ravel(array))
        self.flat[...] = np.concatenate(values)


def use_network(estimator, network, **attributes):
    """Make the estimator's coefs_ and intercepts_ views of the network's parameters.

    They and the `attributes` that belong to them change in one call of C, which a signal's handler
    cannot split.
    """
    vars(estimator).update(
        _network=network,
        coefs_=list(network.weights),
        intercepts_=list(network.biases),
        **attributes,
    )


def is_view_of(estimator, network):
    """Return whether coefs_ and intercepts_ are the network's views, and the activations its own.

    `network` may be None.
    """
    if network is None or network.activations != layer_activations(estimator):
        return False
    shown = [*estimator.coefs_, *estimator.intercepts_]
    own = [*network.weights, *network.biases]
    return len(shown) == len(own) and all(a is b for a, b in zip(shown, own))
