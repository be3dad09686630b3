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


def copy_parameters(case):
    """Return copies of the case's weights and biases; missing biases are zeros."""
    weights = tuple(w.copy() for w in case.weights)
    first = case.biases or [np.zeros(w.shape[1], case.dtype) for w in weights]
    return weights, tuple(b.copy() for b in first)


def make_run(case, parameters, gradients, epochs):
    """Return the function `run(times)`; ``epochs(losses)`` fills its array with summed losses."""
    weights, biases = parameters
    results = parameters if case.updates else gradients

    def run(times):
        for mine, first in zip(weights + biases, case.weights + case.biases):
            mine[...] = first
        losses = np.zeros(times)
        if case.updates:
            epochs(losses)
        else:
            for k in range(times):
                epochs(losses[k : k + 1])
        return losses * case.loss_weight, [*results[0], *(results[1] if case.biases else ())]

    return run


@jit
def descend(parameters, gradients, rate):
    """Subtract `rate` times each gradient from its parameters."""
    for p, g in zip(parameters, gradients):
        p, g = p.reshape(-1), g.reshape(-1)
        for i in range(p.size):
            p[i] -= rate * g[i]


@jit
def clear(arrays):
    for a in arrays:
        a[...] = 0
