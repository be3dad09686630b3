"""The tutorials' listings as data: samples, initial weights, options and published figures.

Two series are covered. "Implementing Gradient Descent in Python" by Ahmed Fawzy Gad (Paperspace)
trains on one sample with the loss (p - t)**2 and no bias; it draws its weights without a seed, so
seed 0 stands in for it. "Creating a Neural Network from Scratch in Python" by Usman Malik (Stack
Abuse) trains on many samples, full batch, with the loss (a - y)**2 / 2.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from denseloop._missing import missing
from denseloop.network import Network
from denseloop.results import History
from denseloop.tutorials import listings

__all__ = ["NAMES", "TEN_INPUTS", "TUTORIALS", "Setup", "Tutorial", "moons"]


@dataclass(frozen=True)
class Setup:
    """What a listing starts from: its samples and initial parameters.

    `weights` has an array (fan_in, fan_out) for each layer, `biases` one (fan_out,) for each layer
    or None for a listing without biases.
    """

    X: np.ndarray
    y: np.ndarray
    weights: list[np.ndarray]
    biases: list[np.ndarray] | None = None


@dataclass(frozen=True, kw_only=True)
class Tutorial:
    """A listing: how it starts, how it is trained and which figures its text gives.

    `description` is one sentence. `setup` draws the initial parameters from a seed, or from the
    listing's own seed for None. `listing` makes one of `listings` of a set-up, a learning rate and
    functions. `options` are further arguments of `Network.train`. `published` maps the names of the
    text's figures to their values, and `reached` computes the same figures after a training.
    """

    source: str
    description: str
    setup: Callable[[int | None], Setup]
    listing: Callable[..., Iterator[object]]
    learning_rate: float
    epochs: int
    published: Mapping[str, float]
    reached: Callable[[Network, History], dict[str, float]]
    options: Mapping[str, object] = field(default_factory=dict)
    output_activation: str = "sigmoid"

    def start_listing(
        self,
        *,
        seed: int | None = None,
        learning_rate: float | None = None,
        functions: object = listings.FORMULAS,
    ) -> Iterator[object]:
        """Return the listing in plain NumPy, before its first iteration.

        Parameters
        ----------
        seed, learning_rate : optional
            By default the listing's own.
        functions : object, default listings.FORMULAS
            Namespace with the functions that the listing calls.

        Returns
        -------
        iterator
            Each step is an iteration.
        """
        rate = self.learning_rate if learning_rate is None else learning_rate
        return self.listing(self.setup(seed), rate, functions)


# ---- Paperspace: one sample

TEN_INPUTS = [0.1, 0.4, 4.1, 4.3, 1.8, 2.0, 0.01, 0.9, 3.8, 1.6]


def _paperspace(part, description, inputs, target, hidden, learning_rate, epochs=80_000, **options):
    """Return the Tutorial with these inputs, `hidden` hidden neurons (0: none) and one output."""
    at_output = options.get("derivative_at") == "output"
    in_place = options.get("update_order") == "output_first"

    def setup(seed):
        random = np.random.RandomState(0 if seed is None else seed)
        # The listings draw the incoming weights of one neuron after another.
        sizes = [len(inputs), *([hidden] if hidden else []), 1]
        weights = [random.rand(fan_out, fan_in).T for fan_in, fan_out in zip(sizes, sizes[1:])]
        return Setup(np.array([inputs]), np.array([[target]]), weights)

    def listing(s, rate, f):
        if hidden:
            neurons, output = s.weights[0].T.copy(), s.weights[1][:, 0]
            return listings.hidden_neurons(
                s.X[0], s.y[0], neurons, output, rate, f, update_in_place=in_place
            )
        if len(inputs) == 1:
            return listings.one_weight(s.X.item(), s.y.item(), s.weights[0].item(), rate, f)
        return listings.one_layer(
            s.X[0], s.y.item(), s.weights[0][:, 0], rate, f, derivative_at_output=at_output
        )

    return Tutorial(
        source=f"Implementing Gradient Descent in Python, part {part} (Paperspace)",
        description=f"One sample: {description}.",
        setup=setup,
        listing=listing,
        learning_rate=learning_rate,
        epochs=epochs,
        options={"loss": "squared_error", "record_output": True, **options},
        published={"prediction": target, "error": 0.0},
        reached=_last_prediction_and_error,
    )


def _last_prediction_and_error(network, history):
    return {"prediction": float(history.output[-1, 0, 0]), "error": float(history.loss[-1])}


# ---- Stack Abuse: many samples


def moons() -> tuple[np.ndarray, np.ndarray, np.random.RandomState]:
    """Return the 100 moons of the tutorial.

    Returns
    -------
    X : ndarray, shape (100, 2)
        Coordinates of the points.
    y : ndarray, shape (100, 1)
        Labels, 0 or 1.
    random : numpy.random.RandomState
        Generator in the state in which `sklearn.datasets.make_moons` left it; the listing draws its
        weights from it next.

    Raises
    ------
    ImportError
        Without scikit-learn (``pip install scikit-learn``).

    Examples
    --------
    >>> from denseloop.tutorials import moons
    >>> X, y, random = moons()
    >>> X.shape, y.shape
    ((100, 2), (100, 1))
    """
    try:
        from sklearn.datasets import make_moons
    except ImportError as error:
        raise missing("make_moons", "scikit-learn", error) from None
    random = np.random.RandomState(0)
    X, labels = make_moons(100, noise=0.10, random_state=random)
    return X, labels.reshape(100, 1).astype(float), random


def _draw_perceptron(seed, n_inputs):
    """Return the weights and biases of a perceptron with one output."""
    random = np.random.RandomState(42 if seed is None else seed)
    return [random.rand(n_inputs, 1)], [random.rand(1)]


def _toy_perceptron(seed):
    X = [[0, 1, 0], [0, 0, 1], [1, 0, 0], [1, 1, 0], [1, 1, 1]]
    y = [[1], [0], [0], [1], [1]]
    return Setup(np.array(X, float), np.array(y, float), *_draw_perceptron(seed, 3))


def _moons_perceptron(seed):
    X, y, _ = moons()
    return Setup(X, y, *_draw_perceptron(seed, 2))


def _moons_hidden_layer(seed):
    X, y, random = moons()
    if seed is not None:
        random = np.random.RandomState(seed)
    return Setup(X, y, [random.rand(2, 4), random.rand(4, 1)])


def _three_classes(seed):
    random = np.random.RandomState(42 if seed is None else seed)
    X = np.vstack([random.randn(700, 2) + centre for centre in [(0, -3), (3, 3), (-3, 3)]])
    y = np.repeat(np.eye(3), 700, axis=0)
    hidden = random.rand(2, 4), random.randn(4)
    output = random.rand(4, 3), random.randn(3)
    return Setup(X, y, [hidden[0], output[0]], [hidden[1], output[1]])


def _perceptron_listing(s, rate, f):
    return listings.perceptron(s.X, s.y, s.weights[0], s.biases[0], rate, f)


def _hidden_layer_listing(s, rate, f):
    return listings.hidden_layer(s.X, s.y, *s.weights, rate, f)


def _classes_listing(s, rate, f):
    return listings.classes(s.X, s.y, s.weights, s.biases, rate, f)


def _toy_outputs(network, history):
    outputs = network.forward([[1, 0, 0], [0, 1, 0]])
    return {
        "output of [1, 0, 0]": float(outputs[0, 0]),
        "output of [0, 1, 0]": float(outputs[1, 0]),
    }


def _last_error(network, history):
    return {"error": float(history.loss[-1])}


def _first_and_last_loss(network, history):
    return {"first loss": float(history.loss[0]), "last loss": float(history.loss[-1])}


_STACK_ABUSE = "Creating a Neural Network from Scratch in Python, {} (Stack Abuse)"
_AT_OUTPUT = {"derivative_at": "output"}
_OUTPUT_FIRST = {"update_order": "output_first"}
_DERIVATIVE = "the sigmoid's derivative is taken at the output"
_ORDER = "the output weights are updated first"

TUTORIALS = {
    "paperspace-1-1": _paperspace(
        1, f"an input and its weight; {_DERIVATIVE}", [0.1], 0.3, 0, 0.5, 10_000, **_AT_OUTPUT
    ),
    "paperspace-2-1": _paperspace(
        2, f"2 inputs and their weights; {_DERIVATIVE}", [0.1, 0.4], 0.3, 0, 0.1, **_AT_OUTPUT
    ),
    # The text allows 1e9 iterations and needed 26 000 with its own weights; seed 0 starts where the
    # sigmoid is flat and needs 257 900.
    "paperspace-10-1": _paperspace(
        2, "10 inputs and their weights", TEN_INPUTS, 0.3, 0, 0.01, 300_000
    ),
    "paperspace-3-2-1": _paperspace(
        3, "3 inputs and a hidden layer of 2", [0.1, 0.4, 4.1], 0.2, 2, 0.001
    ),
    "paperspace-10-2-1": _paperspace(
        *(3, f"10 inputs and a hidden layer of 2; {_ORDER}", TEN_INPUTS, 0.2, 2, 0.001),
        **_OUTPUT_FIRST,
    ),
    "paperspace-3-5-1": _paperspace(
        *(4, f"3 inputs and a hidden layer of 5; {_ORDER}", [0.1, 0.4, 4.1], 0.2, 5, 0.001),
        **_OUTPUT_FIRST,
    ),
    "paperspace-3-8-1": _paperspace(
        *(4, f"3 inputs and a hidden layer of 8; {_ORDER}", [0.1, 0.4, 4.1], 0.2, 8, 0.001),
        **_OUTPUT_FIRST,
    ),
    "stackabuse-toy-perceptron": Tutorial(
        source=_STACK_ABUSE.format("part 1"),
        description=f"A perceptron with a bias on 5 samples of 3 inputs; {_DERIVATIVE}.",
        setup=_toy_perceptron,
        listing=_perceptron_listing,
        learning_rate=0.05,
        epochs=20_000,
        options=_AT_OUTPUT,
        published={"output of [1, 0, 0]": 0.00707584, "output of [0, 1, 0]": 0.99837029},
        reached=_toy_outputs,
    ),
    "stackabuse-perceptron": Tutorial(
        source=_STACK_ABUSE.format("part 2: the perceptron on the moons"),
        description=f"A perceptron with a bias on 100 moons; {_DERIVATIVE}.",
        setup=_moons_perceptron,
        listing=_perceptron_listing,
        learning_rate=0.5,
        epochs=200_000,
        options=_AT_OUTPUT,
        published={"error": 4.17},
        reached=_last_error,
    ),
    "stackabuse-hidden-layer": Tutorial(
        source=_STACK_ABUSE.format("part 2: the hidden layer on the moons"),
        description="A hidden layer of 4, without biases, on 100 moons.",
        setup=_moons_hidden_layer,
        listing=_hidden_layer_listing,
        learning_rate=0.5,
        epochs=200_000,
        published={"error": 1.50},
        reached=_last_error,
    ),
    "stackabuse-multiclass": Tutorial(
        source=_STACK_ABUSE.format("part 3: three classes"),
        description="A hidden layer of 4 and a softmax output on 2,100 points of 3 classes.",
        setup=_three_classes,
        listing=_classes_listing,
        learning_rate=0.001,
        epochs=50_000,
        options={"loss": "cross_entropy"},
        # Without a published figure: these are the listing's own under NumPy.
        published={"first loss": 3101.2779592613765, "last loss": 0.5302224667748194},
        reached=_first_and_last_loss,
        output_activation="softmax",
    ),
}

NAMES = tuple(TUTORIALS)
