"""The optimizer of the solvers that update the parameters epoch by epoch."""

from copy import copy
from dataclasses import dataclass

import numpy as np

from denseloop import _core
from denseloop._core_terms import fresh_state
from denseloop.neural_network._scikit_learn import AdamOptimizer, SGDOptimizer
from denseloop.optimizers import RPROP, Adam, GradientDescent
from denseloop.parameters import layer_views


@dataclass
class SolverState:
    """What one `partial_fit` leaves to the next.

    `schedule` is scikit-learn's optimizer without any parameters, which decides the learning rate.
    """

    optimizer: GradientDescent | Adam | RPROP
    schedule: SGDOptimizer | AdamOptimizer
    state: _core.OptimizerState


def fresh_solver_state(estimator):
    """Return the SolverState with which the estimator's hyperparameters start a fit."""
    rate, parameters = float(estimator.learning_rate_init), estimator._network.flat
    if estimator.solver == "rprop":
        return SolverState(RPROP(), SGDOptimizer([], rate), fresh_state(RPROP(), parameters))
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
            power_t=np.float64(estimator.power_t),  # the power of integers could take for ever
        )
    return _start(schedule, parameters)


def adopt_state(estimator):
    """Return the SolverState that continues from scikit-learn's own optimizer of the estimator."""
    schedule, network = copy(estimator._optimizer), estimator._network
    adopted = _start(schedule, network.flat)
    state = adopted.state
    if isinstance(schedule, AdamOptimizer):
        slots = [schedule.ms, schedule.vs]
        state.updates = schedule.t
        state.beta_1_power = schedule.beta_1**schedule.t
        state.beta_2_power = schedule.beta_2**schedule.t
        schedule.ms = schedule.vs = []
    else:
        slots = [schedule.velocities]  # without momentum the core has no slot for them
        schedule.velocities = []
    for slot, arrays in zip(state.slots, slots):
        weights, biases = layer_views(slot, network.layers)
        for view, array in zip([*weights, *biases], arrays):
            view[...] = array
    return adopted


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
    return SolverState(optimizer, schedule, fresh_state(optimizer, parameters))
