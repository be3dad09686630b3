"""Fits from several initial weights, of which the best is kept."""

import numpy as np

from denseloop.neural_network._scikit_learn import NOT_FINITE

STOPPED_EARLY = ("sgd", "adam", "rprop")  # solvers with `early_stopping`


def fit_best(estimator, restarts, initialize, train):
    """Train so many times, and leave the estimator as its best fit has left it.

    `initialize` gives the estimator new weights, for all fits but the first. `train` is called with
    the number of the fit, counted from 0, and returns whether others may follow.
    """
    best = lowest = None
    try:
        for k in range(restarts):
            if k:
                initialize()
            try:
                goes_on = train(k)
            except ValueError as error:
                if str(error) != NOT_FINITE or (best is None and k == restarts - 1):
                    raise
                continue
            if np.isfinite(estimator._network.flat).all():
                value = shortfall(estimator)
                if best is None or value < lowest:
                    best, lowest = dict(vars(estimator)), value
            if not goes_on:
                break
    finally:  # also after an exception
        if best is not None:
            vars(estimator).update(best)


def shortfall(estimator):
    """Return the number by which fits are compared; the lowest is the best."""
    fitted = vars(estimator)
    if not estimator.early_stopping or estimator.solver not in STOPPED_EARLY:
        return fitted.get("loss_", np.inf)
    if estimator.stopping_criterion == "loss":
        return fitted["best_validation_loss_"]
    return -fitted["best_validation_score_"]
