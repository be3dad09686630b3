"""The optimizers whose updates the core makes, from batch to batch."""

from functools import lru_cache

import numpy as np

from denseloop import _core
from denseloop.optimizers import RPROP, Adam, GradientDescent
from denseloop.schedules import Adaptive, InverseScaling

SHUFFLING = 1  # of the numbers that a network's seed stands for; 0 would be those of its weights


class Training:
    """A training by one of them: the state, which the core writes to, and the samples."""

    def __init__(self, network, plan, record):
        self._network, self._plan, self._record = network, plan, record
        self._state = network._state_of(plan.optimizer) or fresh_state(
            plan.optimizer, network.parameters
        )
        moments, counters = self._state
        if moments is None:
            moments = np.zeros((2, network.parameters.size), network.dtype)
        self._training = _core.training(
            network._layout,
            network._lock,
            network.parameters,
            plan.X,
            plan.y,
            plan.sample_weight,
            *(plan.eval_set or (None, None, None)),
            plan.objective,
            core_optimizer(plan.optimizer),
            core_schedule(plan.optimizer),
            core_stopping(plan.stopping),
            plan.update_order,
            plan.batch_size,
            shuffle_key(network.seed) if plan.shuffle else None,
            False,  # no orders from outside
            plan.num_threads,
            moments,
            counters,
            record.best_parameters,
        )

    def run(self):
        """Trains, and returns what ended it; raises what interrupts it."""
        network, plan, record = self._network, self._plan, self._record
        while True:
            pause = record.next_pause()
            network._keep_state(plan.optimizer, self._state)  # the core writes to it
            finished, ending, error = self._training.run(
                network._shuffled_epochs, *record.until(pause), record.reporter(), None, None
            )
            if plan.shuffle:
                network._shuffled_epochs += finished
            record.add(finished)
            if error is not None:
                raise error
            stop = record.pause() if finished else False
            if ending is not _core.Ending.epochs:
                return ending.name
            if stop:
                return "callback"
            if record.finished == plan.epochs:
                return "epochs"


def shuffle_key(seed):
    """The 64 bits that the core shuffles by."""
    sequence = np.random.SeedSequence(seed, spawn_key=(SHUFFLING,))
    return int(sequence.generate_state(1, np.uint64)[0])


def fresh_state(optimizer, parameters):
    """Moments (2, n_parameters), or None where there are none, and counters, as the core has them.

    The counters are updates, epochs, the adaptive rate, its lowest loss, the epochs since, and the
    powers of beta_1 and beta_2.
    """
    counters = np.array([0, 0, initial_rate(optimizer), np.inf, 0, 1, 1])
    if isinstance(optimizer, GradientDescent) and not optimizer.momentum:
        return None, counters
    moments = np.zeros((2, parameters.size), parameters.dtype)
    if isinstance(optimizer, RPROP):
        moments[1] = optimizer.initial_step
    return moments, counters


# For the core, every number is given; those that a method has no use for are 0. Trainings of one
# epoch are common enough to keep what never changes.


@lru_cache
def core_optimizer(optimizer):
    return _core.Optimizer(method(optimizer), **numbers(optimizer))


def method(optimizer):
    match optimizer:
        case GradientDescent(momentum=0):
            return _core.Method.gradient_descent
        case GradientDescent(nesterov=nesterov):
            return _core.Method.nesterov if nesterov else _core.Method.momentum
        case Adam():
            return _core.Method.adam
        case RPROP():
            return _core.Method.rprop


def numbers(optimizer):
    names = "momentum beta_1 beta_2 epsilon increase decrease smallest_step largest_step"
    found = {name: getattr(optimizer, name, 0.0) for name in names.split()}
    return {"learning_rate": initial_rate(optimizer), **found}


@lru_cache
def core_schedule(optimizer):
    rate = getattr(optimizer, "learning_rate", None)
    match rate:
        case InverseScaling():
            kind = _core.ScheduleKind.inverse_scaling
        case Adaptive():
            kind = _core.ScheduleKind.adaptive
        case _:
            kind = _core.ScheduleKind.constant
    numbers = {
        name: getattr(rate, name, 0.0) for name in "power divisor tolerance smallest".split()
    }
    return _core.Schedule(kind, patience=getattr(rate, "patience", 0), **numbers)


def core_stopping(stopping):
    if stopping is None:
        return None
    return _core.Stopping(patience=stopping.patience, tolerance=stopping.tolerance)


def initial_rate(optimizer):
    """Of its learning rate, if it has one."""
    rate = getattr(optimizer, "learning_rate", 0.0)
    return getattr(rate, "initial", rate)
