"""How the cost of an epoch grows with the samples, the width and the depth."""

from dataclasses import replace
from functools import partial

import numpy as np

from bench import peers
from bench.harness.measure import Patience, measure
from bench.sections.cases import drawn

ROUNDS = 5
TURN_SHARE = 1 / 5  # of a contender's turn elsewhere
VALUES = {
    "samples": [1, 3, 10, 30, 100, 300, 1000, 3000, 10**4, 3 * 10**4, 10**5, 3 * 10**5, 10**6],
    "width": [2**k for k in range(11)],
    "depth": [1, 2, 3, 5, 10, 20, 50, 100],
}
QUICK = {"samples": [1, 1000], "width": [8, 128], "depth": [1, 10]}
# What compiles the layers one by one takes up to four times as long for twice as many.
SECONDS_TO_BEGIN = {"samples": 60, "width": 60, "depth": 40}


def of_samples(samples, dtype):
    """The tutorial's network without biases, so that its listing can take part."""
    rate = 1 / samples
    return drawn(samples, [2, 4, 1], rate, dtype, bias=False, listing="hidden_layer")


def of_width(width, dtype):
    return drawn(100, [2, width, width, 1], 0.5, dtype, reduction="mean")


def of_depth(depth, dtype):
    case = drawn(100, [2, *depth * [8], 1], 0.5, dtype, reduction="mean")
    return replace(case, name=f"100 × 2-[{depth} × 8]-1")


CASES = {"samples": of_samples, "width": of_width, "depth": of_depth}


def points(job):
    """What there is to measure: labels, and functions that return an entry each."""
    found = peers.chosen(job)
    short = replace(job, rounds=min(ROUNDS, job.rounds), turn=TURN_SHARE * job.turn)

    def measured(axis, value, dtype, patience):
        case = CASES[axis](value, np.dtype(dtype))
        return measure(case, found, short, patience) | {"axis": axis, "value": value}

    return [
        (f"{axis} {value}, {dtype}", partial(measured, axis, value, dtype, patience))
        for dtype in job.dtypes
        for axis, values in (QUICK if job.quick else VALUES).items()
        for patience in [Patience(SECONDS_TO_BEGIN[axis], job.quick)]
        for value in values
        if job.has_case(f"{axis} {value}")
    ]
