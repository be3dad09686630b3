"""The tutorial's moons, trained side by side with its NumPy listing."""

import os
import time

import numpy as np

from denseloop import _progress, listings, plotting, tutorials

EPOCHS = 200_000
SECONDS_FOR_EACH_LISTING = 3.0
COMPARED_EPOCHS = 1_000  # later on, the descent amplifies differences in the last bit

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
    _progress.tqdm_class()  # the clock below should not count its import
    print(f"make_moons, 100 points, {epochs:,} epochs of gradient descent at learning rate 0.5\n")
    X, y, random = tutorials.moons()
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
        replay = tutorials.replay(name, epochs=epochs, progress=True)
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
    plotting.demo_figure(*replays.values(), listing_errors).savefig(picture)
    print(f"Picture: {picture}")
    return ratios


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
