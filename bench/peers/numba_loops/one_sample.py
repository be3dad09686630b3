"""One sample, one hidden layer, one output, no biases: only sums over the inputs."""

import numpy as np

from bench.peers.numba_loops.common import jit, vectorizable_exp


def one_sample(case):
    n_inputs, n_hidden, _ = case.layer_sizes
    x, target = case.X[0], case.y[0, 0]
    number = case.dtype.type
    hidden, output = case.weights[0].T.copy(), case.weights[1][:, 0].copy()
    zero, one, factor = number(0), number(1), number(2 * case.square_factor * case.learning_rate)
    square_factor, output_first = number(case.square_factor), case.update_order == "output_first"
    exp = vectorizable_exp(case.dtype)

    @jit
    def epochs(losses, x, target, hidden, output, a):
        for epoch in range(losses.size):
            z = zero
            for j in range(n_hidden):
                sop = zero
                for i in range(n_inputs):
                    sop += hidden[j, i] * x[i]
                a[j] = one / (one + exp(-sop))
                z += output[j] * a[j]
            predicted = one / (one + exp(-z))
            difference = predicted - target
            losses[epoch] = square_factor * difference * difference
            delta = factor * difference * predicted * (one - predicted)
            for j in range(n_hidden):
                old = output[j]
                output[j] -= delta * a[j]
                w = output[j] if output_first else old
                step = delta * w * a[j] * (one - a[j])
                for i in range(n_inputs):
                    hidden[j, i] -= step * x[i]

    def run(times):
        hidden[...], output[...] = case.weights[0].T, case.weights[1][:, 0]
        losses = np.empty(times)
        epochs(losses, x, target, hidden, output, np.empty(n_hidden, case.dtype))
        return losses * case.loss_weight, [hidden.T, output.reshape(-1, 1)]

    return run
