"""Short calls, in which the Python around the work decides.

A peer's call for an epoch starts from the initial parameters, which NumPy's and Numba's copy. The
estimators' short calls are in estimators.py, the loss with its gradients is a case of epochs.py.
"""

from dataclasses import replace
from functools import partial

import denseloop
import numpy as np

from bench import peers
from bench.harness.calls import import_if_installed, measure_calls
from bench.harness.measure import check_first_run, seconds_each, times_per_turn
from bench.harness.names import REFERENCE
from bench.harness.reference import reference
from bench.peers.numpy_best import sigmoid as numpy_sigmoid
from bench.sections.cases import initial_parameters, moons

TURN_SHARE = 1 / 3  # share of a contender's turn in other sections
LAYERS = [10, 2, 1]
TOLERANCE = 1e-13


def measurements(job):
    short = replace(job, turn=TURN_SHARE * job.turn)
    found = {
        "Network([2, 4, 1])": measure_construction,
        "train(epochs=1), 100 × 2-4-1": partial(measure_epoch, train_once),
        "trainer.run(1), 100 × 2-4-1": partial(measure_epoch, run_once),
        "forward of 1 row, 10-2-1": partial(measure_forward, 1),
        "forward of 100 rows, 10-2-1": partial(measure_forward, 100),
    }
    return [
        (case, partial(measure_call, case, measure, short))
        for case, measure in found.items()
        if job.has_case(case)
    ]


def measure_call(case, measure, job):
    description = {"case": case, "repeated": "call", "dtype": "float64", "threads": job.threads}
    return description | {"peers": measure(job)}


# ---- Construction


def measure_construction(job):
    calls = {
        "denseloop": lambda: denseloop.Network([2, 4, 1]).weights,
        "NumPy": lambda: initial_parameters(np.random.default_rng(), [2, 4, 1], np.float64)[0],
    }
    if job.has_peer("PyTorch") and (torch := import_if_installed("torch")):
        calls["PyTorch"] = partial(torch_weights, torch)

    def fault(name, weights):
        shapes = [tuple(w.shape) for w in weights]
        return None if shapes == [(2, 4), (4, 1)] else f"weights of shapes {shapes}"

    return measure_calls(calls, fault, job)


def torch_weights(torch):
    """Construct the network; return its weights, which PyTorch keeps transposed."""
    linear, options = torch.nn.Linear, {"dtype": torch.float64}
    network = torch.nn.Sequential(
        linear(2, 4, **options), torch.nn.Sigmoid(), linear(4, 1, **options), torch.nn.Sigmoid()
    )
    return [network[0].weight.T, network[2].weight.T]


# ---- One epoch


def new_network(case):
    return denseloop.Network(case.layer_sizes, bias=False, weights=case.weights)


def train_once(case):
    """Return a network, and a function that trains it for an epoch and returns its history."""
    network = new_network(case)
    options = {"learning_rate": case.learning_rate, "epochs": 1}
    return network, lambda: network.train(case.X, case.y, **options)


def run_once(case):
    """Return the same with a prepared training."""
    network = new_network(case)
    trainer = network.trainer(case.X, case.y, learning_rate=case.learning_rate)
    return network, lambda: trainer.run(1)


def measure_epoch(prepare, job):
    case = moons(np.dtype("float64"))
    expected = reference(case)

    def run(times):
        network, train = prepare(case)
        losses = [train().loss[0] for _ in range(times)]
        return losses, [np.array(w) for w in network.weights]

    calls, faults = {}, {}
    faults[REFERENCE] = check_first_run(run, expected)[1]
    calls[REFERENCE] = int if faults[REFERENCE] else prepare(case)[1]
    for peer in peers.choose(job):
        if peer.NAME != REFERENCE and (fastest := fastest_epoch(peer, case, expected, job)):
            calls[peer.NAME] = partial(fastest, 1)
    return measure_calls(calls, lambda name, _: faults.get(name), job)


def fastest_epoch(peer, case, expected, job):
    """Return the peer's correct variant whose call for one epoch is the fastest, or None."""
    seconds = {}
    for label, run in peer.variants(case, job.threads).items():
        if label in getattr(peer, "SLOW", ()) or check_first_run(run, expected)[1]:
            continue
        run(1)  # compiles for this number

        def repeat(times, run=run):
            for _ in range(times):
                run(1)

        seconds[run] = seconds_each(repeat, times_per_turn(repeat, job.turn))
    return min(seconds, key=seconds.get, default=None)


# ---- Some rows


def measure_forward(rows, job):
    network = denseloop.Network(LAYERS, seed=0)
    X = np.random.default_rng(0).standard_normal((rows, LAYERS[0]))
    parameters = [np.array(a) for pair in zip(network.weights, network.biases) for a in pair]
    calls = {"denseloop": lambda: network.forward(X), "NumPy": numpy_forward(X, *parameters)}
    for name, module, make in [
        ("PyTorch", "torch", torch_forward),
        ("JAX", "jax", jax_forward),
        ("Numba", "numba", numba_forward),
    ]:
        if job.has_peer(name) and import_if_installed(module):
            calls[name] = make(X, *parameters)
    w, b, v, c = parameters
    expected = 1 / (1 + np.exp(-(1 / (1 + np.exp(-(X @ w + b))) @ v + c)))

    def fault(name, result):
        error = np.max(abs(np.asarray(result) - expected))
        return f"differs by {error:.2g}" if not error <= TOLERANCE else None

    return measure_calls(calls, fault, job)


def numpy_forward(X, w, b, v, c):
    hidden, output = np.empty((len(X), len(b))), np.empty((len(X), len(c)))

    def forward():
        for a, weights, biases, out in [(X, w, b, hidden), (hidden, v, c, output)]:
            np.dot(a, weights, out=out)
            np.add(out, biases, out=out)
            numpy_sigmoid(out, out)
        return output

    return forward


def torch_forward(*arrays):
    import torch

    x, w, b, v, c = map(torch.from_numpy, arrays)

    @torch.inference_mode()
    def forward():
        return torch.addmm(c, torch.addmm(b, x, w).sigmoid_(), v).sigmoid_()

    return forward


def jax_forward(*arrays):
    import jax

    jax.config.update("jax_enable_x64", True)

    @jax.jit
    def run(x, w, b, v, c):
        return jax.nn.sigmoid(jax.nn.sigmoid(x @ w + b) @ v + c)

    arrays = [jax.numpy.array(a) for a in arrays]
    return lambda: run(*arrays).block_until_ready()


def numba_forward(*arrays):
    from bench.peers.numba_loops.common import activation_functions, jit

    sigmoid, _ = activation_functions("sigmoid", arrays[0].dtype)

    @jit
    def layer(x, w, b, out):
        for s in range(out.shape[0]):
            for j in range(out.shape[1]):
                z = b[j]
                for i in range(w.shape[0]):
                    z += x[s, i] * w[i, j]
                out[s, j] = sigmoid(z)

    @jit
    def run(x, w, b, v, c):
        hidden, out = np.empty((x.shape[0], b.size)), np.empty((x.shape[0], c.size))
        layer(x, w, b, hidden)
        layer(hidden, v, c, out)
        return out

    return partial(run, *arrays)
