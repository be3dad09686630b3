"""The plan of a training: the arguments of `Network.trainer`, checked."""

from dataclasses import MISSING, dataclass, fields
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from denseloop import _checks, _core, _threads
from denseloop._caching import cached_call
from denseloop._core_terms import (
    CALLER_LOSS,
    core_optimizer,
    core_schedule,
    core_stopping,
    first_slots,
    initial_rate,
    shuffle_key,
)
from denseloop._training.caller_loss import check_caller_terms
from denseloop._training.objective import check_targets, make_objective
from denseloop._training.samples import read_eval_set, read_samples
from denseloop._warnings import warn
from denseloop.activations import activation_name
from denseloop.losses import Loss
from denseloop.optimizers import (
    OPTIMIZERS,
    DescentOptimizer,
    GradientDescent,
    LearningRate,
    LevenbergMarquardt,
    Optimizer,
)
from denseloop.scaling import Scaling
from denseloop.stopping import EarlyStopping

UPDATE_ORDERS = dict(_core.UpdateOrder.__members__)


class Terms(NamedTuple):
    """The options that do not depend on the samples, checked once for many trainings."""

    optimizer: Optimizer
    output_activation: str
    loss: Loss
    reduction: str
    derivative_at: str
    objective: _core.ObjectivePlan
    validation_objective: _core.ObjectivePlan
    stopping: EarlyStopping | None
    core_plan: _core.TrainingPlan | None  # for a DescentOptimizer, as are the next two
    first_slots: tuple[float, ...]
    rate: LearningRate | None


@dataclass(eq=False, slots=True)
class Plan:
    """The checked arguments of `Network.trainer`, where possible in the core's terms."""

    terms: Terms
    scaling_before: Scaling | None  # of the network
    scaling: Scaling | None  # which the network has once the training has begun
    X: np.ndarray
    y: np.ndarray | _core.CallerLoss32 | _core.CallerLoss64
    sample_weight: np.ndarray | None
    eval_set: tuple[Any, Any, np.ndarray | None] | None  # X, y, and the sample weights or None
    batch_size: int
    restore_best: bool
    callback_every: int
    record_output: bool
    progress: bool
    threads: int


def make_plan(
    network,
    X,
    y,
    sample_weight,
    eval_set,
    options,
    batch_size,
    shuffle,
    callback_every,
    record_output,
    progress,
    num_threads,
):
    """Return the Plan for the arguments of `Network.trainer`.

    `options` are those of `make_terms` from `learning_rate` on.
    """
    loss, scaling_before = options[2], network.scaling
    if scaling_before is not None:
        check_record_output(record_output)
    X, y, scaling = read_samples(network, loss, X, y, scaling_before, fit=True)
    if type(y) is not np.ndarray:
        options = (*options[:2], CALLER_LOSS, *options[3:])
        check_caller_terms({"sample_weight": (sample_weight, None)})
    key = shuffle_key(network.seed) if shuffle else None
    terms = cached_call(make_terms, network.activations, network.dtype, key, *options)
    check_targets(terms.loss, y)
    sample_weight = _checks.sample_weight(sample_weight, len(X), network.dtype)
    if eval_set is not None:
        eval_set = read_eval_set(network, loss, eval_set, scaling)
        check_targets(terms.loss, eval_set[1], "eval_set[1]")
    batch_size = check_batch_size(batch_size, terms.optimizer, len(X))
    if shuffle and not terms.optimizer.can_shuffle:
        raise ValueError(
            f"{type(terms.optimizer).__name__} takes all samples in one order: shuffle must be "
            f"False, got {shuffle!r}"
        )
    used_size = min(batch_size, len(X))
    # Levenberg-Marquardt shares more than batches.
    shares_batches = network._parameters.core.shares_batches
    shared = (
        isinstance(terms.optimizer, LevenbergMarquardt)
        or shares_batches(used_size)
        or (eval_set is not None and shares_batches(len(eval_set[0])))
    )
    plan = Plan(
        terms,
        scaling_before,
        scaling,
        X,
        y,
        sample_weight,
        eval_set,
        used_size,
        check_restore_best(terms.stopping, eval_set),
        _checks.whole_number("callback_every", callback_every, 1),
        bool(record_output),
        bool(progress),
        _threads.allowed(num_threads, shared),
    )
    if batch_size > len(X):
        warn(
            f"batch_size {batch_size} is more than the {len(X)} samples; all of them are one batch"
        )
    return plan


