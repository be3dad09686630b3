"""A training whose sums come from the workers of a Dask cluster."""

from contextlib import ExitStack
from dataclasses import replace

import numpy as np
from distributed import Client, get_client

from denseloop import _checks, _core, _threads
from denseloop._dask.cluster import ClusterRows
from denseloop._dask.partitions import read_parts
from denseloop._dask.terms import WorkerTerms
from denseloop._dask.waiting import without_a_thread
from denseloop._sums.terms import Terms
from denseloop._sums.tree import blocks_of, remote_sums, require_usable_sum
from denseloop._training.plan import Plan, check_batch_size, check_restore_best, make_terms
from denseloop._training.samples import EVAL_SET
from denseloop._warnings import warn
from denseloop.optimizers import LevenbergMarquardt
from denseloop.progress import report_to
from denseloop.trainer import Trainer, check_epochs

NAMES = "X", "y", "sample_weight"
FEW = _core.max_rows  # samples, for which the core has other kernels


def train(client, network, X, y, sample_weight, eval_set, options, rest, epochs):
    """Train, and return the History; the arguments are those of `denseloop.dask.train`."""
    epochs = check_epochs(epochs, 1)
    batch_size, callback, callback_every, progress = rest
    learning_rate, optimizer, loss, reduction, l2, derivative_at, stopping = options
    sums = Terms.of(network, loss, reduction, derivative_at, l2)
    terms = make_terms(
        *(network.activations, network.dtype, None, learning_rate, optimizer),
        *(loss, reduction, l2, derivative_at, "simultaneous", stopping),
    )
    report = report_to(callback, network)
    callback_every = _checks.whole_number("callback_every", callback_every, 1)
    restore_best = check_restore_best(stopping, eval_set)
    if batch_size is not None:
        batch_size = _checks.whole_number("batch_size", batch_size, FEW + 1)
    if isinstance(terms.optimizer, LevenbergMarquardt):
        sums = replace(sums, least_squares=True)
    parts, eval_parts = read_parts(X, y, sample_weight), None
    require_columns("X", X, network.layer_sizes[0])
    if eval_set is not None:
        eval_X, eval_y, eval_weight = _checks.eval_set(eval_set)
        eval_parts = read_parts(eval_X, eval_y, eval_weight, EVAL_SET)
        require_columns(EVAL_SET[0], eval_X, network.layer_sizes[0])
    with ExitStack() as stack:
        stack.enter_context(without_a_thread())
        worker_terms = WorkerTerms(sums, NAMES)
        rows = stack.enter_context(ClusterRows(client, parts, worker_terms, batch_size))
        size = check_batch_size(batch_size, terms.optimizer, rows.n_rows)
        validation = None
        if eval_parts is not None:
            own = WorkerTerms(Terms.of(network, loss, reduction, "pre_activation", 0.0), EVAL_SET)
            eval_rows = stack.enter_context(ClusterRows(client, eval_parts, own))
            weighted = eval_weight is not None
            validation = core_sums(eval_rows, network, weighted, EVAL_SET), None, None
        scaling = network.scaling
        plan = Plan(
            *(terms, scaling, scaling),
            *(core_sums(rows, network, sample_weight is not None, NAMES), None, None),
            validation,
            min(size, rows.n_rows),
            restore_best,
            callback_every,
            False,
            bool(progress),
            _threads.allowed(None),
        )
        if size > rows.n_rows:
            warn(
                f"batch_size {size} is more than the {rows.n_rows} samples; all of them are one "
                f"batch"
            )
        return Trainer(network, plan, report).run(epochs)


def connected(client):
    """Return the client, or by default that of this thread."""
    if isinstance(client, Client):
        return client
    if client is not None:
        raise TypeError(
            f"client must be a distributed.Client, got a {type(client).__name__}; "
            f"distributed.Client(cluster) connects to a cluster"
        )
    try:
        return get_client()
    except ValueError:
        raise ValueError(
            "client must be a distributed.Client, or one must be connected, got None; "
            "distributed.Client() starts a cluster on this machine"
        ) from None


def require_columns(name, X, n_inputs):
    """Raise a ValueError unless X has a column for each input, as far as that is known."""
    columns = X.shape[1]
    if columns not in (n_inputs, None) and not np.isnan(columns):
        names = f": {list(X.columns)}" if hasattr(X, "columns") else ""
        raise ValueError(f"{name} must have {n_inputs} columns, got {columns}{names}")


def core_sums(rows, network, weighted, names, elsewhere="network.train"):
    """Return the core's view of rows on the workers; `elsewhere` takes few rows."""
    name, *_, name_of_weights = names
    if rows.rows_of_batch[0] <= FEW:
        raise ValueError(
            f"{name} must have more than {FEW} rows, got {rows.n_rows}; {elsewhere} takes them"
        )
    blocks = [blocks_of(n) for n in rows.rows_of_batch]
    weights = []
    if weighted:
        weights = [
            rows.evaluate("weights", None, batch).total(count)[0]
            for batch, count in enumerate(blocks)
        ]
        require_usable_sum(name_of_weights, sum(weights))

    def evaluate(kind, batch, parameters):
        number, array = rows.evaluate(kind, parameters, batch).total(blocks[batch])
        # The array of a message may be unaligned.
        return number, None if array is None else np.require(array, requirements="CA")

    return remote_sums(evaluate, rows.n_rows, network, weights)
