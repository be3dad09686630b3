"""The reference: a dense network in plain NumPy, float64, written to be believed at sight.

It shares nothing with the package. Where a test has float32 arrays, they are widened first.
"""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class Oracle:
    """weights[k] is (fan_in, fan_out), biases[k] is (fan_out,); without biases they are zeros."""

    def __init__(self, weights, biases=None, output="sigmoid"):
        self.weights = [np.array(w, np.float64) for w in weights]
        self.has_biases = bool(biases)
        self.biases = [
            np.array(biases[k], np.float64) if biases else np.zeros(w.shape[1])
            for k, w in enumerate(self.weights)
        ]
        self.output = output

    def activations(self, X):
        """The input and the activation of every layer."""
        layers = [np.asarray(X, np.float64)]
        for k, (w, b) in enumerate(zip(self.weights, self.biases)):
            z = layers[-1] @ w + b
            last = k == len(self.weights) - 1
            layers.append(softmax(z) if last and self.output == "softmax" else sigmoid(z))
        return layers

    def forward(self, X):
        return self.activations(X)[-1]

    def loss(self, X, y, loss="half_squared_error", reduction="sum"):
        a = self.forward(X)
        if loss == "cross_entropy":
            per_sample = -(y * np.log(a)).sum(axis=1)
        else:
            per_sample = ((a - y) ** 2).sum(axis=1)
            if loss == "half_squared_error":
                per_sample = per_sample / 2
        return per_sample.sum() if reduction == "sum" else per_sample.mean()

    def loss_and_gradients(
        self,
        X,
        y,
        loss="half_squared_error",
        reduction="sum",
        derivative_at="pre_activation",
        new_weights=None,
    ):
        """The loss, the weights' and the biases' gradients.

        new_weights(k, gradient) gives the weights of layer k through which the delta goes down, if
        they are not the present ones. `summands` then holds, for each layer, the weights' gradient
        with every product of the sum over the samples taken without its sign.
        """
        self.summands = []

        def slope(a):
            if derivative_at == "output":
                a = sigmoid(a)
            return a * (1 - a)

        layers = self.activations(X)
        a = layers[-1]
        if loss == "cross_entropy":
            delta = a - y
        else:
            delta = (a - y) * slope(a)
            if loss == "squared_error":
                delta = 2 * delta
        if reduction == "mean":
            delta = delta / len(X)
        weight_gradients, bias_gradients = [], []
        for k in reversed(range(len(self.weights))):
            weight_gradients.insert(0, layers[k].T @ delta)
            bias_gradients.insert(0, delta.sum(axis=0))
            self.summands.insert(0, np.abs(layers[k]).T @ np.abs(delta))
            w = self.weights[k]
            if new_weights is not None:
                w = new_weights(k, weight_gradients[0])
            if k > 0:
                delta = (delta @ w.T) * slope(layers[k])
        value = self.loss(X, y, loss, reduction)
        return value, weight_gradients, bias_gradients

    def train(
        self, X, y, learning_rate, epochs, update_order="simultaneous", batch_size=None, **objective
    ):
        """Descent in batches; returns for each epoch the loss, each batch before its update."""
        new_weights = None
        if update_order == "output_first":

            def new_weights(k, gradient):
                return self.weights[k] - learning_rate * gradient

        batch_size = batch_size or len(X)
        losses = []
        for _ in range(epochs):
            loss = 0
            for first in range(0, len(X), batch_size):
                batch = slice(first, first + batch_size)
                value, weight_gradients, bias_gradients = self.loss_and_gradients(
                    X[batch], y[batch], new_weights=new_weights, **objective
                )
                share = len(X[batch]) / len(X) if objective.get("reduction") == "mean" else 1
                loss += share * value
                for w, gradient in zip(self.weights, weight_gradients):
                    w -= learning_rate * gradient
                if self.has_biases:
                    for b, gradient in zip(self.biases, bias_gradients):
                        b -= learning_rate * gradient
            losses.append(loss)
        return np.array(losses)
