"""The tutorial's moons, trained by denseloop and by the NumPy listing."""

from __future__ import annotations  # which help() shows as they are written

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from denseloop import _progress_bar
from denseloop.network import Network
from denseloop.optimizers import LevenbergMarquardt
from denseloop.tutorials import figures, listings, many_networks
from denseloop.tutorials.catalogue import TUTORIALS
from denseloop.tutorials.replays import Replay, replay

EPOCHS = 200_000
LISTING_SECONDS = 3.0
COMPARED_EPOCHS = 1_000  # later on, the descent amplifies differences in the last bit

LEVENBERG_MARQUARDT_STEPS = 200
LEVENBERG_MARQUARDT_RUNS = 5  # the fastest one counts
GOALS = {1.5049: "1.50", 1.0: "1.00"}  # the tutorial's last error as it prints it, and a lower one

TABLE_ROW = "{:<22}{:>14}{:>12}{:>16}{:>16}{:>10}"
TABLE_HEAD = ("network", "error reached", "tutorial's", "one epoch", "NumPy listing", "faster")


def run(
    picture: str | os.PathLike[str] = "denseloop-demo.png",
    *,
    epochs: int = EPOCHS,
    seconds: float = LISTING_SECONDS,
) -> dict[str, float]:
    """Train both networks, run their listings for a while, print the table and save the picture.

    Then train the second one from many starts, and an ensemble, and save a second picture.

    Parameters
    ----------
    picture : str or os.PathLike, default "denseloop-demo.png"
        PNG file to write. The second picture is next to it, with "-many" after its name.
    epochs : int, default 200000
        Epochs of each training by denseloop, at least 1.
    seconds : float, default 3.0
        Time for each NumPy listing, which runs at least one epoch.

    Returns
    -------
    dict of str to float
        For each replay's name, the listing's time per epoch divided by denseloop's.

    Raises
    ------
    ImportError
        Without scikit-learn, matplotlib or tqdm (``pip install scikit-learn matplotlib tqdm``).
    """
    _progress_bar.tqdm_class()  # imports it now, so that no training is timed with the import
    print(f"make_moons, 100 points, {epochs:,} epochs of gradient descent at learning rate 0.5\n")
    perceptron = compare("perceptron 2-1", "stackabuse-perceptron", epochs, seconds)
    hidden = compare("hidden layer 2-4-1", "stackabuse-hidden-layer", epochs, seconds)
    print()
    print_table([perceptron, hidden])
    comparisons = {"perceptron": perceptron, "one hidden layer of 4": hidden}
    figures.demo_figure(
        hidden.replay.X,
        hidden.replay.y,
        networks={title: shown.replay.network for title, shown in comparisons.items()},
        losses={title: shown.replay.history.loss for title, shown in comparisons.items()},
        listing_errors={title: shown.listing_errors for title, shown in comparisons.items()},
    ).savefig(picture)
    print_levenberg_marquardt(hidden)
    picture = Path(picture)
    second = picture.with_stem(f"{picture.stem}-many")
    many_networks.run(second, hidden.listing_time)
    print(f"\nPictures: {picture} and {second}")
    return {shown.replay.name: shown.speedup for shown in comparisons.values()}


@dataclass(frozen=True)
class Comparison:
    """A replay next to its NumPy listing; times are in seconds per epoch."""

    label: str
    replay: Replay
    replay_time: float
    listing_errors: np.ndarray
    listing_time: float

    @property
    def speedup(self) -> float:
        """How many times faster an epoch of the replay is."""
        return self.listing_time / self.replay_time

    @property
    def compared_epochs(self) -> int:
        """How many epochs of both are compared."""
        return min(COMPARED_EPOCHS, len(self.listing_errors))

    @property
    def difference(self) -> float:
        """The largest relative difference between the errors of the compared epochs."""
        expected = self.listing_errors[: self.compared_epochs]
        return np.max(
            np.abs(self.replay.history.loss[: self.compared_epochs] - expected) / expected
        )


def compare(label: str, name: str, epochs: int, seconds: float) -> Comparison:
    """Run a replay and, for some seconds, its listing from the same weights."""
    print(f"{label}, denseloop:")
    replayed = replay(name, epochs=epochs, progress=True)
    print(f"{label}, NumPy listing: {seconds:g} s of it ...")
    errors, listing_time = listings.run_for(seconds, TUTORIALS[name].start_listing(), epochs)
    return Comparison(label, replayed, replayed.seconds / epochs, np.array(errors), listing_time)


def print_table(comparisons: Sequence[Comparison]) -> None:
    """Print errors and times of the comparisons, and how well their errors agree."""
    print(TABLE_ROW.format(*TABLE_HEAD))
    for shown in comparisons:
        print(
            TABLE_ROW.format(
                shown.label,
                f"{shown.replay.history.loss[-1]:.4f}",
                f"{shown.replay.published['error']:.2f}",
                f"{1e6 * shown.replay_time:.2f} µs",
                f"{1e6 * shown.listing_time:.1f} µs",
                f"{shown.speedup:.0f} ×",
            )
        )
    epochs = min(shown.compared_epochs for shown in comparisons)
    difference = max(shown.difference for shown in comparisons)
    print(
        f"\nSame result: over the first {epochs:,} epochs both give the same error to "
        f"{difference:.0e} (relative)."
    )


def print_levenberg_marquardt(hidden: Comparison) -> None:
    """Print how soon Levenberg-Marquardt reaches the tutorial's error, and a lower one.

    It starts from the tutorial's weights. The listing's time is that of the epochs which gradient
    descent needs.
    """
    descent_losses = hidden.replay.history.loss
    losses, _ = train_levenberg_marquardt(LEVENBERG_MARQUARDT_STEPS)
    print("\nhidden layer 2-4-1 by Levenberg-Marquardt, from the same weights:")
    for goal, shown in GOALS.items():
        if losses.min() > goal:
            continue
        steps = first_epoch_at(losses, goal)
        runs = [train_levenberg_marquardt(steps) for _ in range(LEVENBERG_MARQUARDT_RUNS)]
        seconds = min(elapsed for _, elapsed in runs)
        line = f"error {shown} after {steps} steps, {1e3 * seconds:.2f} ms"
        if descent_losses.min() <= goal:
            epochs = first_epoch_at(descent_losses, goal)
            listing = epochs * hidden.listing_time
            ratio = listing / seconds
            line += f"; the listing needs {epochs:,} epochs, {listing:.1f} s: {ratio:,.0f} ×"
        else:
            line += f"; descent stays at {descent_losses[-1]:.2f}"
        print(line)


def train_levenberg_marquardt(steps: int) -> tuple[np.ndarray, float]:
    """Train the hidden layer from the tutorial's weights; return the losses and the seconds."""
    setup = TUTORIALS["stackabuse-hidden-layer"].setup(None)
    network = Network([2, 4, 1], bias=False, weights=setup.weights)
    start = time.perf_counter()
    history = network.train(setup.X, setup.y, optimizer=LevenbergMarquardt(), epochs=steps)
    return history.loss, time.perf_counter() - start


def first_epoch_at(losses: np.ndarray, goal: float) -> int:
    """Return how many epochs it takes until the loss is at most `goal`."""
    return int(np.argmax(losses <= goal))
