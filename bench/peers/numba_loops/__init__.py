"""Numba: the whole training is one compiled function, with its loops written by hand.

Each module is a variant for some networks. Loop bounds and options are constants of the compiled
functions, so that short loops are unrolled and unused options cost nothing.
"""

from bench.peers.numba_loops.one_sample import one_sample
from bench.peers.numba_loops.products import products
from bench.peers.numba_loops.tiles import tiles

NAME = "Numba"
LIBRARIES = ["numba"]
SLOW = ["tiles"]
NARROW = 24  # neurons of a layer; far above this the matrix products are faster


def variants(case, threads):
    if len(case.X) == 1 and len(case.layer_sizes) == 3 and case.updates and not case.biases:
        return {"one sample": one_sample(case)}
    if case.update_order != "simultaneous":
        return {}
    found = {"products": products(case)}
    narrow = max(case.layer_sizes) <= NARROW
    if narrow and case.batch_size is None and case.output_activation != "softmax":
        found["tiles"] = tiles(case)
    return found
