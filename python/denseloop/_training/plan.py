"""The arguments of `Network.train`, checked into a plan before anything has changed."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from denseloop import _checks, _core, _threads
from denseloop._training.descent import initial_rate
from denseloop._training.objective import objective, targets
from denseloop.optimizers import LBFGS, RPROP, Adam, GradientDescent, LevenbergMarquardt
from denseloop.stopping import EarlyStopping

OPTIMIZERS = (GradientDescent, Adam, RPROP, LBFGS, LevenbergMarquardt)
FULL_BATCH = (RPROP, LBFGS, LevenbergMarquardt)
UNORDERED = (LBFGS, LevenbergMarquardt)  # have one order of the samples


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """The arguments of `Network.train`, checked, and some in the core's terms."""

    X: np.ndarray
    y: np.ndarray
    sample_weight: np.ndarray | None
    eval_set: tuple | None  # X, y, and the sample weights or None
    epochs: int
    optimizer: object
    loss: object
    reduction: str
    derivative_at: str
    objective: _core.Objective
    update_order: _core.UpdateOrder
    batch_size: int
    shuffle: bool
    stopping: EarlyStopping | None
    restore_best: bool
    callback: Callable | None
    callback_every: int
    record_output: bool
    progress: bool
    num_threads: int


def checked(
    network,
    X,
    y,
    *,
    epochs,
    learning_rate,
    optimizer,
    loss,
    reduction,
    l2,
    sample_weight,
    derivative_at,
    update_order,
    batch_size,
    shuffle,
    eval_set,
    stopping,
    callback,
    callback_every,
    record_output,
    progress,
    num_threads,
):
    """The Plan of a training; a warning is for the caller of `Network.train`."""
    X, y = _checks.data(network, X, y)
    minimized = objective(network, loss, reduction, derivative_at, l2)
    targets(loss, y)
    sample_weight = _checks.sample_weight(sample_weight, len(X), network.dtype)
    if eval_set is not None:
        eval_set = _checks.eval_set(eval_set, network)
        targets(loss, eval_set[1], "eval_set[1]")
    optimizer = checked_optimizer(learning_rate, optimizer, network.dtype)
    order = checked_order(update_order, optimizer, l2)
    batch_size = len(X) if batch_size is None else _checks.whole_number("batch_size", batch_size, 1)
    if isinstance(optimizer, FULL_BATCH) and batch_size < len(X):
        raise ValueError(
            f"{type(optimizer).__name__} takes all samples to an update: batch_size must be None "
            f"or at least {len(X)}, got {batch_size}"
        )
    if isinstance(optimizer, UNORDERED) and shuffle:
        raise ValueError(
            f"{type(optimizer).__name__} takes all samples in one order: shuffle must be False, "
            f"got {shuffle!r}"
        )
    if stopping is not None:
        _checks.instance("stopping", stopping, (EarlyStopping,))
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be a function, got {callback!r}")
    epochs = _checks.whole_number("epochs", epochs, 0)
    _checks.history_size(epochs, y.size if record_output else 1)
    _checks.trainable(network)
    plan = Plan(
        X=X,
        y=y,
        sample_weight=sample_weight,
        eval_set=eval_set,
        epochs=epochs,
        optimizer=optimizer,
        loss=loss,
        reduction=reduction,
        derivative_at=derivative_at,
        objective=minimized,
        update_order=order,
        batch_size=min(batch_size, len(X)),
        shuffle=bool(shuffle),
        stopping=stopping,
        restore_best=checked_restore(stopping, eval_set),
        callback=callback,
        callback_every=_checks.whole_number("callback_every", callback_every, 1),
        record_output=bool(record_output),
        progress=bool(progress),
        num_threads=_threads.allowed(num_threads),
    )
    if batch_size > len(X):
        warnings.warn(
            f"batch_size {batch_size} is more than the {len(X)} samples; all of them are one batch",
            stacklevel=4,
        )
    return plan


def checked_optimizer(learning_rate, optimizer, dtype):
    """The optimizer, or plain descent at the learning rate."""
    if (learning_rate is None) == (optimizer is None):
        got = f"learning_rate={learning_rate!r} and optimizer={optimizer!r}"
        raise TypeError(f"give either a learning_rate or an optimizer, got {got}")
    if optimizer is None:
        optimizer = GradientDescent(learning_rate)
    _checks.instance("optimizer", optimizer, OPTIMIZERS)
    for field in fields(optimizer):
        value = getattr(optimizer, field.name)
        if isinstance(value, float):
            _checks.number(field.name, value, least=0, dtype=dtype)
    _checks.number("learning_rate", initial_rate(optimizer), least=0, dtype=dtype)
    if isinstance(optimizer, Adam) and dtype.type(optimizer.epsilon) == 0:
        raise ValueError(f"epsilon must be above 0 in {dtype}, got {optimizer.epsilon!r}")
    return optimizer


def checked_order(update_order, optimizer, l2):
    """The core's UpdateOrder."""
    order = _checks.choice("update_order", update_order, _core.UpdateOrder.__members__)
    plain = isinstance(optimizer, GradientDescent) and optimizer.momentum == 0 and l2 == 0
    if order is _core.UpdateOrder.output_first and not plain:
        raise ValueError(
            f"update_order 'output_first' is a quirk of plain gradient descent, without momentum "
            f"and with l2=0; got {optimizer} and l2={l2!r}"
        )
    return order


def checked_restore(stopping, eval_set):
    """Whether the best parameters are to be restored."""
    if stopping is None:
        return False
    if stopping.restore_best and eval_set is None:
        raise ValueError(
            "restore_best=True needs an eval_set: the training loss is taken before each update "
            "and tells of other parameters"
        )
    return eval_set is not None and stopping.restore_best is not False