@lru_cache(typed=True)
def make_terms(
    activations,
    dtype,
    key,
    learning_rate,
    optimizer,
    loss,
    reduction,
    l2,
    derivative_at,
    update_order,
    stopping,
):
    """Return the Terms of these options, if they fit the network and one another.

    `key` decides the order of the samples; None leaves them as they are.
    """
    objective = make_objective(activations, dtype, loss, reduction, derivative_at, l2)
    if loss is CALLER_LOSS:
        check_caller_terms({"update_order": (update_order, "simultaneous")})
    optimizer = check_optimizer(learning_rate, optimizer, dtype)
    order = check_update_order(update_order, optimizer, l2)
    if stopping is not None:
        _checks.instance("stopping", stopping, EarlyStopping)
    core_plan, slots = None, ()
    if isinstance(optimizer, DescentOptimizer):
        slots = first_slots(optimizer)
        core_plan = _core.TrainingPlan(
            objective,
            core_optimizer(optimizer),
            core_schedule(optimizer),
            stopping=core_stopping(stopping),
            update_order=order,
            shuffle_key=key,
        )
    return Terms(
        optimizer,
        activation_name(activations[-1]),
        loss,
        reduction,
        derivative_at,
        objective,
        make_objective(activations, dtype, loss, reduction, "pre_activation", 0.0),
        stopping,
        core_plan,
        slots,
        vars(optimizer).get("learning_rate"),
    )


def check_optimizer(learning_rate, optimizer, dtype):
    """Return the optimizer, or gradient descent at the learning rate."""
    if isinstance(optimizer, str):
        optimizer, learning_rate = named_optimizer(optimizer, learning_rate), None
    if (learning_rate is None) == (optimizer is None):
        got = f"learning_rate={learning_rate!r} and optimizer={optimizer!r}"
        raise TypeError(f"give either a learning_rate or an optimizer, got {got}")
    if optimizer is None:
        optimizer = GradientDescent(learning_rate)
    _checks.instance("optimizer", optimizer, Optimizer)
    for field in fields(optimizer):
        value = getattr(optimizer, field.name)
        if isinstance(value, float):
            _checks.number(field.name, value, least=0, dtype=dtype)
    _checks.number("learning_rate", initial_rate(optimizer), least=0, dtype=dtype)
    epsilon = getattr(optimizer, "epsilon", None)
    if epsilon is not None and dtype.type(epsilon) == 0:
        raise ValueError(f"epsilon must be above 0 in {dtype}, got {epsilon!r}")
    return optimizer


def named_optimizer(name, learning_rate):
    """Return the optimizer of this name, with the learning rate if it is not None."""
    kind = _checks.choice("optimizer", name, OPTIMIZERS)
    defaults = {field.name: field.default for field in fields(kind)}
    if learning_rate is None:
        if defaults.get("learning_rate") is MISSING:
            raise TypeError(f"optimizer {name!r} needs a learning_rate, got None")
        return kind()
    if "learning_rate" not in defaults:
        raise TypeError(
            f"optimizer {name!r} has no learning_rate, got learning_rate={learning_rate!r}"
        )
    return kind(learning_rate=learning_rate)


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


def check_record_output(record_output):
    """Raise a ValueError if a network with scaling is to record its outputs."""
    if record_output:
        raise ValueError(
            f"record_output must be False with scaling, got {record_output!r}; a callback may call "
            f"forward"
        )


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
