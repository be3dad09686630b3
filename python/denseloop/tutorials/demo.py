"""The tutorial's moons, trained side by side with its NumPy listing."""

import os
import time

import numpy as np

from denseloop import _progress_bar
from denseloop.network import Network
from denseloop.optimizers import LevenbergMarquardt
from denseloop.tutorials import figures, listings
from denseloop.tutorials.replays import moons
from denseloop.tutorials.replays import replay as run_replay

EPOCHS = 200_000
SECONDS_FOR_EACH_LISTING = 3.0
COMPARED_EPOCHS = 1_000  # later on, the descent amplifies differences in the last bit

MOST_STEPS = 200
TRIES = 5
GOALS = {1.5049: "1.50", 1.0: "1.00"}  # the tutorial's last error as it prints it, and one below

TABLE_ROW = "{:<22}{:>14}{:>12}{:>16}{:>16}{:>10}"


def run(
    picture: str | os.PathLike = "denseloop-demo.png",
    *,
    epochs: int = EPOCHS,
    seconds: float = SECONDS_FOR_EACH_LISTING,
) -> dict[str, float]:
    """Train both networks, run their listings for a while, print the table and save the picture.

    Parameters
    ----------
    picture : str or os.PathLike
        Where to save the PNG.
    epochs : int
        Of denseloop's training, at least 1.
    seconds : float
        For each NumPy listing; at least one epoch is run.

    Returns
    -------
    dict of str to float
        For each replay's name, how many times faster an epoch was than the listing's.

    Raises
    ------
    ImportError
        Without scikit-learn, matplotlib or tqdm (``pip install denseloop[demo]``).
    """
    _progress_bar.tqdm_class()  # the clock below should not count its import
    print(f"make_moons, 100 points, {epochs:,} epochs of gradient descent at learning rate 0.5\n")
    X, y, random = moons()
    hidden = (random.rand(2, 4), random.rand(4, 1))
    random = np.random.RandomState(42)
    contenders = {
        "stackabuse-perceptron": (
            "perceptron 2-1",
            listings.perceptron(X, y, random.rand(2, 1), random.rand(1), 0.5),
        ),
        "stackabuse-hidden-layer": (
            "hidden layer 2-4-1",
            listings.hidden_layer(X, y, *hidden, 0.5),
        ),
    }
    replays, listing_errors, ratios, rows, differences = {}, {}, {}, [], []
    compared = COMPARED_EPOCHS
    for name, (label, listing) in contenders.items():
        print(f"{label}, denseloop:")
        start = time.perf_counter()
        replay = run_replay(name, epochs=epochs, progress=True)
        per_epoch = (time.perf_counter() - start) / epochs
        print(f"{label}, NumPy listing: {seconds:g} s of it ...")
        errors, listing_per_epoch = run_listing(listing, seconds, epochs)
        compared = min(compared, len(errors))
        mine, theirs = replay.history.loss[:compared], np.array(errors[:compared])
        differences.append(np.max(np.abs(mine - theirs) / theirs))
        replays[name], listing_errors[name] = replay, errors
        ratios[name] = listing_per_epoch / per_epoch
        rows.append(
            TABLE_ROW.format(
                label,
                f"{replay.history.loss[-1]:.4f}",
                f"{replay.published['error']:.2f}",
                f"{1e6 * per_epoch:.2f} µs",
                f"{1e6 * listing_per_epoch:.1f} µs",
                f"{ratios[name]:.0f} ×",
            )
        )
    print()
    heads = ("network", "error reached", "tutorial's", "one epoch", "NumPy listing", "faster")
    print(TABLE_ROW.format(*heads))
    print("\n".join(rows))
    print(
        f"\nSame result: over the first {compared:,} epochs both give the same error to "
        f"{max(differences):.0e} (relative)."
    )
    figures.demo_figure(*replays.values(), listing_errors).savefig(picture)
    print_solutions(
        X, y, hidden, replays["stackabuse-hidden-layer"].history.loss, listing_per_epoch
    )
    print(f"\nPicture: {picture}")
    return ratios


def print_solutions(X, y, weights, descent_losses, listing_per_epoch):
    """How soon Levenberg-Marquardt reaches the tutorial's error, and one that descent never finds.

    It starts from the tutorial's weights. The listing's time is that of the epochs which descent
    needs.
    """
    losses = levenberg_marquardt(X, y, weights, MOST_STEPS)[0]
    print("\nhidden layer 2-4-1 by Levenberg-Marquardt, from the same weights:")
    for goal, shown in GOALS.items():
        if losses.min() > goal:
            continue
        steps = first_at(losses, goal)
        seconds = min(levenberg_marquardt(X, y, weights, steps)[1] for _ in range(TRIES))
        line = f"error {shown} after {steps} steps, {1e3 * seconds:.2f} ms"
        if descent_losses.min() <= goal:
            epochs = first_at(descent_losses, goal)
            listing = epochs * listing_per_epoch
            ratio = listing / seconds
            line += f"; the listing needs {epochs:,} epochs, {listing:.1f} s: {ratio:,.0f} ×"
        else:
            line += f"; descent stays at {descent_losses[-1]:.2f}"
        print(line)


def levenberg_marquardt(X, y, weights, steps):
    """The losses, and the seconds that the training takes."""
    network = Network([2, 4, 1], bias=False, weights=weights)
    start = time.perf_counter()
    history = network.train(X, y, optimizer=LevenbergMarquardt(), epochs=steps)
    return history.loss, time.perf_counter() - start


def first_at(losses, goal):
    """How many epochs it takes until the loss is so low."""
    return int(np.argmax(losses <= goal))


def run_listing(listing, seconds, most):
    """The errors of at most `most` epochs, and the time of one, after so many seconds."""
    errors = []
    start = time.perf_counter()
    while len(errors) < most:
        errors.append(next(listing))
        elapsed = time.perf_counter() - start
        if elapsed > seconds:
            break
    return errors, elapsed / len(errors)
