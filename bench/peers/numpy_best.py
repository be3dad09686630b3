"""NumPy as an expert writes it: buffers are allocated once, and each result is written to one."""

import math

import numpy as np

NAME = "NumPy"
LIBRARIES = ["numpy"]


class Batch:
    """Views of the samples of one update, and the buffers for their forward and backward pass."""

    def __init__(self, case, batch):
        self.X, self.y = case.X[batch], case.y[batch]
        n, sizes = len(self.X), case.layer_sizes[1:]
        self.activations = [np.empty((n, size), case.dtype) for size in sizes]
        self.deltas = [np.empty((n, size), case.dtype) for size in sizes]
        self.slopes = [np.empty((n, size), case.dtype) for size in sizes]
        self.row = np.empty((n, 1), case.dtype)
        self.ones = np.ones(n, case.dtype)  # multiplying by it is the fastest sum over samples
        self.inputs = [self.X, *self.activations]
        self.flat_delta = self.deltas[-1].reshape(-1)  # a view
        rate = case.learning_rate if case.updates and case.optimizer == "descent" else 1.0
        self.delta_factor = rate * case.gradient_weight(batch)
        if case.loss != "cross_entropy":
            self.delta_factor *= 2 * case.square_factor


def sigmoid(z, out):
    np.negative(z, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    np.reciprocal(out, out=out)
    return out


def softmax(z, row):
    np.maximum.reduce(z, axis=1, keepdims=True, out=row)
    np.subtract(z, row, out=z)
    np.exp(z, out=z)
    np.add.reduce(z, axis=1, keepdims=True, out=row)
    np.divide(z, row, out=z)


def forward(batch, weights, biases, activations):
    for k, (inputs, w, a) in enumerate(zip(batch.inputs, weights, batch.activations)):
        np.dot(inputs, w, out=a)
        if biases:
            np.add(a, biases[k], out=a)
        if activations[k] == "softmax":
            softmax(a, batch.row)
        elif activations[k] == "tanh":
            np.tanh(a, out=a)
        elif activations[k] == "sigmoid":
            sigmoid(a, out=a)


def multiply_by_slope(delta, a, slope, activation):
    """Multiply `delta` by the derivative, a (1 - a) or for tanh 1 - a²; `slope` is a buffer."""
    if activation == "identity":
        return
    if activation == "tanh":
        np.multiply(a, a, out=slope)
        np.subtract(1, slope, out=slope)
    else:
        np.subtract(1, a, out=slope)
        np.multiply(slope, a, out=slope)
    np.multiply(delta, slope, out=delta)


def loss_and_delta(case, batch):
    """Return the summed loss of the batch; write the outputs' delta times the learning rate."""
    a, delta, slope = batch.activations[-1], batch.deltas[-1], batch.slopes[-1]
    if case.loss == "cross_entropy":
        np.log(a, out=slope)
        loss = -np.vdot(batch.y, slope)
        np.subtract(a, batch.y, out=delta)
    else:
        np.subtract(a, batch.y, out=delta)
        loss = case.square_factor * np.dot(batch.flat_delta, batch.flat_delta)
        multiply_by_slope(delta, a, slope, case.output_activation)
    if batch.delta_factor != 1:
        np.multiply(delta, batch.delta_factor, out=delta)
    return loss


class Adam:
    """Updates one array in place, with a buffer for intermediate results."""

    def __init__(self, array):
        self.mean, self.square = np.zeros_like(array), np.zeros_like(array)
        self.buffer = np.empty_like(array)

    def update(self, array, gradient, rate):
        np.multiply(self.mean, 0.9, out=self.mean)
        np.multiply(gradient, 0.1, out=self.buffer)
        np.add(self.mean, self.buffer, out=self.mean)
        np.multiply(self.square, 0.999, out=self.square)
        np.multiply(gradient, gradient, out=self.buffer)
        np.multiply(self.buffer, 0.001, out=self.buffer)
        np.add(self.square, self.buffer, out=self.square)
        np.sqrt(self.square, out=self.buffer)
        np.add(self.buffer, 1e-8, out=self.buffer)
        np.divide(self.mean, self.buffer, out=self.buffer)
        np.multiply(self.buffer, rate, out=self.buffer)
        np.subtract(array, self.buffer, out=array)


def allocate(shapes, dtype):
    """Return one buffer, and views of its parts with these shapes."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    buffer = np.empty(sum(sizes), dtype)
    ends = np.cumsum(sizes)
    parts = [buffer[e - n : e].reshape(shape) for e, n, shape in zip(ends, sizes, shapes)]
    return buffer, parts


def variants(case, threads):
    shapes = [array.shape for array in case.weights + case.biases]
    n_layers = len(case.weights)
    parameters, parts = allocate(shapes, case.dtype)
    weights, biases = parts[:n_layers], parts[n_layers:]
    steps, parts = allocate(shapes, case.dtype)
    steps_w, steps_b = parts[:n_layers], parts[n_layers:]
    batches = [Batch(case, batch) for batch in case.batches]
    output_first = case.update_order == "output_first"
    activations, hidden = case.activations, case.activation

    def gradients(batch):
        """Write the gradients to `steps_w` and `steps_b`; return the summed loss."""
        forward(batch, weights, biases, activations)
        loss = loss_and_delta(case, batch)
        for k in range(len(weights) - 1, -1, -1):
            delta = batch.deltas[k]
            np.dot(batch.inputs[k].T, delta, out=steps_w[k])
            if biases:
                np.dot(batch.ones, delta, out=steps_b[k])
            if output_first:
                np.subtract(weights[k], steps_w[k], out=weights[k])
            if k > 0:
                np.dot(delta, weights[k].T, out=batch.deltas[k - 1])
                multiply_by_slope(
                    batch.deltas[k - 1], batch.activations[k - 1], batch.slopes[k - 1], hidden
                )
        return loss

    def run(times):
        for mine, first in zip(weights + biases, case.weights + case.biases):
            mine[...] = first
        losses = np.zeros(times)
        adam = Adam(parameters)
        updates = 0
        for epoch in range(times):
            for batch in batches:
                losses[epoch] += gradients(batch)
                if not case.updates or output_first:
                    continue
                if case.optimizer == "descent":
                    np.subtract(parameters, steps, out=parameters)
                    continue
                updates += 1
                correction = math.sqrt(1 - 0.999**updates) / (1 - 0.9**updates)
                adam.update(parameters, steps, case.learning_rate * correction)
        losses *= case.loss_weight
        return losses, weights + biases if case.updates else steps_w + steps_b

    return {"": run}
