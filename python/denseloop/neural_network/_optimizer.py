"""The optimizer of the solvers that update the parameters epoch by epoch."""

from copy import copy
from dataclasses import dataclass

import numpy as np

from denseloop._training.descent import fresh_state
from denseloop.neural_network._scikit_learn import AdamOptimizer, SGDOptimizer
from denseloop.optimizers import RPROP, Adam, GradientDescent


@dataclass
class SolverState:
    """What one `partial_fit` leaves to the next.

    `schedule` is scikit-learn's optimizer without any parameters, which decides the learning rate.
    """

    optimizer: GradientDescent | Adam | RPROP
    schedule: SGDOptimizer | AdamOptimizer
    moments: np.ndarray
    counters: np.ndarray


def fresh_solver_state(estimator):
    """Return the SolverState with which the estimator's hyperparameters start a fit."""
    rate, parameters = float(estimator.learning_rate_init), estimator._network.parameters
    if estimator.solver == "rprop":
        return SolverState(RPROP(), SGDOptimizer([], rate), *fresh_state(RPROP(), parameters))
    if estimator.solver == "adam":
        schedule = AdamOptimizer(
            [],
            rate,
            beta_1=estimator.beta_1,
            beta_2=estimator.beta_2,
            epsilon=estimator.epsilon,
        )
    else:
        schedule = SGDOptimizer(
            [],
            rate,
            estimator.learning_rate,
            momentum=estimator.momentum,
            nesterov=estimator.nesterovs_momentum,
            power_t=estimator.power_t,
        )
    return _start(schedule, parameters)


def adopt_state(estimator):
    """Return the SolverState that continues from scikit-learn's own optimizer of the estimator."""
    schedule, network = copy(estimator._optimizer), estimator._network
    state = _start(schedule, network.parameters)
    if isinstance(schedule, AdamOptimizer):
        moments = [schedule.ms, schedule.vs]
        updates = schedule.t
        state.counters[[0, 5, 6]] = updates, schedule.beta_1**updates, schedule.beta_2**updates
        schedule.ms = schedule.vs = []
    else:
        moments = [schedule.velocities]
        schedule.velocities = []
    for mine, arrays in zip(state.moments, moments):
        weights, biases = network._views(mine)
        for view, array in zip([*weights, *biases], arrays):
            view[...] = array
    return state


def _start(schedule, parameters):
    """Return a fresh SolverState with the hyperparameters of scikit-learn's optimizer."""
    rate = float(schedule.learning_rate_init)
    if isinstance(schedule, AdamOptimizer):
        betas = {"beta_1": schedule.beta_1, "beta_2": schedule.beta_2}
        optimizer = Adam(rate, **betas, epsilon=schedule.epsilon)
    else:
        momentum, nesterov = schedule.momentum, schedule.nesterov
        optimizer = GradientDescent(
            rate, momentum=momentum, nesterov=bool(nesterov and momentum > 0)
        )
    moments, counters = fresh_state(optimizer, parameters)
    if moments is None:
        moments = np.zeros((2, parameters.size), parameters.dtype)
    return SolverState(optimizer, schedule, moments, counters)
