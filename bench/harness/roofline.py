"""The roofline: how long the arithmetic of a case takes at least, on one core and at this moment.

The core times nothing itself; its routines make multiply-adds as fast as the active CPU target can,
and the training loop's sigmoids, in the first-level cache.
"""

import time

import numpy as np
from denseloop import _core

CACHED_BYTES = 16384
MULTIPLY_ADDS = {"float64": _core.multiply_adds64, "float32": _core.multiply_adds32}


def roofline_contenders(dtype, turn):
    """To be measured among the others: names to (run, times), with the seconds of one each."""
    make, z = MULTIPLY_ADDS[np.dtype(dtype).name], np.zeros(CACHED_BYTES, np.uint8).view(dtype)
    runs = {
        "multiply_adds": make,
        # z.size sigmoids a time
        "sigmoids": lambda count: _core.loop_sigmoid(z, count // z.size),
    }
    smallest = {"multiply_adds": make(1), "sigmoids": z.size}
    return {name: (run, lasting(run, smallest[name], turn)) for name, run in runs.items()}


def lasting(run, count, seconds):
    """`count` doubled until it takes so long: a whole number of what `run` does at once."""
    while True:
        start = time.perf_counter()
        run(count)
        if time.perf_counter() - start > seconds / 2:
            return count
        count *= 2


def roofline_entry(work, seconds):
    """What an entry has of the roofline, from the seconds of one multiply-add and one sigmoid.

    `work` has the "multiply_adds" and the "sigmoids" of what is repeated.
    """
    pairs = list(zip(seconds["multiply_adds"], seconds["sigmoids"]))
    return {
        "roofline": [work["multiply_adds"] * m + work["sigmoids"] * s for m, s in pairs],
        "rates": {f"{name}_per_second": [1 / s for s in seconds[name]] for name in seconds},
    }
