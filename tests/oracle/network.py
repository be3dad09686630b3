"""The oracle's network: forward pass, objective and backpropagation."""

import math

import numpy as np

from tests.oracle import training
from tests.oracle.losses import element_losses, output_delta


def sigmoid(z):
    with np.errstate(over="ignore"):  # exp(-z) = inf gives the right 0
        return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def normal_cdf(z):
    erfc = np.vectorize(math.erfc, otypes=[float])
    return erfc(-z / math.sqrt(2)) / 2


def normal_density(z):
    return np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


# A name, or a name with a parameter: ("leaky_relu", slope).
ACTIVATIONS = {
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z, slope: np.where(z > 0, z, slope * z),
    "identity": lambda z: z,
    "gelu": lambda z: z * normal_cdf(z),
    "exp": np.exp,
    "softmax": softmax,
}

DERIVATIVES = {
    "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: 1.0 * (z > 0),
    "leaky_relu": lambda z, slope: np.where(z > 0, 1.0, slope),
    "identity": np.ones_like,
    "gelu": lambda z: normal_cdf(z) + z * normal_density(z),
    "exp": np.exp,
}


def function_of(activation, functions):
    """Return the function of an activation, with its parameter filled in."""
    if isinstance(activation, str):
        return functions[activation]
    name, parameter = activation
    function = functions[name]
    return lambda z: function(z, parameter)


def is_parametric(activation):
    """Return whether this is one activation with its parameter, and no sequence of activations."""
    return isinstance(activation, tuple) and isinstance(activation[-1], float)


class Oracle:
    """A dense network whose layer k computes activation(a @ weights[k] + biases[k]).

    weights[k] has shape (fan_in, fan_out), biases[k] has shape (fan_out,). Without biases these are
    zeros and are not trained. `hidden` is the activation of all hidden layers, or a sequence with
    one for each.
    """

    def __init__(self, weights, biases=None, output="sigmoid", hidden="sigmoid"):
        self.weights = [np.array(w, np.float64) for w in weights]
        self.has_biases = bool(biases)
        self.biases = [
            np.array(biases[k], np.float64) if biases else np.zeros(w.shape[1])
            for k, w in enumerate(self.weights)
        ]
        if isinstance(hidden, str) or is_parametric(hidden):
            hidden = [hidden] * (len(weights) - 1)
        self.activations = [*hidden, output]

    def flat(self, weights, biases):
        """Return them as one vector, layer after layer, weights before biases."""
        layers = zip(weights, biases) if self.has_biases else zip(weights)
        return np.concatenate([array.ravel() for layer in layers for array in layer])

    @property
    def parameters(self):
        return self.flat(self.weights, self.biases)

    @parameters.setter
    def parameters(self, vector):
        start = 0
        for layer in zip(self.weights, self.biases) if self.has_biases else zip(self.weights):
            for array in layer:
                array[...] = vector[start : start + array.size].reshape(array.shape)
                start += array.size

    def layers(self, X):
        """Return the pre-activations of all layers, and the input followed by all activations."""
        zs, layers = [], [np.asarray(X, np.float64)]
        for w, b, activation in zip(self.weights, self.biases, self.activations):
            zs.append(layers[-1] @ w + b)
            layers.append(function_of(activation, ACTIVATIONS)(zs[-1]))
        return zs, layers

    def forward(self, X):
        return self.layers(X)[1][-1]

    def loss(
        self, X, y, loss="half_squared_error", reduction="sum", l2=0.0, sample_weight=None, **_
    ):
        """Return the sum of the weighted losses and of l2 / 2 times all squared weights.

        The mean divides this by the sum of the sample weights.
        """
        zs, layers = self.layers(X)
        weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        per_sample = element_losses(loss, zs[-1], layers[-1], np.float64(y)).sum(axis=1)
        value = (weight * per_sample).sum() + l2 / 2 * sum((w**2).sum() for w in self.weights)
        return value if reduction == "sum" else value / weight.sum()

    def loss_and_gradients(
        self,
        X,
        y,
        loss="half_squared_error",
        reduction="sum",
        derivative_at="pre_activation",
        l2=0.0,
        sample_weight=None,
        new_weights=None,
    ):
        """Return the objective, its gradients by the weights, and those by the biases.

        A layer's delta is the derivative of the objective by its pre-activations. It reaches the
        layer below through new_weights(k, gradient), by default the present weights.

        `summands[k]` is afterwards the weight gradient of layer k with the absolute values of all
        products in its sum over the samples: what rounding errors are to be compared with.
        """
        zs, layers = self.layers(X)
        weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        divisor = 1 if reduction == "sum" else weight.sum()

        def derivative(k):
            return function_of(self.activations[k], DERIVATIVES)(
                layers[k + 1] if derivative_at == "output" else zs[k]
            )

        last = len(self.weights) - 1
        delta = output_delta(loss, layers[-1], np.float64(y), lambda: derivative(last))
        delta = delta * weight[:, None] / divisor
        weight_gradients, bias_gradients, self.summands = [], [], []
        for k in reversed(range(last + 1)):
            w = self.weights[k]
            weight_gradients.insert(0, layers[k].T @ delta + l2 * w / divisor)
            bias_gradients.insert(0, delta.sum(axis=0))
            self.summands.insert(0, np.abs(layers[k]).T @ np.abs(delta) + l2 * np.abs(w) / divisor)
            if new_weights is not None:
                w = new_weights(k, weight_gradients[0])
            if k > 0:
                delta = (delta @ w.T) * derivative(k - 1)
        value = self.loss(X, y, loss, reduction, l2, sample_weight)
        return value, weight_gradients, bias_gradients

    def train(self, X, y, optimizer, epochs, update_order="simultaneous", **options):
        """Train as `training.train` does, and return the losses."""
        return training.train(self, X, y, optimizer, epochs, update_order, **options).losses
