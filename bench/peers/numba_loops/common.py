"""What the variants share: the compiler's options, exp, the buffers and the update."""

import math

import numba
import numpy as np

jit = numba.njit(fastmath=True, error_model="numpy")


def vectorizable_exp(dtype):
    """Return exp written as arithmetic, which LLVM vectorizes; its own is a call per element."""
    degree, bits, integer = (8, 23, np.int32) if dtype == np.float32 else (13, 52, np.int64)
    number = dtype.type
    coefficients = tuple(number(1 / math.factorial(k)) for k in range(degree, -1, -1))
    largest, bias = (number(87.0), 127) if dtype == np.float32 else (number(708.0), 1023)
    half, per_ln2, ln2 = number(0.5), number(1 / math.log(2)), number(math.log(2))

    @jit
    def exp(x):
        x = min(max(x, -largest), largest)
        k = np.floor(x * per_ln2 + half)
        r = x - k * ln2
        p = coefficients[0]
        for c in coefficients[1:]:
            p = p * r + c
        return p * integer((integer(np.int32(k)) + bias) << bits).view(number)

    return exp


def activation_functions(name, dtype):
    """Return an activation of z and its derivative from its output, both compiled."""
    exp, one, two = vectorizable_exp(dtype), dtype.type(1), dtype.type(2)

    @jit
    def sigmoid(z):
        return one / (one + exp(-z))

    @jit
    def sigmoid_slope(a):
        return a * (one - a)

    @jit
    def tanh(z):
        return two / (one + exp(-two * z)) - one

    @jit
    def tanh_slope(a):
        return one - a * a

    @jit
    def identity(z):
        return z

    @jit
    def identity_slope(a):
        return one

    return {
        "sigmoid": (sigmoid, sigmoid_slope),
        "tanh": (tanh, tanh_slope),
        "identity": (identity, identity_slope),
    }[name]


def copy_parameters(case):
    """Return copies of the case's weights and biases; missing biases are zeros."""
    weights = tuple(w.copy() for w in case.weights)
    first = case.biases or [np.zeros(w.shape[1], case.dtype) for w in weights]
    return weights, tuple(b.copy() for b in first)


def make_slots(parameters):
    """Return Adam's means, squares and number of updates, for the weights and for the biases."""
    return tuple(
        (tuple(map(np.zeros_like, arrays)), tuple(map(np.zeros_like, arrays)), np.zeros(1))
        for arrays in parameters
    )


def make_run(case, parameters, gradients, slots, epochs):
    """Return the function `run(times)`; ``epochs(losses)`` fills its array with summed losses."""
    weights, biases = parameters
    results = parameters if case.updates else gradients

    def run(times):
        for mine, first in zip(weights + biases, case.weights + case.biases):
            mine[...] = first
        for layer_slots in slots:
            clear_slots(*layer_slots)
        losses = np.zeros(times)
        if case.updates:
            epochs(losses)
        else:
            for k in range(times):
                epochs(losses[k : k + 1])
        return losses * case.loss_weight, [*results[0], *(results[1] if case.biases else ())]

    return run


def clear_slots(means, squares, updates):
    for array in (*means, *squares, updates):
        array[...] = 0


@jit
def descend(parameters, gradients, rate):
    """Subtract `rate` times each gradient from its parameters."""
    for p, g in zip(parameters, gradients):
        p, g = p.reshape(-1), g.reshape(-1)
        for i in range(p.size):
            p[i] -= rate * g[i]


def make_update(case, has_bias):
    """Compile a function that makes an update from the summed gradients of `n` samples."""
    number = case.dtype.type
    mean, is_adam = case.reduction == "mean", case.optimizer == "adam"
    one, rate, small = number(1), number(case.learning_rate), number(1e-8)
    keep_mean, add_mean, keep_square, add_square = map(number, (0.9, 0.1, 0.999, 0.001))

    @jit
    def adam(parameters, gradients, means, squares, scale, step):
        for p, g, m, v in zip(parameters, gradients, means, squares):
            p, g, m, v = p.reshape(-1), g.reshape(-1), m.reshape(-1), v.reshape(-1)
            for i in range(p.size):
                gradient = scale * g[i]
                m[i] = keep_mean * m[i] + add_mean * gradient
                v[i] = keep_square * v[i] + add_square * gradient * gradient
                p[i] -= step * m[i] / (np.sqrt(v[i]) + small)

    @jit
    def update(weights, biases, by_w, by_b, slots, n):
        scale = one / number(n) if mean else one
        if is_adam:
            w_slots, b_slots = slots
            updates = w_slots[2]
            updates[0] += 1
            bias = math.sqrt(1 - 0.999 ** updates[0]) / (1 - 0.9 ** updates[0])
            step = number(rate * bias)
            adam(weights, by_w, w_slots[0], w_slots[1], scale, step)
            if has_bias:
                adam(biases, by_b, b_slots[0], b_slots[1], scale, step)
        else:
            descend(weights, by_w, rate * scale)
            if has_bias:
                descend(biases, by_b, rate * scale)

    return update


@jit
def clear(arrays):
    for a in arrays:
        a[...] = 0
