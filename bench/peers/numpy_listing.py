"""The tutorial's listing without its prints, for the cases that come from a tutorial."""

from itertools import islice

import numpy as np
from denseloop.tutorials import listings

NAME = "NumPy listing"
LIBRARIES = ["numpy"]


def hidden_layer(case):
    def run(epochs):
        steps = listings.hidden_layer(case.X, case.y, *case.weights, case.learning_rate)
        losses = list(islice(steps, epochs))
        end = steps.gi_frame.f_locals  # the listing does not return its weights
        return losses, [end["hidden"], end["output"]]

    return run


def hidden_neurons(case):
    x, target = case.X[0], case.y[0]
    hidden, output = case.weights[0].T, case.weights[1][:, 0]

    def run(epochs):
        steps = listings.hidden_neurons(x, target, hidden, output, case.learning_rate)
        losses = [error[0] for _, error in islice(steps, epochs)]
        end = steps.gi_frame.f_locals
        return losses, [np.transpose(end["hidden"]), end["output"].reshape(-1, 1)]

    return run


LISTINGS = {"hidden_layer": hidden_layer, "hidden_neurons": hidden_neurons}


def variants(case, threads):
    return {"": LISTINGS[case.listing](case)} if case.listing else {}
