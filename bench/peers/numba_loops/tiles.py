"""A narrow network on the full batch: each tile passes through all layers and back.

Vectors run along the samples, and the activations of a tile stay in the first-level cache.
"""

import numpy as np

from bench.peers.numba_loops.common import (
    activation_functions,
    clear,
    copy_parameters,
    jit,
    make_run,
    make_slots,
    make_update,
)

TILE = 128  # samples


def tiles(case):
    n_tiles = -(-len(case.X) // TILE)
    tile = -(-len(case.X) // n_tiles)
    X = np.zeros((n_tiles, case.layer_sizes[0], tile), case.dtype)
    y = np.zeros((n_tiles, case.layer_sizes[-1], tile), case.dtype)
    counts = np.array([min(tile, len(case.X) - t * tile) for t in range(n_tiles)])
    for t, n in enumerate(counts):
        X[t, :, :n] = case.X[t * tile : t * tile + n].T
        y[t, :, :n] = case.y[t * tile : t * tile + n].T
    weights, biases = copy_parameters(case)
    gradients = tuple(map(np.zeros_like, weights)), tuple(map(np.zeros_like, biases))
    activations = tuple(np.zeros((size, tile), case.dtype) for size in case.layer_sizes[1:])
    deltas = tuple(np.zeros_like(a) for a in activations)
    forward_and_back = layers_from(0, case)
    slots, n_samples = make_slots((weights, biases)), len(case.X)
    update, updates = make_update(case, bool(case.biases)), case.updates

    @jit
    def epochs(losses, X, y, counts, weights, biases, by_w, by_b, slots, activations, deltas):
        for epoch in range(losses.size):
            clear(by_w)
            clear(by_b)
            for t in range(counts.size):
                losses[epoch] += forward_and_back(
                    X[t], y[t], counts[t], weights, biases, by_w, by_b, activations, deltas
                )
            if updates:
                update(weights, biases, by_w, by_b, slots, n_samples)

    def run_epochs(losses):
        epochs(losses, X, y, counts, weights, biases, *gradients, slots, activations, deltas)

    return make_run(case, (weights, biases), gradients, slots, run_epochs)


def loss_and_delta(case):
    """Compile a function for the summed loss of a tile and its derivative by the outputs."""
    k, n_outputs = len(case.weights) - 1, case.layer_sizes[-1]
    zero, square_factor = case.dtype.type(0), case.dtype.type(case.square_factor)
    twice = case.dtype.type(2 * case.square_factor)

    @jit
    def run(outputs, y, n, weights, biases, by_w, by_b, activations, deltas):
        loss = zero
        for j in range(n_outputs):
            for s in range(n):
                difference = outputs[j, s] - y[j, s]
                loss += difference * difference
                deltas[k][j, s] = twice * difference
        return square_factor * loss

    return run


def layers_from(k, case):
    """Compile a function that takes a tile through layer k and those above, forward and back."""
    fan_in, fan_out = case.layer_sizes[k : k + 2]
    is_first, is_last, has_bias = k == 0, k == len(case.weights) - 1, bool(case.biases)
    add_products = gradient_adder(fan_in, fan_out, case.dtype.type(0))
    inner = loss_and_delta(case) if is_last else layers_from(k + 1, case)
    activate, slope = activation_functions(case.activations[k], case.dtype)
    zero = case.dtype.type(0)

    @jit
    def run(inputs, y, n, weights, biases, by_w, by_b, activations, deltas):
        w, b, a, delta = weights[k], biases[k], activations[k], deltas[k]
        for j in range(fan_out):
            for s in range(n):
                z = b[j] if has_bias else zero
                for i in range(fan_in):
                    z += w[i, j] * inputs[i, s]
                a[j, s] = activate(z)
        loss = inner(a, y, n, weights, biases, by_w, by_b, activations, deltas)
        for j in range(fan_out):
            sum_delta = zero
            for s in range(n):
                delta[j, s] *= slope(a[j, s])
                sum_delta += delta[j, s]
            by_b[k][j] += sum_delta
        add_products(inputs, delta, n, by_w[k])
        if not is_first:
            for i in range(fan_in):
                for s in range(n):
                    below = zero
                    for j in range(fan_out):
                        below += w[i, j] * delta[j, s]
                    deltas[k - 1][i, s] = below
        return loss

    return run


def gradient_adder(fan_in, fan_out, zero):
    """Compile a function that adds inputs @ delta.T to a gradient.

    It makes four sums at a time, so that each loaded row serves two of them.
    """

    @jit
    def one(inputs, delta, n, i, j, gradient):
        total = zero
        for s in range(n):
            total += inputs[i, s] * delta[j, s]
        gradient[i, j] += total

    @jit
    def four(inputs, delta, n, i, j, gradient):
        p, q, r, t = zero, zero, zero, zero
        for s in range(n):
            x, x_next, d, d_next = inputs[i, s], inputs[i + 1, s], delta[j, s], delta[j + 1, s]
            p += x * d
            q += x * d_next
            r += x_next * d
            t += x_next * d_next
        gradient[i, j] += p
        gradient[i, j + 1] += q
        gradient[i + 1, j] += r
        gradient[i + 1, j + 1] += t

    @jit
    def add_products(inputs, delta, n, gradient):
        for i in range(0, fan_in - 1, 2):
            for j in range(0, fan_out - 1, 2):
                four(inputs, delta, n, i, j, gradient)
            if fan_out % 2:
                one(inputs, delta, n, i, fan_out - 1, gradient)
                one(inputs, delta, n, i + 1, fan_out - 1, gradient)
        if fan_in % 2:
            for j in range(fan_out):
                one(inputs, delta, n, fan_in - 1, j, gradient)

    return add_products
