"""The tutorials' listings, replayed in the fused loop.

`replay` reproduces a listing with its quirks, which are the options `derivative_at` and
`update_order` of `Network.train`. Everything else in the library follows the textbook.
"""

import os
import time
from dataclasses import dataclass

import numpy as np

from denseloop import _checks
from denseloop.network import Network
from denseloop.results import History
from denseloop.tutorials.catalogue import NAMES, TUTORIALS

__all__ = ["Replay", "replay"]


@dataclass(frozen=True, eq=False)
class Replay:
    """The result of a replayed listing.

    Attributes
    ----------
    name : str
        Name of the replay, one of `NAMES`.
    source : str
        Title and part of the tutorial.
    description : str
        What the listing trains, in one sentence.
    network : Network
        The network after the last update.
    history : History
        Losses of the epochs, and their outputs for the listings with one sample.
    X, y : ndarray, shape (n_samples, n_inputs) and (n_samples, n_outputs)
        Samples of the listing.
    published : dict of str to float
        Figures that the text gives; for Paperspace the target that its curves approach, for
        ``stackabuse-multiclass`` the listing's own figures under NumPy.
    reached : dict of str to float
        The same figures after this training.
    seconds : float
        Time of the training.
    """

    name: str
    source: str
    description: str
    network: Network
    history: History
    X: np.ndarray
    y: np.ndarray
    published: dict[str, float]
    reached: dict[str, float]
    seconds: float

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Draw the tutorial's figures: prediction and error, or the data with the boundary.

        Parameters
        ----------
        path : str or os.PathLike
            File to write; its ending chooses the format.

        Raises
        ------
        ImportError
            Without matplotlib (``pip install matplotlib``).
        """
        from denseloop.tutorials import figures

        figure = figures.replay_figure(self.name, self.X, self.y, self.network, self.history)
        figure.savefig(path)


def replay(
    name: str,
    *,
    epochs: int | None = None,
    seed: int | None = None,
    learning_rate: float | None = None,
    progress: bool = False,
) -> Replay:
    """Run a tutorial's listing in the fused loop.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    epochs : int, optional
        Number of epochs, at least 1; the listing's own by default.
    seed : int, optional
        Seed of the random numbers that the listing draws (for the moons, the weights only); by
        default the listing's own seed, or 0 if it has none.
    learning_rate : float, optional
        Learning rate; the listing's own by default (the text of ``paperspace-1-1`` also tries
        0.01).
    progress : bool, default False
        Whether to show a progress bar.

    Returns
    -------
    Replay
        The trained network with the figures that it reached.

    Raises
    ------
    ValueError
        For an unknown name (the message lists the known ones) or a number out of range.
    FloatingPointError
        If the first epoch diverges, so that no figure is reached.
    ImportError
        For the moons without scikit-learn.

    Examples
    --------
    >>> from denseloop.tutorials import replay
    >>> result = replay("paperspace-1-1")
    >>> result.published, result.reached
    ({'prediction': 0.3, 'error': 0.0}, {'prediction': 0.300997..., 'error': 9.960...e-07})
    """
    if not isinstance(name, str) or name not in TUTORIALS:
        known = ", ".join(repr(known) for known in NAMES)
        raise ValueError(f"name must be one of {known}; got {name!r}")
    if epochs is not None:
        epochs = _checks.whole_number("epochs", epochs, 1)
    if seed is not None:
        seed = _checks.whole_number("seed", seed, 0)
    tutorial = TUTORIALS[name]
    setup = tutorial.setup(seed)
    network = Network(
        [len(setup.weights[0]), *(w.shape[1] for w in setup.weights)],
        bias=setup.biases is not None,
        output_activation=tutorial.output_activation,
        weights=setup.weights,
        biases=setup.biases,
    )
    start = time.perf_counter()
    history = network.train(
        setup.X,
        setup.y,
        learning_rate=tutorial.learning_rate if learning_rate is None else learning_rate,
        epochs=tutorial.epochs if epochs is None else epochs,
        progress=progress,
        **tutorial.options,
    )
    seconds = time.perf_counter() - start
    if not len(history.loss):
        raise FloatingPointError(
            f"{name} diverged in its first epoch: the learning rate is too high"
        )
    return Replay(
        name=name,
        source=tutorial.source,
        description=tutorial.description,
        network=network,
        history=history,
        X=setup.X,
        y=setup.y,
        published=dict(tutorial.published),
        reached=tutorial.reached(network, history),
        seconds=seconds,
    )
