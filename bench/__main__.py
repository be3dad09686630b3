"""``python -m bench``: the fused loop against the tutorials' listings, on one core."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import platform
import statistics
import time
from itertools import islice

import denseloop
import numpy as np
from denseloop import _core

from bench.cases import CASES

ROUNDS = 15
SECONDS_A_ROUND = 0.1
COMPARED_EPOCHS = 500


def compare(case):
    """Both contenders do the same work: their errors agree before anything is timed."""
    expected = [case.printed(step) for step in islice(case.listing(), COMPARED_EPOCHS)]
    history = case.network().train(case.X, case.y, epochs=COMPARED_EPOCHS, **case.options)
    np.testing.assert_allclose(history.loss, expected, rtol=1e-11)


def seconds_an_epoch(run, epochs):
    start = time.perf_counter()
    run(epochs)
    return (time.perf_counter() - start) / epochs


def fitting_epochs(run):
    """So many epochs that a round takes its time."""
    epochs = 1
    while (seconds := seconds_an_epoch(run, epochs)) * epochs < SECONDS_A_ROUND / 4:
        epochs *= 4
    return max(1, round(SECONDS_A_ROUND / seconds))


def measure(case):
    """Interleaved rounds: the times of both, and the ratio round by round."""
    listing, network = case.listing(), case.network()

    def run_listing(epochs):
        for _ in islice(listing, epochs):
            pass

    def run_loop(epochs):
        network.train(case.X, case.y, epochs=epochs, **case.options)

    contenders = [(run, fitting_epochs(run)) for run in (run_listing, run_loop)]
    rounds = [[seconds_an_epoch(*contender) for contender in contenders] for _ in range(ROUNDS)]
    slow, fast = zip(*rounds)
    return slow, fast, [a / b for a, b in rounds]


def main():
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(
        f"denseloop {denseloop.__version__} ({_core.active_target()}), NumPy {np.__version__}, "
        f"Python {platform.python_version()}, {platform.machine()}, one core, float64"
    )
    print(f"medians of {ROUNDS} interleaved rounds; the ratio with its quartiles\n")
    row = "{:<22}{:>18}{:>18}{:>22}"
    print(row.format("full batch, an epoch", "NumPy listing", "denseloop", "ratio"))
    for make in CASES:
        case = make()
        compare(case)
        slow, fast, ratios = measure(case)
        low, median, high = statistics.quantiles(ratios, n=4)
        times = [f"{1e6 * statistics.median(t):.3g} µs" for t in (slow, fast)]
        print(row.format(case.name, *times, f"{median:.0f} ({low:.0f} to {high:.0f})"))


if __name__ == "__main__":
    main()
