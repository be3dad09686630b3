"""The sigmoid and its derivative over many elements, one Python float, and one row.

Of the libraries each has its fastest way, into an array that is there where it can.
"""

import importlib
import math
from dataclasses import replace
from functools import partial

import denseloop
import numpy as np

from bench.harness.ways import measure_ways

ELEMENTS = [10**k for k in range(8)]
QUICK_ELEMENTS = [1, 1000, 10**6]
FUNCTIONS = ("sigmoid", "sigmoid_derivative")
ROUNDS = 7
TURN_SHARE = 1 / 3  # of a contender's turn elsewhere
TOLERANCE = 8  # epsilons: what is wrong differs by much more


def points(job):
    """What there is to measure: labels, and functions that return an entry each."""
    short = replace(job, rounds=min(ROUNDS, job.rounds), turn=TURN_SHARE * job.turn)
    elements = QUICK_ELEMENTS if job.quick else ELEMENTS
    found = [
        (f"{function} of {n}, {dtype}", partial(of_an_array, function, n, dtype, short))
        for dtype in job.dtypes
        for function in FUNCTIONS
        for n in elements
    ]
    found.append(("sigmoid of a Python float", partial(of_a_float, short)))
    found.append(("one row through 10-2-1", partial(of_a_row, short)))
    return [(label, measured) for label, measured in found if job.has_case(label)]


def installed(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def numpy_sigmoid(x, out):
    """The formula at its best: each step in place of the one before."""
    np.negative(x, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    np.reciprocal(out, out=out)
    return out


def times_rest(a, rest):
    """a becomes a (1 - a)."""
    np.subtract(1, a, out=rest)
    np.multiply(a, rest, out=a)
    return a


def array_ways(function, x, job):
    """By library: functions of nothing that return what they computed from x.

    A library that the job does not ask for is not imported.
    """
    out, rest = np.empty_like(x), np.empty_like(x)
    derivative = function == "sigmoid_derivative"
    if derivative:
        ways = {
            "denseloop": lambda: denseloop.sigmoid_der(x, out=out),
            "NumPy": lambda: times_rest(numpy_sigmoid(x, out), rest),
        }
    else:
        ways = {
            "denseloop": lambda: denseloop.sigmoid(x, out=out),
            "NumPy": lambda: numpy_sigmoid(x, out),
        }
    if job.has_peer("SciPy") and (special := installed("scipy.special")):
        scipy_sigmoid = partial(special.expit, x, out=out)
        ways["SciPy"] = (lambda: times_rest(scipy_sigmoid(), rest)) if derivative else scipy_sigmoid
    if job.has_peer("PyTorch") and installed("torch"):
        ways["PyTorch"] = torch_way(derivative, x, out)
    if job.has_peer("JAX") and installed("jax"):
        ways["JAX"] = jax_way(derivative, x)
    if job.has_peer("Numba") and installed("numba"):
        ways["Numba"] = numba_way(derivative, x, out)
    return ways


def torch_way(derivative, x, out):
    import torch

    slope = torch.ops.aten.sigmoid_backward.grad_input
    x, out = torch.from_numpy(x), torch.from_numpy(out)  # the same memory
    ones, a = torch.ones_like(x), torch.empty_like(x)
    if derivative:
        return lambda: slope(ones, torch.sigmoid(x, out=a), grad_input=out)
    return lambda: torch.sigmoid(x, out=out)


def jax_way(derivative, x):
    import jax

    jax.config.update("jax_enable_x64", True)

    def run(x):
        a = jax.nn.sigmoid(x)
        return a * (1 - a) if derivative else a

    x, compiled = jax.numpy.array(x), jax.jit(run)
    return lambda: compiled(x).block_until_ready()


def numba_way(derivative, x, out):
    from bench.peers.numba_loops.common import jit, vectorised_exp

    exp, one = vectorised_exp(x.dtype), x.dtype.type(1)

    @jit
    def run(x, out):
        for i in range(x.size):
            a = one / (one + exp(-x[i]))
            out[i] = a * (one - a) if derivative else a

    def way():
        run(x, out)
        return out

    return way


def of_an_array(function, elements, dtype, job):
    x = np.random.default_rng(0).standard_normal(elements).astype(dtype)
    expected = 1 / (1 + np.exp(-x.astype(np.float64)))
    if function == "sigmoid_derivative":
        expected = expected * (1 - expected)
    entry = described(f"{function} of {elements}", function, elements, dtype)
    return measured(entry, array_ways(function, x, job), expected, job)


def of_a_float(job):
    x = 0.3
    ways = {
        "denseloop": lambda: denseloop.sigmoid(x),
        "NumPy": lambda: 1.0 / (1 + np.exp(-1 * x)),  # as the tutorials write it
        "math": lambda: 1.0 / (1.0 + math.exp(-x)),
    }
    if job.has_peer("SciPy") and (special := installed("scipy.special")):
        ways["SciPy"] = lambda: special.expit(x)
    entry = described("sigmoid of a Python float", "sigmoid of a Python float", 1, "float64")
    return measured(entry, ways, 1 / (1 + math.exp(-x)), job)


def of_a_row(job):
    network = denseloop.Network([10, 2, 1], seed=0)
    X = np.random.default_rng(0).standard_normal((1, 10))
    hidden, output = np.empty((1, 2)), np.empty((1, 1))
    (w, v), (b, c) = ([a.copy() for a in arrays] for arrays in (network.weights, network.biases))

    def numpy_forward():
        for a, weights, biases, out in [(X, w, b, hidden), (hidden, v, c, output)]:
            np.dot(a, weights, out=out)
            np.add(out, biases, out=out)
            numpy_sigmoid(out, out)
        return output

    ways = {"denseloop": lambda: network.forward(X), "NumPy": numpy_forward}
    if job.has_peer("PyTorch") and (torch := installed("torch")):
        layers = [torch.from_numpy(a) for a in (X, w, b, v, c)]

        @torch.inference_mode()
        def torch_forward():
            x, w, b, v, c = layers
            return torch.addmm(c, torch.addmm(b, x, w).sigmoid_(), v).sigmoid_()

        ways["PyTorch"] = torch_forward
    a = 1 / (1 + np.exp(-(X @ w + b)))
    expected = 1 / (1 + np.exp(-(a @ v + c)))
    entry = described("one row through 10-2-1", "forward of one row", 1, "float64")
    return measured(entry | {"multiply_adds": 22, "sigmoids": 3}, ways, expected, job)


def described(case, function, elements, dtype):
    return {
        "case": case,
        "repeated": "call",
        "dtype": dtype,
        "multiply_adds": 0,
        "sigmoids": elements,
        "function": function,
        "elements": elements,
    }


def measured(entry, ways, expected, job):
    """The entry with its peers; a way that is wrong has a fault and is not timed."""
    tolerance = TOLERANCE * np.finfo(entry["dtype"]).eps

    def fault(name, result):
        error = np.max(abs(np.asarray(result) - expected))
        if np.shape(result) != np.shape(expected) or not error <= tolerance:
            return f"off by {error:.2g}, allowed are {tolerance:.2g}"
        return None

    return entry | {"threads": job.threads, "peers": measure_ways(ways, fault, job)}
