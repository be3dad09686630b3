"""Optimizers, schedules, stopping and losses in the core's terms.

Both `Network` and the estimators of `denseloop.neural_network` build their trainings from these.
"""

import sys
from functools import lru_cache

import numpy as np

from denseloop import _checks, _core
from denseloop.losses import DEFAULT_LOSSES, ParametricLoss
from denseloop.optimizers import DescentOptimizer
from denseloop.schedules import Schedule

SHUFFLING = 1  # spawn key of the numbers that shuffle; 0 would be those that draw the weights
CROSS_ENTROPIES = ("binary_cross_entropy", "cross_entropy")
# What a training minimizes by the derivatives that a function of the user's returns.
CALLER_LOSS = _core.Loss.linear
# Losses that are chosen by name: the bound of the cross entropies is no parameter of the user's.
NAMED_LOSSES = [
    name
    for name, traits in _core.loss_traits.items()
    if (traits.parameter is None or name in CROSS_ENTROPIES) and name != CALLER_LOSS.name
]


@lru_cache
def shuffle_key(seed):
    """Return the 64 bits by which the core shuffles, for a network's seed."""
    sequence = np.random.SeedSequence(seed, spawn_key=(SHUFFLING,))
    return int(sequence.generate_state(1, np.uint64)[0])


def fresh_state(optimizer, parameters):
    """Return the state from which a DescentOptimizer starts to train `parameters`."""
    return _core.OptimizerState.fresh(
        first_slots(optimizer),
        parameters.size,
        parameters.dtype == np.float64,
        initial_rate(optimizer),
    )


# Trainings of one epoch are common enough to keep what never changes.


@lru_cache
def first_slots(optimizer):
    """Return the values of a DescentOptimizer's slots before the first update."""
    n_slots = _core.method_traits[optimizer.core_method.name].n_slots
    return optimizer.first_slots or (0.0,) * n_slots


@lru_cache
def core_optimizer(optimizer):
    """Return the core's plan of a DescentOptimizer."""
    _checks.instance("optimizer", optimizer, DescentOptimizer)
    numbers = {name: getattr(optimizer, name) for name in optimizer.hyperparameters}
    return _core.OptimizerPlan(
        optimizer.core_method, learning_rate=initial_rate(optimizer), **numbers
    )


@lru_cache
def core_schedule(optimizer):
    """Return the core's schedule of a DescentOptimizer's learning rate."""
    rate = optimizer.learning_rate
    if isinstance(rate, float):
        return _core.Schedule(_core.ScheduleKind.constant)
    _checks.instance("learning_rate", rate, Schedule)
    numbers = {name: getattr(rate, name) for name in rate.core_numbers}
    if "patience" in numbers:
        numbers["patience"] = min(numbers["patience"], sys.maxsize)
    return _core.Schedule(rate.core_kind, **numbers)


def core_stopping(stopping):
    """Return the core's Stopping for an EarlyStopping, or None for None."""
    if stopping is None:
        return None
    return _core.Stopping(
        patience=sys.maxsize if stopping.patience is None else min(stopping.patience, sys.maxsize),
        tolerance=stopping.tolerance,
        relative_tolerance=stopping.relative_tolerance,
        goal=-np.inf if stopping.goal is None else stopping.goal,
    )


def initial_rate(optimizer):
    """Return the learning rate of the first epoch, 0 for an optimizer that has none."""
    rate = getattr(optimizer, "learning_rate", 0.0)
    return rate.initial if isinstance(rate, Schedule) else rate


def is_function(loss):
    """Return whether the loss is a function of the user's; classes are no losses."""
    return callable(loss) and not isinstance(loss, type)


def resolve_loss(loss, dtype):
    """Return the name, member and parameter of a loss given as name, Huber or Quantile.

    CALLER_LOSS stands for itself. The parameter of the cross entropies is the largest
    -log(probability) that counts; 0 stands for no parameter.
    """
    if loss is CALLER_LOSS:
        return loss.name, loss, 0.0
    if isinstance(loss, str):
        loss = DEFAULT_LOSSES.get(loss, loss)
    if isinstance(loss, ParametricLoss):
        name, parameter = loss.core_name, loss.parameter
        _checks.number(_core.loss_traits[name].parameter, parameter, above=0, dtype=dtype)
        return name, _core.Loss[name], parameter
    if not (isinstance(loss, str) and loss in NAMED_LOSSES):
        names = [*NAMED_LOSSES, *DEFAULT_LOSSES]
        raise ValueError(
            f"loss must be one of {_checks.listed(names)}, Huber(...), Quantile(...) "
            f"or a function; "
            f"got {loss!r}{_checks.did_you_mean(loss, names)}"
        )
    return loss, _core.Loss[loss], np.inf if loss in CROSS_ENTROPIES else 0.0
