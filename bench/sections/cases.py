"""The trainings that are timed, with their data and initial parameters."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from denseloop import tutorials


@dataclass(frozen=True)
class Case:
    """A training of a network.

    Parameters
    ----------
    name : str
    X, y : array of shape (samples, inputs) and (samples, outputs)
    weights, biases : list of array of shape (fan_in, fan_out) and (fan_out,)
        Initial parameters of each layer, of the same dtype as X and y. `biases` is empty for a
        network without biases.
    learning_rate : float
    loss, reduction, update_order : str
        Options of `denseloop.Network.train`.
    activation : {"sigmoid", "tanh"}
        Activation of the hidden layers.
    output_activation : {"sigmoid", "softmax", "identity"}
    batch_size : int, optional
        Samples of a batch; by default all. Batches follow the order of the samples, and the last
        one may be smaller.
    optimizer : {"descent", "adam"}
        Gradient descent, or Adam with its authors' constants.
    updates : bool
        Whether an epoch is timed; otherwise one call for the loss and its gradients is.
    prepared : bool
        Whether denseloop makes that call through its prepared objective.
    listing : str, optional
        Function in `denseloop.tutorials.listings` that does the same.
    """

    name: str
    X: np.ndarray
    y: np.ndarray
    weights: list[np.ndarray]
    biases: list[np.ndarray]
    learning_rate: float
    loss: str = "half_squared_error"
    reduction: str = "sum"
    update_order: str = "simultaneous"
    activation: str = "sigmoid"
    output_activation: str = "sigmoid"
    batch_size: int | None = None
    optimizer: str = "descent"
    updates: bool = True
    prepared: bool = False
    listing: str | None = None

    @property
    def activations(self):
        """The activation of every layer."""
        return [self.activation] * (len(self.weights) - 1) + [self.output_activation]

    @property
    def dtype(self):
        return self.X.dtype

    @property
    def layer_sizes(self):
        return [self.weights[0].shape[0], *(w.shape[1] for w in self.weights)]

    @property
    def repeated(self):
        """What is repeated, so that its time is measured: an epoch or a call."""
        return "epoch" if self.updates else "call"

    @property
    def batches(self):
        """Slices of the samples, one for each update of an epoch."""
        size = self.batch_size or len(self.X)
        ends = [*range(size, len(self.X), size), len(self.X)]
        return [slice(start, end) for start, end in zip([0, *ends], ends)]

    @property
    def square_factor(self):
        """Factor of a squared difference in the loss."""
        return 0.5 if self.loss == "half_squared_error" else 1.0

    @property
    def loss_weight(self):
        """Factor of a batch's summed loss in the loss of the epoch."""
        return 1.0 if self.reduction == "sum" else 1 / len(self.X)

    @property
    def multiply_adds(self):
        """Number in an epoch or call: forward, gradient, and backward but for the first layer."""
        sizes = [w.size for w in self.weights]
        return len(self.X) * (3 * sum(sizes) - sizes[0])

    @property
    def sigmoids(self):
        """Number in an epoch or call; a tanh counts as one, a softmax and an identity have none."""
        units = zip(self.layer_sizes[1:], self.activations)
        return len(self.X) * sum(n for n, name in units if name in ("sigmoid", "tanh"))

    def gradient_weight(self, batch):
        """Return the factor of a sample's gradient in the gradient of its batch."""
        return 1.0 if self.reduction == "sum" else 1 / (batch.stop - batch.start)


def moons(dtype):
    X, y, random = tutorials.moons()
    weights = [random.rand(2, 4), random.rand(4, 1)]
    return Case(
        "100 × 2-4-1",
        X.astype(dtype),
        y.astype(dtype),
        [w.astype(dtype) for w in weights],
        [],
        learning_rate=0.5,
        listing="hidden_layer",
    )


def one_sample(dtype):
    random = np.random.RandomState(0)
    hidden, output = random.rand(2, 10), random.rand(2)
    return Case(
        "1 × 10-2-1",
        np.array([tutorials.TEN_INPUTS], dtype),
        np.array([[0.2]], dtype),
        [np.array(hidden.T, dtype, order="C"), output.reshape(2, 1).astype(dtype)],
        [],
        learning_rate=0.001,
        loss="squared_error",
        update_order="output_first",
        listing="hidden_neurons",
    )


def random_case(samples, layer_sizes, learning_rate, dtype, *, note="", bias=True, **options):
    """Return a case with normal inputs, uniform targets and Glorot's uniform weights."""
    random = np.random.default_rng(0)
    X = random.standard_normal((samples, layer_sizes[0]))
    if options.get("loss") == "cross_entropy":
        y = np.eye(layer_sizes[-1])[random.integers(layer_sizes[-1], size=samples)]
    else:
        y = random.random((samples, layer_sizes[-1]))
    weights, biases = initial_parameters(random, layer_sizes, dtype)
    name = f"{samples} × {'-'.join(map(str, layer_sizes))}{note}"
    data = X.astype(dtype), y.astype(dtype)
    return Case(name, *data, weights, biases if bias else [], learning_rate, **options)


def initial_parameters(random, layer_sizes, dtype):
    weights, biases = [], []
    for fan_in, fan_out in zip(layer_sizes, layer_sizes[1:]):
        limit = np.sqrt(6 / (fan_in + fan_out))
        weights.append(random.uniform(-limit, limit, (fan_in, fan_out)).astype(dtype))
        biases.append(random.uniform(-0.1, 0.1, fan_out).astype(dtype))
    return weights, biases


QUICK = ("100 × 2-4-1", "1797 × 64-100-10, softmax, batches of 200")

CASES = [
    moons,
    one_sample,
    partial(random_case, 1000, [2, 16, 16, 1], 0.01),
    partial(
        random_case,
        1000,
        [2, 16, 16, 1],
        0.1,
        reduction="mean",
        batch_size=32,
        note=", batches of 32",
    ),
    partial(
        random_case,
        1000,
        [2, 16, 16, 1],
        0.001,
        reduction="mean",
        batch_size=32,
        optimizer="adam",
        note=", batches of 32, Adam",
    ),
    partial(random_case, 1000, [64, 32, 10], 0.5, reduction="mean"),
    partial(random_case, 200, [24, 8, 2], 0.0, updates=False, note=", loss and gradients"),
    partial(
        random_case,
        200,
        [24, 8, 2],
        0.0,
        updates=False,
        prepared=True,
        note=", loss and gradients, prepared",
    ),
    partial(
        random_case,
        1797,
        [64, 100, 10],
        0.1,
        loss="cross_entropy",
        output_activation="softmax",
        reduction="mean",
        batch_size=200,
        note=", softmax, batches of 200",
    ),
    partial(
        random_case,
        10_000,
        [784, 128, 10],
        0.5,
        reduction="mean",
        batch_size=128,
        note=", batches of 128",
    ),
    partial(
        random_case,
        4096,
        [512, 512, 512, 10],
        0.5,
        reduction="mean",
        batch_size=256,
        note=", batches of 256",
    ),
]
