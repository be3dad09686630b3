"""The roofline: the least time that one core could take for the arithmetic of a case.

It is measured at the same moment as the contenders. The core's routines make multiply-adds as fast
as the active CPU target can, and the training loop's sigmoids in the first-level cache.
"""

import time

import numpy as np
from denseloop import _core

CACHED_BYTES = 16384
MULTIPLY_ADDS = {"float64": _core.multiply_adds64, "float32": _core.multiply_adds32}


def roofline_contenders(dtype, turn):
    """Return the routines to measure among the contenders.

    Returns
    -------
    dict of str to (callable, int)
        By "multiply_adds" and "sigmoids": a function of how many to make, and how many of them
        take a turn of about `turn` seconds.
    """
    make, z = MULTIPLY_ADDS[np.dtype(dtype).name], np.zeros(CACHED_BYTES, np.uint8).view(dtype)
    runs = {
        "multiply_adds": make,
        "sigmoids": lambda count: _core.loop_sigmoid(z, count // z.size),
    }
    # The least number that each can make, of which its turns are a multiple.
    smallest = {"multiply_adds": make(1), "sigmoids": z.size}
    return {name: (run, double_until(run, smallest[name], turn)) for name, run in runs.items()}


def double_until(run, count, seconds):
    """Return `count`, doubled until `run(count)` takes about `seconds`."""
    while True:
        start = time.perf_counter()
        run(count)
        if time.perf_counter() - start > seconds / 2:
            return count
        count *= 2


def roofline_entry(work, seconds):
    """Return an entry's "roofline", in seconds, and its "rates", per second, round by round.

    Parameters
    ----------
    work : dict
        The "multiply_adds" and "sigmoids" of an epoch or call.
    seconds : dict of str to list of float
        Seconds of one multiply-add and of one sigmoid in every round.
    """
    pairs = list(zip(seconds["multiply_adds"], seconds["sigmoids"]))
    return {
        "roofline": [work["multiply_adds"] * m + work["sigmoids"] * s for m, s in pairs],
        "rates": {f"{name}_per_second": [1 / s for s in seconds[name]] for name in seconds},
    }
