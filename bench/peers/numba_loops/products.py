"""Any network, batch by batch: a matrix product for each layer, and loops for the rest."""

import math

import numpy as np

from bench.peers.numba_loops.common import (
    activation_functions,
    copy_parameters,
    jit,
    make_run,
    make_slots,
    make_update,
    vectorizable_exp,
)


def products(case):
    weights, biases = copy_parameters(case)
    gradients = tuple(map(np.zeros_like, weights)), tuple(map(np.zeros_like, biases))
    size = case.batch_size or len(case.X)
    activations = tuple(np.empty((size, n), case.dtype) for n in case.layer_sizes[1:])
    deltas = tuple(np.empty_like(a) for a in activations)
    n_layers, number = len(weights), case.dtype.type
    has_bias, softmax = bool(case.biases), case.output_activation == "softmax"
    zero, updates = number(0), case.updates
    square_factor, twice = number(case.square_factor), number(2 * case.square_factor)
    exp, slots = vectorizable_exp(case.dtype), make_slots((weights, biases))
    update = make_update(case, has_bias)
    hidden, hidden_slope = activation_functions(case.activation, case.dtype)
    last = "identity" if softmax else case.output_activation
    output, output_slope = activation_functions(last, case.dtype)

    @jit
    def add_bias_and_activate(z, b, is_last):
        for s in range(z.shape[0]):
            if has_bias:
                for j in range(z.shape[1]):
                    z[s, j] += b[j]
            if is_last and softmax:
                largest = z[s].max()
                total = zero
                for j in range(z.shape[1]):
                    z[s, j] = exp(z[s, j] - largest)
                    total += z[s, j]
                for j in range(z.shape[1]):
                    z[s, j] /= total
            elif is_last:
                for j in range(z.shape[1]):
                    z[s, j] = output(z[s, j])
            else:
                for j in range(z.shape[1]):
                    z[s, j] = hidden(z[s, j])

    @jit
    def loss_and_delta(a, y, delta):
        loss = zero
        for s in range(a.shape[0]):
            for j in range(a.shape[1]):
                difference = a[s, j] - y[s, j]
                if softmax:
                    loss -= y[s, j] * math.log(a[s, j])
                    delta[s, j] = difference
                else:
                    loss += square_factor * difference * difference
                    delta[s, j] = twice * difference * output_slope(a[s, j])
        return loss

    @jit
    def sum_rows(delta, by_b):
        by_b[:] = 0
        for s in range(delta.shape[0]):
            for j in range(delta.shape[1]):
                by_b[j] += delta[s, j]

    @jit
    def multiply_by_slope(delta, a):
        for s in range(a.shape[0]):
            for j in range(a.shape[1]):
                delta[s, j] *= hidden_slope(a[s, j])

    @jit
    def epochs(losses, X, y, weights, biases, by_w, by_b, slots, activations, deltas):
        for epoch in range(losses.size):
            for start in range(0, X.shape[0], size):
                inputs, targets = X[start : start + size], y[start : start + size]
                n = inputs.shape[0]
                for k in range(n_layers):
                    below = inputs if k == 0 else activations[k - 1][:n]
                    a = activations[k][:n]
                    np.dot(below, weights[k], a)
                    add_bias_and_activate(a, biases[k], k == n_layers - 1)
                a, delta = activations[n_layers - 1][:n], deltas[n_layers - 1][:n]
                losses[epoch] += loss_and_delta(a, targets, delta)
                for k in range(n_layers - 1, -1, -1):
                    delta = deltas[k][:n]
                    below = inputs if k == 0 else activations[k - 1][:n]
                    np.dot(below.T, delta, by_w[k])
                    if has_bias:
                        sum_rows(delta, by_b[k])
                    if k > 0:
                        np.dot(delta, weights[k].T, deltas[k - 1][:n])
                        multiply_by_slope(deltas[k - 1][:n], below)
                if updates:
                    update(weights, biases, by_w, by_b, slots, n)

    def run_epochs(losses):
        epochs(losses, case.X, case.y, weights, biases, *gradients, slots, activations, deltas)

    return make_run(case, (weights, biases), gradients, slots, run_epochs)
