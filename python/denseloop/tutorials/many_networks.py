"""The demo of many networks: one network from many starts, and an ensemble's band."""

from __future__ import annotations  # which help() shows as they are written

import os
import time

import numpy as np

from denseloop.networks import Networks
from denseloop.neural_network import MLPEnsembleRegressor
from denseloop.tutorials import figures
from denseloop.tutorials.catalogue import TUTORIALS

STARTS, EPOCHS = 500, 5_000
MEMBERS = 50
NOISE = 0.15  # standard deviation of the curve's points
MARGIN = 0.1  # errors within a tenth of the lowest are called close to it


def run(
    picture: str | os.PathLike[str],
    listing_time: float,
    *,
    starts: int = STARTS,
    epochs: int = EPOCHS,
    members: int = MEMBERS,
) -> None:
    """Train the hidden layer from many starts, and an ensemble; print a line each, save the figure.

    Parameters
    ----------
    picture : path-like
        PNG file to write.
    listing_time : float
        Seconds of an epoch of the hidden layer's listing.
    starts, epochs, members : int
        Numbers of starts, of the epochs of each, and of the networks of the ensemble.
    """
    errors, seconds = errors_of_starts(starts, epochs)
    listing = starts * epochs * listing_time
    near = np.count_nonzero(errors <= (1 + MARGIN) * errors.min())
    print(f"\nhidden layer 2-4-1 from {starts} starts, {epochs:,} epochs each, in one call:")
    print(f"{seconds:.1f} s; the listing needs {listing:,.0f} s: {listing / seconds:,.0f} ×")
    print(f"{near} starts come within {MARGIN:.0%} of the lowest error, {errors.min():.2f}")
    X, y = noisy_curve()
    shown = np.linspace(-3, 3, 301)
    mean, std, seconds = ensemble_band(X, y, shown, members)
    print(f"\nensemble of {members} × 1-8-1, fitted to {len(X)} points: {seconds:.2f} s")
    figures.many_figure(errors, epochs, X.ravel(), y, shown, mean, std, members).savefig(picture)


def errors_of_starts(starts: int, epochs: int) -> tuple[np.ndarray, float]:
    """Return the last errors (starts,) of the moons' hidden layer, and the seconds of the call."""
    tutorial = TUTORIALS["stackabuse-hidden-layer"]
    setup = tutorial.setup(None)
    networks = Networks([2, 4, 1], count=starts, bias=False, seed=0)
    start = time.perf_counter()
    histories = networks.train(
        setup.X, setup.y, learning_rate=tutorial.learning_rate, epochs=epochs, **tutorial.options
    )
    seconds = time.perf_counter() - start
    return np.array([history.loss[-1] for history in histories]), seconds


def noisy_curve() -> tuple[np.ndarray, np.ndarray]:
    """Return the points X (n, 1) and y (n,) of a sine with noise, with a gap in their middle."""
    random = np.random.default_rng(0)
    x = np.sort(np.concatenate([random.uniform(-2.4, -0.5, 40), random.uniform(0.8, 2.4, 40)]))
    return x.reshape(-1, 1), np.sin(2 * x) + NOISE * random.standard_normal(len(x))


def ensemble_band(
    X: np.ndarray, y: np.ndarray, shown: np.ndarray, members: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return an ensemble's means and standard deviations (len(shown),), and the seconds of all."""
    ensemble = MLPEnsembleRegressor(
        members, hidden_layer_sizes=8, activation="tanh", solver="lm", alpha=0.01, random_state=0
    )
    start = time.perf_counter()
    mean, std = ensemble.fit(X, y).predict(shown.reshape(-1, 1), return_std=True)
    return mean, std, time.perf_counter() - start
