"""The oracle's network: its activations, its loss and gradients, and its training."""

import numpy as np

from tests.oracle import training
from tests.oracle.losses import delta, element_losses


def sigmoid(z):
    with np.errstate(over="ignore"):  # 1 / inf is the right 0
        return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


ACTIVATIONS = {
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "identity": lambda z: z,
    "exp": np.exp,
    "softmax": softmax,
}

DERIVATIVES = {
    "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: 1.0 * (z > 0),
    "identity": np.ones_like,
    "exp": np.exp,
}


class Oracle:
    """weights[k] is (fan_in, fan_out), biases[k] is (fan_out,); without biases they are zeros.

    `hidden` is the activation of all hidden layers, or a sequence with one for each.
    """

    def __init__(self, weights, biases=None, output="sigmoid", hidden="sigmoid"):
        self.weights = [np.array(w, np.float64) for w in weights]
        self.has_biases = bool(biases)
        self.biases = [
            np.array(biases[k], np.float64) if biases else np.zeros(w.shape[1])
            for k, w in enumerate(self.weights)
        ]
        hidden = [hidden] * (len(weights) - 1) if isinstance(hidden, str) else hidden
        self.activations = [*hidden, output]

    def flat(self, weights, biases):
        """One vector of them, layer after layer, weights before biases."""
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
        """The pre-activations z of every layer; the input and the activation of every layer."""
        zs, layers = [], [np.asarray(X, np.float64)]
        for w, b, activation in zip(self.weights, self.biases, self.activations):
            zs.append(layers[-1] @ w + b)
            layers.append(ACTIVATIONS[activation](zs[-1]))
        return zs, layers

    def forward(self, X):
        return self.layers(X)[1][-1]

    def loss(
        self, X, y, loss="half_squared_error", reduction="sum", l2=0.0, sample_weight=None, **_
    ):
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
        """The loss, the weights' and the biases' gradients.

        new_weights(k, gradient) gives the weights of layer k through which the delta goes down, if
        they are not the present ones. `summands` then holds, for each layer, the weights' gradient
        with every product of the sum over the samples taken without its sign.
        """
        zs, layers = self.layers(X)
        weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        divisor = 1 if reduction == "sum" else weight.sum()

        def slope(k):
            derivative = DERIVATIVES[self.activations[k]]
            return derivative(layers[k + 1] if derivative_at == "output" else zs[k])

        last = len(self.weights) - 1
        down = delta(loss, layers[-1], np.float64(y), lambda: slope(last))
        down = down * weight[:, None] / divisor
        weight_gradients, bias_gradients, self.summands = [], [], []
        for k in reversed(range(last + 1)):
            w = self.weights[k]
            weight_gradients.insert(0, layers[k].T @ down + l2 * w / divisor)
            bias_gradients.insert(0, down.sum(axis=0))
            self.summands.insert(0, np.abs(layers[k]).T @ np.abs(down) + l2 * np.abs(w) / divisor)
            if new_weights is not None:
                w = new_weights(k, weight_gradients[0])
            if k > 0:
                down = (down @ w.T) * slope(k - 1)
        value = self.loss(X, y, loss, reduction, l2, sample_weight)
        return value, weight_gradients, bias_gradients

    def train(self, X, y, optimizer, epochs, update_order="simultaneous", **options):
        """The losses of `training.train`; a number is the rate of gradient descent."""
        return training.train(self, X, y, optimizer, epochs, update_order, **options).losses
