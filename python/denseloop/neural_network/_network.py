"""An estimator's parameters as a network, and its loss as the core has it."""

import numpy as np
from scipy.special import xlogy

from denseloop import _core
from denseloop._training.objective import CROSS_ENTROPIES, named
from denseloop.losses import Huber, Quantile
from denseloop.network import Network

ACTIVATIONS = {"logistic": "sigmoid"}  # those of another name here
LOSSES = {
    "squared_error": "half_squared_error",
    "huber": Huber(1.0),
    "quantile": Quantile(0.5),
}


def hidden_layer_sizes(estimator):
    """As a list."""
    sizes = estimator.hidden_layer_sizes
    return list(sizes) if hasattr(sizes, "__iter__") else [sizes]


def hidden_activations(estimator):
    """Of each hidden layer, by scikit-learn's names."""
    activation, layers = estimator.activation, len(hidden_layer_sizes(estimator))
    if isinstance(activation, str):
        return [activation] * layers
    activation = list(activation)
    known = ["identity", "logistic", "relu", "tanh"]
    if len(activation) != layers or any(name not in known for name in activation):
        raise ValueError(
            f"activation must be one of {known}, or one of them for each of the "
            f"{layers} hidden layers; got {activation}"
        )
    return activation


def activations(estimator):
    """Of each layer there is, by the names of `Network`."""
    hidden = estimator.activation
    if isinstance(hidden, str):
        hidden = [hidden] * (len(estimator.coefs_) - 1)
    return [ACTIVATIONS.get(name, name) for name in (*hidden, estimator.out_activation_)]


def network_of(estimator, dtype=None):
    """A network with copies of the estimator's coefs_ and intercepts_."""
    dtype = np.dtype(dtype or np.asarray(estimator.coefs_[0]).dtype)
    weights = [np.asarray(coef, dtype) for coef in estimator.coefs_]
    biases = [np.asarray(intercept, dtype) for intercept in estimator.intercepts_]
    *hidden, output = activations(estimator)
    network = Network(
        [len(weights[0]), *(len(bias) for bias in biases)],
        activation=hidden or "sigmoid",
        output_activation=output,
        dtype=dtype,
        weights=[np.zeros_like(weight) for weight in weights],
        seed=0,
    )
    # Not by the constructor, which refuses what is not finite: scikit-learn predicts with it.
    fill(network, weights, biases)
    return network


def fill(network, coefs, intercepts):
    """The network's parameters become copies of these."""
    for mine, array in zip([*network.weights, *network.biases], [*coefs, *intercepts]):
        mine[...] = array


def use_views(estimator, network):
    """The estimator's coefs_ and intercepts_ become the network's own arrays."""
    estimator._network = network
    estimator.coefs_, estimator.intercepts_ = list(network.weights), list(network.biases)


def shows(estimator, network):
    """Whether the network is there, and has the estimator's activations, coefs_ and intercepts_."""
    if network is None or list(network.activations) != activations(estimator):
        return False
    shown = [*estimator.coefs_, *estimator.intercepts_]
    own = [*network.weights, *network.biases]
    return len(shown) == len(own) and all(a is b for a, b in zip(shown, own))


def network_loss(estimator):
    """The loss by its name at `Network.train`."""
    if estimator.loss == "log_loss":
        multiclass = estimator.out_activation_ == "softmax"
        return "cross_entropy" if multiclass else "binary_cross_entropy"
    if isinstance(estimator.loss, str):
        return LOSSES.get(estimator.loss, estimator.loss)
    return estimator.loss


def objective(estimator, dtype):
    """The loss whose value and gradient are scikit-learn's, for the core.

    Its squared error is a mean over the outputs in the value, but a sum in the gradient. Its
    logarithms take no probability to be smaller than the dtype's epsilon.
    """
    name, member, parameter = named(network_loss(estimator), dtype)
    if name in CROSS_ENTROPIES:
        parameter = -np.log(np.finfo(dtype).eps)
    return _core.Objective(
        member,
        parameter=parameter,
        share=1 / estimator.n_outputs_ if estimator.loss == "squared_error" else 1.0,
        reduction=_core.Reduction.mean,
        derivative_at=_core.DerivativeAt.pre_activation,
        l2=estimator.alpha,
    )


def poisson_constants(y):
    """(n_samples,): y log(y) - y, which scikit-learn's Poisson loss has beside a - y log(a)."""
    return (xlogy(y, y) - y).sum(axis=1)


def loss_constant(estimator, y, sample_weight):
    """What scikit-learn's mean loss over these samples has beside the core's."""
    if estimator.loss != "poisson":
        return 0.0
    return np.average(poisson_constants(y), weights=sample_weight)
