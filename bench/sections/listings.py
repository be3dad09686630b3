"""The tutorials' listings with their own functions, and with denseloop's imported in their place.

Each call is one iteration of a listing, without its print.
"""

from dataclasses import dataclass, replace
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


def one_weight(x, target, w, learning_rate, functions):
    """Run the listing of Paperspace part 1, whose numbers are Python's, as `listings` does."""
    f = functions
    while True:
        predicted = f.sigmoid(w * x)
        err = f.error(predicted, target)
        by_predicted = f.error_predicted_deriv(predicted, target)
        by_sop = f.activation_sop_deriv(predicted)
        w = f.update_w(w, f.sop_w_deriv(x) * by_sop * by_predicted, learning_rate)
        yield err


@dataclass(frozen=True)
class Listing:
    """A listing: its tutorial in the catalogue, and a function that starts it with a set-up."""

    tutorial: str
    start: callable


def start_one_weight(s, rate, functions):
    return one_weight(s.X.item(), s.y.item(), s.weights[0].item(), rate, functions)


def start_hidden_neurons(s, rate, functions, **options):
    hidden, output = s.weights[0].T.copy(), s.weights[1][:, 0]
    steps = listings.hidden_neurons(s.X[0], s.y[0], hidden, output, rate, functions, **options)
    return (error for _, error in steps)


def start_perceptron(s, rate, functions):
    return listings.perceptron(s.X, s.y, s.weights[0], s.biases[0], rate, functions)


def start_hidden_layer(s, rate, functions):
    return listings.hidden_layer(s.X, s.y, *s.weights, rate, functions)


LISTINGS = {
    "part 1, one weight": Listing("paperspace-1-1", start_one_weight),
    "part 3, 3 inputs": Listing(
        "paperspace-3-2-1", partial(start_hidden_neurons, update_in_place=False)
    ),
    "part 3, 10 inputs": Listing("paperspace-10-2-1", start_hidden_neurons),
    "perceptron on the moons": Listing("stackabuse-perceptron", start_perceptron),
    "hidden layer on the moons": Listing("stackabuse-hidden-layer", start_hidden_layer),
}


def measurements(job):
    short = replace(job, turn=TURN_SHARE * job.turn)
    return [
        (name, partial(measure_listing, name, listing, short))
        for name, listing in LISTINGS.items()
        if job.has_case(name)
    ]


def measure_listing(name, listing, job):
    tutorial = TUTORIALS[listing.tutorial]

    def start(functions):
        return listing.start(tutorial.setup(None), tutorial.learning_rate, functions)

    errors = {
        who: np.array(list(islice(start(functions), COMPARED))).ravel()
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
