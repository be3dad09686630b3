"""One network for each group: their training, and their outputs."""

import warnings
from dataclasses import dataclass
from itertools import starmap

import numpy as np

from denseloop import _core, _threads
from denseloop._core_terms import shuffle_key
from denseloop._many.members import Members
from denseloop._training.objective import check_targets
from denseloop._training.plan import make_terms
from denseloop.each import each
from denseloop.many import run, train_many
from denseloop.networks import Networks
from denseloop.optimizers import DescentOptimizer, Optimizer
from denseloop.parameters import core_layout
from denseloop.results import DivergenceWarning, TrainingWarning
from denseloop.stopping import EarlyStopping

# Networks that are trained in one call. Their optimizers' states and histories are dropped before
# the next, and stay in the caches until then: 4096 at once take 1.6 times as long.
AT_ONCE = 512
MOST_ROWS = 1 << 16  # samples of a call that makes outputs


@dataclass(frozen=True)
class Training:
    """What all groups are trained with, in the words of `Network.train`."""

    optimizer: Optimizer
    loss: object
    l2: float
    epochs: int
    batch_size: int  # of groups with as many samples
    shuffle: bool
    stopping: EarlyStopping | None


@dataclass(frozen=True)
class Trained:
    """What is kept of the trainings of groups.

    Attributes
    ----------
    parameters : ndarray of shape (n_groups, n_parameters)
    losses : ndarray of shape (n_groups,)
    n_iter : ndarray of shape (n_groups,)
    endings : ndarray of shape (n_groups,)
        `History.stopped_by` of each.
    """

    parameters: np.ndarray
    losses: np.ndarray
    n_iter: np.ndarray
    endings: np.ndarray


def train_groups(network, training, X, y, sample_weight, starts):
    """Return what copies of `network` learn, each from the rows of a group.

    `starts` (n_groups + 1,) has where the rows of each group begin, and where the last one's end.
    """
    count = len(starts) - 1
    trained = Trained(
        np.empty((count, network.parameters.size), network.dtype),
        np.empty(count),
        np.empty(count, np.int64),
        np.empty(count, "U16"),
    )
    check_targets(training.loss, y)
    train = train_by_core
    if not isinstance(training.optimizer, DescentOptimizer):
        train = train_by_steps
    # Groups of like sizes keep the threads equally busy to the end of each call.
    by_size = np.argsort(np.diff(starts), kind="stable")
    for first in range(0, count, AT_ONCE):
        part = by_size[first : first + AT_ONCE]
        bounds = zip(starts[part].tolist(), starts[part + 1].tolist())
        stack = Networks._copies(network, len(part))
        histories = train(stack, training, X, y, sample_weight, list(starmap(slice, bounds)))
        trained.parameters[part] = stack.parameters
        curves = [history.loss for history in histories]
        trained.n_iter[part] = [len(curve) for curve in curves]
        trained.losses[part] = [curve[-1] if len(curve) else np.nan for curve in curves]
        trained.endings[part] = [history.stopped_by for history in histories]
    return trained


def train_by_core(stack, training, X, y, sample_weight, rows):
    """Train the networks of a stack, each by a slice of rows, and return their histories.

    X, y and the weights have been checked, so that a network costs no more than its plan.
    """
    double = stack.dtype == np.float64
    make_plan = _core.MemberPlan64 if double else _core.MemberPlan32
    key = shuffle_key(int(stack.seeds[0])) if training.shuffle else None
    terms = make_terms(
        *(stack.activations, stack.dtype, key, None, training.optimizer, training.loss, "mean"),
        *(training.l2, "pre_activation", "simultaneous", training.stopping),
    )
    last = terms.optimizer, terms.first_slots, terms.rate, None, None, False, False
    batch_size, epochs, core_plan = training.batch_size, training.epochs, terms.core_plan
    jobs, weight = {}, None
    for k, (core, own) in enumerate(zip(stack._all_cores(), rows)):
        if sample_weight is not None:
            weight = sample_weight[own]
        size = min(batch_size, own.stop - own.start)
        plan = make_plan(X[own], y[own], weight, None, core_plan, size, *last)
        jobs[k] = core, plan, epochs, key
    plan.check(core)
    return run(stack, Members(jobs=jobs), None, None, None)


def train_by_steps(stack, training, X, y, sample_weight, rows):
    """Do what `train_by_core` does for an optimizer whose steps Python drives."""

    def split(array):
        return each([array[part] for part in rows])

    with warnings.catch_warnings():
        for category in (DivergenceWarning, TrainingWarning):  # the estimator names the groups
            warnings.simplefilter("ignore", category)
        return train_many(
            stack,
            split(X),
            split(y),
            sample_weight=None if sample_weight is None else split(sample_weight),
            epochs=training.epochs,
            optimizer=training.optimizer,
            loss=training.loss,
            reduction="mean",
            l2=training.l2,
        )


def outputs_of(network, parameters, chosen, X, rows):
    """Return the outputs (n_rows, n_outputs) for X, each row's by its group's network.

    Parameters
    ----------
    network : Network
        One of the layout of all.
    parameters : ndarray of shape (n_networks, n_parameters)
    chosen : ndarray of shape (n_groups,)
        The row of `parameters` that each group has.
    X : ndarray of shape (n_rows, n_inputs)
    rows : GroupRows
        Groups of the rows of X.
    """
    outputs = np.empty((len(X), network.layer_sizes[-1]), network.dtype)
    layout = core_layout(network.layer_sizes, network.bias, network.activations)[0]
    make_stack = _core.NetworkStack64 if network.dtype == np.float64 else _core.NetworkStack32
    threads = _threads.allowed(None)
    sizes = np.diff(rows.starts)
    by_size = np.argsort(sizes, kind="stable")
    changes = np.flatnonzero(np.diff(sizes[by_size])) + 1
    # Groups of one size make one array, without a call for each or any padding.
    for same in np.split(by_size, changes):
        size = sizes[same[0]]
        at_once = max(1, MOST_ROWS // size)
        for first in range(0, len(same), at_once):
            part = same[first : first + at_once]
            where = rows.starts[part, None] + np.arange(size)
            if rows.order is not None:
                where = rows.order[where]
            stack = make_stack(layout, len(part))
            stack.parameters[...] = parameters[chosen[part]]
            outputs[where] = forward(stack, np.take(X, where, axis=0), threads)
    return outputs


def forward(stack, X, threads):
    """Return the outputs of a stack for X (count, n_samples, n_inputs)."""
    if len(X) >= threads:
        return stack.forward(X, threads)
    # The threads share the samples of a few networks.
    return np.stack([stack.network(k).forward(own, threads) for k, own in enumerate(X)])
