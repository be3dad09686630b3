"""How the time of an epoch grows with the samples, the width and the depth."""

from dataclasses import replace
from functools import partial

import numpy as np

from bench import peers
from bench.harness.measure import Patience, measure
from bench.sections.cases import random_case

ROUNDS = 5
TURN_SHARE = 1 / 5  # of a contender's turn in other sections
VALUES = {
    "samples": [1, 3, 10, 30, 100, 300, 1000, 3000, 10**4, 3 * 10**4, 10**5, 3 * 10**5, 10**6],
    "width": [2**k for k in range(11)],
    "depth": [1, 2, 3, 5, 10, 20, 50, 100],
}
QUICK = {"samples": [1, 1000], "width": [8, 128], "depth": [1, 10]}
# The limits of `Patience`. Contenders that compile layer by layer take up to four times as long
# for twice as many layers.
FIRST_RUN_LIMIT = {"samples": 60, "width": 60, "depth": 40}


def case_of_samples(samples, dtype):
    """Return the tutorial's network without biases, so that its listing can take part."""
    rate = 1 / samples
    return random_case(samples, [2, 4, 1], rate, dtype, bias=False, listing="hidden_layer")


def case_of_width(width, dtype):
    return random_case(100, [2, width, width, 1], 0.5, dtype, reduction="mean")


def case_of_depth(depth, dtype):
    case = random_case(100, [2, *depth * [8], 1], 0.5, dtype, reduction="mean")
    return replace(case, name=f"100 × 2-[{depth} × 8]-1")


CASES = {"samples": case_of_samples, "width": case_of_width, "depth": case_of_depth}


def measurements(job):
    chosen = peers.choose(job)
    short = replace(job, rounds=min(ROUNDS, job.rounds), turn=TURN_SHARE * job.turn)

    def measure_case(axis, value, dtype, patience):
        case = CASES[axis](value, np.dtype(dtype))
        return measure(case, chosen, short, patience) | {"axis": axis, "value": value}

    return [
        (f"{axis} {value}, {dtype}", partial(measure_case, axis, value, dtype, patience))
        for dtype in job.dtypes
        for axis, values in (QUICK if job.quick else VALUES).items()
        for patience in [Patience(FIRST_RUN_LIMIT[axis], job.quick)]
        for value in values
        if job.has_case(f"{axis} {value}")
    ]
