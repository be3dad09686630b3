"""The plan of a training: the arguments of `Network.trainer`, checked."""

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from denseloop import _checks, _core, _threads
from denseloop._core_terms import initial_rate, shuffle_key
from denseloop._training.objective import check_targets, make_objective
from denseloop._warnings import warn
from denseloop.losses import Loss
from denseloop.optimizers import GradientDescent, LevenbergMarquardt, Optimizer
from denseloop.stopping import EarlyStopping


UPDATE_ORDERS = dict(_core.UpdateOrder.__members__)


@dataclass(eq=False, kw_only=True, slots=True)
class Plan:
    """The checked arguments of `Network.trainer`, where possible in the core's terms."""

    X: np.ndarray
    y: np.ndarray
    sample_weight: np.ndarray | None
    eval_set: tuple | None  # X, y, and the sample weights or None
    optimizer: Optimizer
    loss: Loss
    objective: _core.Objective
    validation_objective: _core.Objective | None
    derivative_at: str
    update_order: _core.UpdateOrder
    batch_size: int
    shuffle_key: int | None
    stopping: EarlyStopping | None
    restore_best: bool
    callback_every: int
    record_output: bool
    progress: bool
    threads: int


def make_plan(network, given):
    """Return the Plan for the arguments of `Network.trainer`, which are attributes of `given`."""
    X, y = _checks.samples_and_targets(network, given.X, given.y)
    objective = make_objective(network, given.loss, given.reduction, given.derivative_at, given.l2)
    check_targets(given.loss, y)
    sample_weight = _checks.sample_weight(given.sample_weight, len(X), network.dtype)
    eval_set, validation_objective = given.eval_set, None
    if eval_set is not None:
        eval_set = _checks.eval_set(eval_set, network)
        check_targets(given.loss, eval_set[1], "eval_set[1]")
        validation_objective = make_objective(
            network, given.loss, given.reduction, "pre_activation", 0.0
        )
    optimizer = check_optimizer(given.learning_rate, given.optimizer, network.dtype)
    update_order = check_update_order(given.update_order, optimizer, given.l2)
    batch_size = check_batch_size(given.batch_size, optimizer, len(X))
    if given.shuffle and not optimizer.can_shuffle:
        raise ValueError(
            f"{type(optimizer).__name__} takes all samples in one order: shuffle must be False, "
            f"got {given.shuffle!r}"
        )
    if given.stopping is not None:
        _checks.instance("stopping", given.stopping, EarlyStopping)
    if given.callback is not None and not callable(given.callback):
        raise TypeError(f"callback must be a function, got {given.callback!r}")
    # Levenberg-Marquardt shares more than batches.
    shared = isinstance(
        optimizer, LevenbergMarquardt
    ) or network._parameters.core.shares_batches(min(batch_size, len(X)))
    plan = Plan(
        X=X,
        y=y,
        sample_weight=sample_weight,
        eval_set=eval_set,
        optimizer=optimizer,
        loss=given.loss,
        objective=objective,
        validation_objective=validation_objective,
        derivative_at=given.derivative_at,
        update_order=update_order,
        batch_size=min(batch_size, len(X)),
        shuffle_key=shuffle_key(network.seed) if given.shuffle else None,
        stopping=given.stopping,
        restore_best=check_restore_best(given.stopping, eval_set),
        callback_every=_checks.whole_number("callback_every", given.callback_every, 1),
        record_output=bool(given.record_output),
        progress=bool(given.progress),
        threads=_threads.allowed(given.num_threads, shared),
    )
    if batch_size > len(X):
        warn(
            f"batch_size {batch_size} is more than the {len(X)} samples; all of them are one batch"
        )
    return plan


def check_optimizer(learning_rate, optimizer, dtype):
    """Return the optimizer, or gradient descent at the learning rate."""
    if (learning_rate is None) == (optimizer is None):
        got = f"learning_rate={learning_rate!r} and optimizer={optimizer!r}"
        raise TypeError(f"give either a learning_rate or an optimizer, got {got}")
    if optimizer is None:
        cached = type(learning_rate) is float
        optimizer = (_descent if cached else GradientDescent)(learning_rate)
    _checks.instance("optimizer", optimizer, Optimizer)
    _check_numbers(optimizer, dtype)
    return optimizer


_descent = lru_cache(GradientDescent)


@lru_cache
def _check_numbers(optimizer, dtype):
    """Raise a ValueError unless the optimizer's numbers can be used in the dtype."""
    for field in fields(optimizer):
        value = getattr(optimizer, field.name)
        if isinstance(value, float):
            _checks.number(field.name, value, least=0, dtype=dtype)
    _checks.number("learning_rate", initial_rate(optimizer), least=0, dtype=dtype)
    epsilon = getattr(optimizer, "epsilon", None)
    if epsilon is not None and dtype.type(epsilon) == 0:
        raise ValueError(f"epsilon must be above 0 in {dtype}, got {epsilon!r}")


def check_update_order(update_order, optimizer, l2):
    """Return the core's UpdateOrder, if the optimizer allows it."""
    order = _checks.choice("update_order", update_order, UPDATE_ORDERS)
    method = getattr(optimizer, "core_method", None)
    plain = method is _core.Method.gradient_descent and l2 == 0
    if order is _core.UpdateOrder.output_first and not plain:
        raise ValueError(
            f"update_order 'output_first' is a quirk of plain gradient descent, without momentum "
            f"and with l2=0; got {optimizer} and l2={l2!r}"
        )
    return order


def check_batch_size(batch_size, optimizer, n_samples):
    """Return the number of samples in a batch, which may still exceed `n_samples`."""
    if batch_size is None:
        return n_samples
    batch_size = _checks.whole_number("batch_size", batch_size, 1)
    if optimizer.full_batch and batch_size < n_samples:
        raise ValueError(
            f"{type(optimizer).__name__} takes all samples to an update: batch_size must be None "
            f"or at least {n_samples}, got {batch_size}"
        )
    return batch_size


def check_restore_best(stopping, eval_set):
    """Return whether the best parameters are to be restored."""
    if stopping is None:
        return False
    if stopping.restore_best and eval_set is None:
        raise ValueError(
            "restore_best=True needs an eval_set: the training loss is taken before each update "
            "and belongs to other parameters"
        )
    return eval_set is not None and stopping.restore_best is not False
