"""The trainings of many networks that are timed, with their data and initial parameters."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from denseloop import Networks

from bench.sections.cases import Case

QUICK_NETWORKS, QUICK_EPOCHS = 10, 5  # so many times fewer of them in a quick run
METHODS = {"adam": "Adam", "descent": "gradient descent"}


@dataclass(frozen=True)
class Shape:
    """What is trained.

    Parameters
    ----------
    count : int
        Number of networks.
    layer_sizes : tuple of int
    samples, epochs : int
        Of each network; all its samples are one batch.
    optimizer, learning_rate, output_activation
        As for `bench.sections.cases.Case`.
    own : bool
        Whether each network has samples of its own.
    shared : bool
        Whether it is measured on several threads too.
    in_both : bool
        Whether it is measured in float32 too.
    in_quick : bool
        Whether a quick run has it, with less to do.
    """

    count: int
    layer_sizes: tuple[int, ...]
    samples: int
    epochs: int
    optimizer: str
    learning_rate: float
    output_activation: str = "sigmoid"
    own: bool = False
    shared: bool = False
    in_both: bool = False
    in_quick: bool = True

    def quick(self):
        """Return the shape with less to do."""
        count, epochs = self.count // QUICK_NETWORKS, self.epochs // QUICK_EPOCHS
        return replace(self, count=count, epochs=epochs)

    @property
    def name(self):
        """What the tables call it.

        >>> SHAPES[3].name
        '1000 × (1 × 10-2-1), own samples, 1000 epochs of gradient descent'
        """
        network = f"({self.samples} × {'-'.join(map(str, self.layer_sizes))})"
        own = ", own samples" if self.own else ""
        return f"{self.count} × {network}{own}, {self.epochs} epochs of {METHODS[self.optimizer]}"


SHAPES = [
    Shape(1000, (8, 8, 1), 100, 200, "adam", 0.01, output_activation="identity", shared=True),
    Shape(10_000, (2, 4, 1), 20, 50, "adam", 0.01, in_quick=False),
    Shape(10_000, (2, 4, 1), 20, 50, "adam", 0.01, own=True, in_quick=False),
    Shape(1000, (10, 2, 1), 1, 1000, "descent", 0.01, own=True, in_both=True),
]


class Work:
    """A shape with samples in a dtype.

    Attributes
    ----------
    X, y : array of shape (samples, inputs) and (samples, 1), or with an axis of networks before
    weights, biases : list of array of shape (count, fan_in, fan_out) and (count, fan_out)
        Initial parameters of each layer.
    one : Case
        The training of the first network.
    """

    def __init__(self, shape, dtype):
        self.shape, self.dtype = shape, np.dtype(dtype)
        random = np.random.default_rng(0)
        rows = (shape.count,) if shape.own else ()
        rows += (shape.samples,)
        self.X = random.standard_normal((*rows, shape.layer_sizes[0])).astype(dtype)
        self.y = random.random((*rows, shape.layer_sizes[-1])).astype(dtype)
        layers, networks = range(len(shape.layer_sizes) - 1), list(self.new_networks())
        self.weights = [np.stack([n.weights[k] for n in networks]) for k in layers]
        self.biases = [np.stack([n.biases[k] for n in networks]) for k in layers]

    def new_networks(self):
        """Return networks with the initial parameters, as denseloop trains them."""
        return Networks(
            self.shape.layer_sizes,
            count=self.shape.count,
            output_activation=self.shape.output_activation,
            dtype=self.dtype,
            seed=0,
        )

    def samples_of(self, k):
        """Return X and y of network k."""
        return (self.X[k], self.y[k]) if self.shape.own else (self.X, self.y)

    def parameters_of(self, k):
        """Return the initial weights and biases of network k."""
        return [w[k] for w in self.weights], [b[k] for b in self.biases]

    @cached_property
    def one(self):
        return Case(
            self.shape.name,
            *self.samples_of(0),
            *self.parameters_of(0),
            self.shape.learning_rate,
            reduction="mean",
            output_activation=self.shape.output_activation,
            optimizer=self.shape.optimizer,
        )
