"""What an epoch costs, over the cases of cases.py."""

from functools import partial

import numpy as np

from bench import peers
from bench.harness.measure import Patience, measure
from bench.sections.cases import CASES, QUICK


def points(job):
    """What there is to measure: labels, and functions that return an entry each."""
    found, patience = peers.chosen(job), Patience(quick=job.quick)

    def measured(make, dtype):
        return measure(make(np.dtype(dtype)), found, job, patience)

    names = {make(np.dtype("float64")).name: make for make in CASES}
    return [
        (f"{name}, {dtype}", partial(measured, make, dtype))
        for dtype in job.dtypes
        for name, make in names.items()
        if job.has_case(name) and (name in QUICK or not job.quick)
    ]
