"""``python -m bench.functions``: elementwise functions and single rows, on one core."""

import importlib
import math

from bench.pin import pin

ELEMENTS = 1_000_000
ROUNDS = 15


def numpy_sigmoid(x, out):
    """The formula at its best: each step in place of the one before."""
    import numpy as np

    np.negative(x, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    np.reciprocal(out, out=out)


def installed(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def of_an_array(dtype):
    """The sigmoid of many numbers into an array that is there."""
    import denseloop
    import numpy as np

    x = np.random.default_rng(0).standard_normal(ELEMENTS).astype(dtype)
    out = np.empty_like(x)
    ways = {
        "denseloop": lambda: denseloop.sigmoid(x, out=out),
        "NumPy": lambda: numpy_sigmoid(x, out),
    }
    if special := installed("scipy.special"):
        ways["SciPy"] = lambda: special.expit(x, out=out)
    if torch := installed("torch"):
        torch.set_num_threads(1)
        x_torch, out_torch = torch.from_numpy(x), torch.from_numpy(out)  # the same memory
        ways["PyTorch"] = lambda: torch.sigmoid(x_torch, out=out_torch)
    expected = 1 / (1 + np.exp(-x.astype(np.float64)))

    def values(way):
        out.fill(np.nan)
        way()
        return out, expected

    return ways, values


def of_a_float():
    """The sigmoid of one Python float."""
    import denseloop
    import numpy as np

    x = 0.3
    ways = {
        "denseloop": lambda: denseloop.sigmoid(x),
        "NumPy": lambda: 1.0 / (1 + np.exp(-1 * x)),
        "math": lambda: 1.0 / (1.0 + math.exp(-x)),
    }
    if special := installed("scipy.special"):
        ways["SciPy"] = lambda: special.expit(x)
    return ways, lambda way: (way(), 1 / (1 + math.exp(-x)))


def of_a_row():
    """One row through 10-2-1."""
    import denseloop
    import numpy as np

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
    if torch := installed("torch"):
        layers = [torch.from_numpy(a) for a in (X, w, b, v, c)]

        @torch.inference_mode()
        def torch_forward():
            x, w, b, v, c = layers
            return torch.addmm(c, torch.addmm(b, x, w).sigmoid_(), v).sigmoid_()

        ways["PyTorch"] = torch_forward
    return ways, lambda way: (way(), numpy_forward().copy())


def repeated(way):
    def run(times):
        for _ in range(times):
            way()

    return run


def measure(ways, values):
    """Nanoseconds of a call in every round, by name; none for a way that is wrong.

    `values` has a way called and returns what came of it and what should have.
    """
    import numpy as np

    from bench.measure import fitting_times, interleaved

    contenders, results = {}, {}
    for name, way in ways.items():
        actual, expected = values(way)
        if np.allclose(actual, expected, rtol=1e-6, atol=0):
            run = repeated(way)
            contenders[name] = (run, fitting_times(run))
        else:
            results[name] = []
    for name, seconds in interleaved(contenders, ROUNDS, pause=0.0).items():
        results[name] = [1e9 * s for s in seconds]
    return results


def main():
    pin(1)  # before any library is imported

    from bench.measure import quartiles

    print(f"Medians of {ROUNDS} interleaved rounds in nanoseconds, with their quartiles")
    for title, (ways, values), elements in [
        ("sigmoid of 10⁶ float64, an element", of_an_array("float64"), ELEMENTS),
        ("sigmoid of 10⁶ float32, an element", of_an_array("float32"), ELEMENTS),
        ("sigmoid of one Python float", of_a_float(), 1),
        ("one row through 10-2-1", of_a_row(), 1),
    ]:
        print(f"\n{title}")
        for name, times in measure(ways, values).items():
            if times:
                low, median, high = quartiles([t / elements for t in times])
                print(f"  {name:<12}{median:>8.3g}  ({low:.3g} to {high:.3g})")
            else:
                print(f"  {name:<12}   wrong, and not timed")


if __name__ == "__main__":
    main()
