"""Elementwise sigmoid and derivative, and the sigmoid of a Python float.

Each library uses its fastest form, and writes to an existing array if it can.
"""

import math
from dataclasses import replace
from functools import partial

import denseloop
import numpy as np

from bench.harness.calls import import_if_installed, measure_calls
from bench.peers.numpy_best import sigmoid as numpy_sigmoid

ELEMENTS = [10**k for k in range(8)]
QUICK_ELEMENTS = [1, 1000, 10**6]
FUNCTIONS = ("sigmoid", "sigmoid_derivative")
ROUNDS = 7
TURN_SHARE = 1 / 3  # share of a contender's turn in other sections
TOLERANCE = 8  # machine epsilons: wrong results differ by much more


def measurements(job):
    short = replace(job, rounds=min(ROUNDS, job.rounds), turn=TURN_SHARE * job.turn)
    elements = QUICK_ELEMENTS if job.quick else ELEMENTS
    found = [
        (f"{function} of {n}, {dtype}", partial(measure_array, function, n, dtype, short))
        for dtype in job.dtypes
        for function in FUNCTIONS
        for n in elements
    ]
    found.append(("sigmoid of a Python float", partial(measure_float, short)))
    return [(label, measure) for label, measure in found if job.has_case(label)]


def multiply_by_complement(a, buffer):
    """Replace a by a (1 - a)."""
    np.subtract(1, a, out=buffer)
    np.multiply(a, buffer, out=a)
    return a


def array_calls(function, x, job):
    """Return for each library a function without arguments that computes `function` of x.

    A library that the job does not ask for is not imported.
    """
    out, buffer = np.empty_like(x), np.empty_like(x)
    derivative = function == "sigmoid_derivative"
    if derivative:
        calls = {
            "denseloop": lambda: denseloop.sigmoid_der(x, out=out),
            "NumPy": lambda: multiply_by_complement(numpy_sigmoid(x, out), buffer),
        }
    else:
        calls = {
            "denseloop": lambda: denseloop.sigmoid(x, out=out),
            "NumPy": lambda: numpy_sigmoid(x, out),
        }
    if job.has_peer("SciPy") and (special := import_if_installed("scipy.special")):
        expit = partial(special.expit, x, out=out)
        calls["SciPy"] = (lambda: multiply_by_complement(expit(), buffer)) if derivative else expit
    if job.has_peer("PyTorch") and import_if_installed("torch"):
        calls["PyTorch"] = torch_call(derivative, x, out)
    if job.has_peer("JAX") and import_if_installed("jax"):
        calls["JAX"] = jax_call(derivative, x)
    if job.has_peer("Numba") and import_if_installed("numba"):
        calls["Numba"] = numba_call(derivative, x, out)
    return calls


def torch_call(derivative, x, out):
    import torch

    multiply_by_slope = torch.ops.aten.sigmoid_backward.grad_input
    x, out = torch.from_numpy(x), torch.from_numpy(out)  # these share the memory
    ones, a = torch.ones_like(x), torch.empty_like(x)
    if derivative:
        return lambda: multiply_by_slope(ones, torch.sigmoid(x, out=a), grad_input=out)
    return lambda: torch.sigmoid(x, out=out)


def jax_call(derivative, x):
    import jax

    jax.config.update("jax_enable_x64", True)

    def run(x):
        a = jax.nn.sigmoid(x)
        return a * (1 - a) if derivative else a

    x, compiled = jax.numpy.array(x), jax.jit(run)
    return lambda: compiled(x).block_until_ready()


def numba_call(derivative, x, out):
    from bench.peers.numba_loops.common import jit, vectorizable_exp

    exp, one = vectorizable_exp(x.dtype), x.dtype.type(1)

    @jit
    def run(x, out):
        for i in range(x.size):
            a = one / (one + exp(-x[i]))
            out[i] = a * (one - a) if derivative else a

    def call():
        run(x, out)
        return out

    return call


def measure_array(function, elements, dtype, job):
    x = np.random.default_rng(0).standard_normal(elements).astype(dtype)
    expected = 1 / (1 + np.exp(-x.astype(np.float64)))
    if function == "sigmoid_derivative":
        expected = expected * (1 - expected)
    entry = describe(f"{function} of {elements}", function, elements, dtype)
    return add_peers(entry, array_calls(function, x, job), expected, job)


def measure_float(job):
    x = 0.3
    calls = {
        "denseloop": lambda: denseloop.sigmoid(x),
        "NumPy": lambda: 1.0 / (1 + np.exp(-1 * x)),  # as the tutorials write it
        "math": lambda: 1.0 / (1.0 + math.exp(-x)),
    }
    if job.has_peer("SciPy") and (special := import_if_installed("scipy.special")):
        calls["SciPy"] = lambda: special.expit(x)
    entry = describe("sigmoid of a Python float", "sigmoid of a Python float", 1, "float64")
    return add_peers(entry, calls, 1 / (1 + math.exp(-x)), job)


def describe(case, function, elements, dtype):
    return {
        "case": case,
        "repeated": "call",
        "dtype": dtype,
        "multiply_adds": 0,
        "sigmoids": elements,
        "function": function,
        "elements": elements,
    }


def add_peers(entry, calls, expected, job):
    """Return the entry with its peers; a wrong one has a fault and is not timed."""
    tolerance = TOLERANCE * np.finfo(entry["dtype"]).eps

    def fault(name, result):
        error = np.max(abs(np.asarray(result) - expected))
        if np.shape(result) != np.shape(expected) or not error <= tolerance:
            return f"differs by {error:.2g}, tolerance {tolerance:.2g}"
        return None

    return entry | {"threads": job.threads, "peers": measure_calls(calls, fault, job)}
