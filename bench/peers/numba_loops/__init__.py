"""Numba: the whole training is one compiled function, with its loops written by hand.

Each module is a way for some networks. Loop bounds and options are constants of the compiled
functions, so that short loops are unrolled and what is not asked for is not there.
"""

from bench.peers.numba_loops.one_sample import one_sample
from bench.peers.numba_loops.products import products
from bench.peers.numba_loops.tiles import tiles

NAME = "Numba"
LIBRARIES = ["numba"]
SLOW = ["tiles"]
NARROW = 24  # neurons; far above it the products are faster


def variants(case, threads):
    ways = {}
    if case.optimizer != "descent":
        return ways
    if len(case.X) == 1 and len(case.layer_sizes) == 3 and case.updates and not case.biases:
        ways["one sample"] = one_sample(case)
    elif case.update_order == "simultaneous":
        ways["products"] = products(case)
        if max(case.layer_sizes) <= NARROW and case.batch_size is None:
            ways["tiles"] = tiles(case)
    return ways
