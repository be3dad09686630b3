"""The time of an epoch, for each case of cases.py."""

from functools import partial

import numpy as np

from bench import peers
from bench.harness.measure import Patience, measure
from bench.sections.cases import CASES, QUICK


def measurements(job):
    chosen, patience = peers.choose(job), Patience(quick=job.quick)

    def measure_case(make, dtype):
        return measure(make(np.dtype(dtype)), chosen, job, patience)

    names = {make(np.dtype("float64")).name: make for make in CASES}
    return [
        (f"{name}, {dtype}", partial(measure_case, make, dtype))
        for dtype in job.dtypes
        for name, make in names.items()
        if job.has_case(name) and (name in QUICK or not job.quick)
    ]
