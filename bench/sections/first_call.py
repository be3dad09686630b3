"""``python bench/sections/first_call.py LIBRARY``: what a library costs before it has done much.

Each library needs an interpreter of its own, so this program imports only the standard library
itself. It prints JSON: the seconds of the import and of a first call, which is one epoch of 2-4-1
on 100 samples, and the peak resident size after both, in bytes.
"""

import json
import random
import sys
import time

X = [[random.random(), random.random()] for _ in range(100)]
Y = [[float(a > b)] for a, b in X]
RATE = 0.5


def bare():
    yield


def denseloop():
    import denseloop

    yield
    network = denseloop.Network([2, 4, 1], bias=False, seed=0)
    network.train(X, Y, learning_rate=RATE, epochs=1)


def numpy():
    import numpy as np

    yield
    x, y = np.array(X), np.array(Y)
    hidden, output = np.random.rand(2, 4), np.random.rand(4, 1)
    a = 1 / (1 + np.exp(-(x @ hidden)))
    p = 1 / (1 + np.exp(-(a @ output)))
    delta = (p - y) * p * (1 - p)
    by_hidden = x.T @ (delta @ output.T * a * (1 - a))
    output -= RATE * (a.T @ delta)
    hidden -= RATE * by_hidden


def scikit_learn():
    import warnings

    from sklearn.neural_network import MLPRegressor

    yield
    warnings.simplefilter("ignore")  # about one epoch, which does not converge
    sizes = {"hidden_layer_sizes": [4], "batch_size": 100, "max_iter": 1}
    model = MLPRegressor(activation="logistic", solver="sgd", **sizes)
    model.fit(X, [t for (t,) in Y])


def numba():
    import math

    import numba
    import numpy as np

    yield

    @numba.njit
    def epoch(x, y, hidden, output, by_hidden, by_output):
        a = np.empty(output.size)
        for s in range(x.shape[0]):
            z = 0.0
            for j in range(a.size):
                a[j] = 1 / (1 + math.exp(-(x[s, 0] * hidden[0, j] + x[s, 1] * hidden[1, j])))
                z += a[j] * output[j]
            p = 1 / (1 + math.exp(-z))
            delta = (p - y[s]) * p * (1 - p)
            for j in range(a.size):
                below = delta * output[j] * a[j] * (1 - a[j])
                by_output[j] += delta * a[j]
                by_hidden[0, j] += below * x[s, 0]
                by_hidden[1, j] += below * x[s, 1]
        hidden -= RATE * by_hidden
        output -= RATE * by_output

    parameters = np.random.rand(2, 4), np.random.rand(4)
    epoch(np.array(X), np.array(Y)[:, 0], *parameters, np.zeros((2, 4)), np.zeros(4))


def jax():
    import jax
    import jax.numpy as jnp

    yield

    def loss(parameters, x, y):
        hidden, output = parameters
        return jnp.square(jax.nn.sigmoid(jax.nn.sigmoid(x @ hidden) @ output) - y).sum() / 2

    @jax.jit
    def epoch(parameters, x, y):
        gradients = jax.grad(loss)(parameters, x, y)
        return jax.tree.map(lambda p, g: p - RATE * g, parameters, gradients)

    parameters = jnp.ones((2, 4)), jnp.ones((4, 1))
    jax.block_until_ready(epoch(parameters, jnp.array(X), jnp.array(Y)))


def torch():
    import torch

    yield
    hidden = torch.rand(2, 4, requires_grad=True)
    output = torch.rand(4, 1, requires_grad=True)
    p = torch.sigmoid(torch.sigmoid(torch.tensor(X) @ hidden) @ output)
    torch.square(p - torch.tensor(Y)).sum().div(2).backward()
    with torch.no_grad():
        for parameter in (hidden, output):
            parameter -= RATE * parameter.grad


# By distribution; "" is the bare interpreter. Each imports its library up to its `yield`.
LIBRARIES = {
    "": bare,
    "denseloop": denseloop,
    "numpy": numpy,
    "scikit-learn": scikit_learn,
    "numba": numba,
    "jax": jax,
    "torch": torch,
}


def peak_resident_bytes():
    """Return the peak of this process; getrusage includes the parent's."""
    try:
        with open("/proc/self/status") as file:
            line = next(line for line in file if line.startswith("VmHWM"))
        return 1024 * int(line.split()[1])
    except (OSError, StopIteration):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(name):
    steps = LIBRARIES[name]()
    times = [time.perf_counter()]
    next(steps)
    times.append(time.perf_counter())
    next(steps, None)
    times.append(time.perf_counter())
    print(
        json.dumps(
            {
                "import": times[1] - times[0],
                "first_call": times[2] - times[1],
                "memory": peak_resident_bytes(),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
