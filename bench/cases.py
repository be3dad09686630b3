"""What is timed: each case is a tutorial's listing and the same training in the fused loop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from denseloop import Network, listings, tutorials


@dataclass(frozen=True)
class Case:
    """`listing()` starts the NumPy listing, `network()` the network that trains as it does.

    `printed` takes from a step of the listing the error that is compared with the network's loss.
    """

    name: str
    X: np.ndarray
    y: np.ndarray
    options: dict
    listing: Callable[[], Iterator]
    network: Callable[[], Network]
    printed: Callable[[object], float]


def moons() -> Case:
    X, y, random = tutorials.moons()
    weights = [random.rand(2, 4), random.rand(4, 1)]
    return Case(
        "100 samples × 2-4-1",
        X,
        y,
        {"learning_rate": 0.5},
        lambda: listings.hidden_layer(X, y, *weights, 0.5),
        lambda: Network([2, 4, 1], bias=False, weights=weights),
        float,
    )


def one_sample() -> Case:
    x, target = np.array(tutorials.TEN_INPUTS), np.array([0.2])
    random = np.random.RandomState(0)
    hidden, output = random.rand(2, 10), random.rand(2)
    return Case(
        "1 sample × 10-2-1",
        x.reshape(1, -1),
        target.reshape(1, 1),
        {"learning_rate": 0.001, "loss": "squared_error", "update_order": "output_first"},
        lambda: listings.hidden_neurons(x, target, hidden, output, 0.001),
        lambda: Network([10, 2, 1], bias=False, weights=[hidden.T, output.reshape(2, 1)]),
        lambda step: float(step[1][0]),
    )


CASES = [moons, one_sample]
