"""The tutorials' listings with their own functions, and with denseloop's imported in their place.

Each call is one iteration of a listing, without its print.
"""

from dataclasses import replace
from functools import partial
from itertools import islice

import denseloop
import numpy as np
from denseloop.tutorials import listings
from denseloop.tutorials.catalogue import TUTORIALS

from bench.harness.calls import measure_calls
from bench.harness.names import REFERENCE

OWN = "own functions"
FUNCTIONS = {OWN: listings.FORMULAS, REFERENCE: denseloop}  # the first is what the other must reach
COMPARED, TOLERANCE = 100, 1e-9  # iterations, and the relative tolerance of their errors
TURN_SHARE = 1 / 3  # share of a contender's turn in other sections


# The tutorials in the catalogue.
LISTINGS = {
    "part 1, one weight": "paperspace-1-1",
    "part 3, 3 inputs": "paperspace-3-2-1",
    "part 3, 10 inputs": "paperspace-10-2-1",
    "perceptron on the moons": "stackabuse-perceptron",
    "hidden layer on the moons": "stackabuse-hidden-layer",
}


def measurements(job):
    short = replace(job, turn=TURN_SHARE * job.turn)
    return [
        (name, partial(measure_listing, name, TUTORIALS[tutorial], short))
        for name, tutorial in LISTINGS.items()
        if job.has_case(name)
    ]


def measure_listing(name, tutorial, job):
    def start(functions):
        return tutorial.start_listing(functions=functions)

    errors = {
        who: np.array([error_of(step) for step in islice(start(functions), COMPARED)])
        for who, functions in FUNCTIONS.items()
    }

    def fault(who, _):
        error = np.max(abs(errors[who] / errors[OWN] - 1))
        return f"errors differ by {error:.2g}" if not error <= TOLERANCE else None

    calls = {who: partial(next, start(functions)) for who, functions in FUNCTIONS.items()}
    return {
        "case": name,
        "repeated": "iteration",
        "dtype": "float64",
        "threads": job.threads,
        "peers": measure_calls(calls, fault, replace(job, peers=None)),
    }


def error_of(step):
    """Return the error of an iteration, which may yield its prediction too."""
    return np.ravel(step[1] if isinstance(step, tuple) else step).item()
