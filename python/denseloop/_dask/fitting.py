"""Fits of the local estimators to rows on the workers, and their scores there."""

from functools import cache

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.validation import validate_data

from denseloop._dask.cluster import ClusterRows
from denseloop._dask.estimator_rows import (
    OnCluster,
    RemoteSamples,
    RemoteValidation,
    Score,
    first_validation,
)
from denseloop._dask.estimator_terms import EstimatorSums, EstimatorTerms, Labels
from denseloop._dask.labels import FoundLabels
from denseloop._dask.partitions import read_parts, require_collection
from denseloop._dask.predictions import suit
from denseloop._dask.stand_ins import FLOATS, inputs_like, n_columns, targets_like
from denseloop._dask.training import FEW, core_sums
from denseloop._dask.waiting import without_a_thread
from denseloop._sums.means import means_of
from denseloop.neural_network import _overrides
from denseloop.neural_network._callbacks import Tasks
from denseloop.neural_network._large_numbers import are_too_large
from denseloop.neural_network._loss import network_loss
from denseloop.neural_network._network import EstimatorNetwork, own_network, use_network
from denseloop.neural_network._restarts import STOPPED_EARLY
from denseloop.neural_network._validation import named_sets, parts_of_eval_set

MINI_BATCHES = ("sgd", "adam")  # solvers that take them


@cache
def trained_class(local_class, name):
    """Return a class of this name of local estimators that are fitted to rows on the workers."""
    return type(name, (OnCluster, local_class), {})


class Fit:
    """A fit of a local estimator to rows on the workers, prepared until the training.

    Parameters
    ----------
    client : distributed.Client
    local : Perceptron
        Of a `trained_class`, with its parameters; if it is to go on from a fit, with that.
    batch_size : int or None
        Number of rows of an update; None stands for all.
    stack : ExitStack
        Gets what is to be closed after the training.
    """

    def __init__(self, client, local, batch_size, stack):
        self._client, self._local, self._stack = client, local, stack
        self._batch_size = batch_size
        self._labels = None  # a classifier's

    def prepare(self, X, y, sample_weight, eval_set):
        """Read the samples; return a function that trains."""
        local = self._local
        check_options(local, self._batch_size, eval_set)
        for name, value in ("X", X), ("y", y):
            require_collection(name, value)
        first_fit = not (local.warm_start and hasattr(local, "coefs_"))
        like, no_targets, class_weight = self._validate(X, y, first_fit)
        initialize = local._begin(first_fit, no_targets, *like.shape[1:], like.dtype)
        refuse_override(_overrides.of_state(local, like, first_fit, False))
        if own_network(local) is None:
            use_network(local, EstimatorNetwork(local))
        sums = sums_of(local)
        labels = self._labels and Labels(self._labels, class_weight)
        terms = EstimatorTerms(sums, ("X", "y", "sample_weight"), labels)
        size = self._batch_size if local.solver in MINI_BATCHES else None
        rows = self._rows(X, y, sample_weight, terms, size)
        if eval_set is None:
            refuse_large_numbers(local, rows)
        local.batch_size = self._batch_size or rows.n_rows
        weighted = sample_weight is not None or class_weight is not None
        samples = RemoteSamples(rows, sums, weighted)
        validation = None if eval_set is None else self._validation(eval_set)
        tasks = Tasks(local, None, None, local.max_iter * local.n_restarts)

        def train():
            local._train(samples, validation, initialize, local.n_restarts, tasks)
            tasks.end_fit()

        return train

    def _validate(self, X, y, first_fit):
        """Check names, dtypes and labels as the local estimator does, which keeps what it finds.

        Returns rows in the dtype of X, no rows of targets, and the weights of classes or None.
        """
        local = self._local
        found = FoundLabels(self._client, y) if is_classifier(local) else None
        targets = targets_like(y) if found is None else found.sample()
        like = inputs_like(X, len(targets))
        like, targets = local._validate_input(like, targets, False, reset=first_fit)
        no_targets = np.empty((0, 1 if targets.ndim == 1 else targets.shape[1]))
        if found is None:
            return like, no_targets, None
        self._labels = local._label_binarizer
        return like, no_targets, found.class_weight(local)

    def _rows(self, X, y, sample_weight, terms, batch_size=None):
        parts = read_parts(X, y, sample_weight)
        return self._stack.enter_context(ClusterRows(self._client, parts, terms, batch_size))

    def _validation(self, eval_set):
        """Return the Validation of an `eval_set`, or of the first one in a list."""
        local, sums = self._local, sums_of(self._local, penalized=False)
        several = isinstance(eval_set, list)
        scored = several or (local.early_stopping and local.stopping_criterion == "score")
        validations = []
        for name, each in named_sets(eval_set):
            X, y, sample_weight = parts_of_eval_set(name, each)
            names = f"X of {name}", f"y of {name}", f"sample_weight of {name}"
            check_like_fit(local, names, X, y)
            terms = EstimatorTerms(sums, names, self._labels and Labels(self._labels), scored)
            rows = self._rows(X, y, sample_weight, terms)
            core = core_sums(rows, sums, sample_weight is not None, names, "a local estimator")
            validations.append(RemoteValidation(local, rows, core))
        return first_validation(local, validations, several)


def check_options(local, batch_size, eval_set):
    """Raise a ValueError for parameters that do not go together, or not with rows elsewhere."""
    local._check_combination(False, eval_set)
    refuse_override(_overrides.of_fit(local))
    if batch_size is not None and batch_size <= FEW:
        raise ValueError(
            f"batch_size must be None, for all rows, or at least {FEW + 1}, got {batch_size}; the "
            f"local estimator takes smaller batches"
        )
    if local.early_stopping and local.solver in STOPPED_EARLY and eval_set is None:
        raise ValueError(
            "early_stopping=True needs an eval_set, since no rows are split off those of a "
            "collection; give fit(X, y, eval_set=(X_val, y_val))"
        )


def refuse_override(override):
    """Raise a ValueError for what the local estimator leaves to scikit-learn's own loop."""
    if override:
        raise ValueError(
            f"{override} takes scikit-learn's own loop, which needs all samples in one memory: "
            f"leave it out, or fit the local estimator"
        )


def refuse_large_numbers(local, rows):
    """Raise a ValueError for rows whose training the local estimator leaves to scikit-learn."""
    batches = range(len(rows.rows_of_batch))
    means = np.array(
        [
            means_of(rows.evaluate("squares_of_rows", None, batch), rows.rows_of_batch[batch])
            for batch in batches
        ]
    )
    shares = np.array(rows.rows_of_batch) / rows.n_rows
    if are_too_large(local, local._network.dtype, *(shares @ means)):
        refuse_override(_overrides.of_large_numbers(local, False))


def sums_of(local, *, penalized=True):
    """Return the terms of the sums of a local estimator that has a network."""
    network = local._network
    return EstimatorSums(
        *(network.layer_sizes, True, network.resolved),
        np.dtype(np.float64) if local.solver == "lbfgs" else network.dtype,
        *(None, network_loss(local), "mean", "pre_activation"),
        local.alpha if penalized else 0.0,
        least_squares=penalized and local.solver == "lm",
    )


def check_like_fit(local, names, X, y):
    """Raise an error unless X and y, of these names, have the columns of the fit."""
    for name, value in zip(names, (X, y)):
        require_collection(name, value)
    validate_data(local, inputs_like(X, 1), reset=False, dtype=FLOATS)
    one_of_each = is_classifier(local) and not local._label_binarizer.y_type_.startswith("multil")
    expected = 1 if one_of_each else local.n_outputs_
    if n_columns(names[1], y) != expected:
        raise ValueError(f"{names[1]} must have {expected} column(s), got {n_columns(names[1], y)}")


def score(client, local, X, y, sample_weight):
    """Return the score of a fitted local estimator for rows on the workers."""
    check_like_fit(local, ("X", "y"), X, y)
    suit(local, inputs_like(X, 1, "numeric"))
    labels = Labels(local._label_binarizer, only_known=False) if is_classifier(local) else None
    names = "X", "y", "sample_weight"
    terms = EstimatorTerms(sums_of(local, penalized=False), names, labels, True)
    parts = read_parts(X, y, sample_weight)
    with without_a_thread(), ClusterRows(client, parts, terms) as rows:
        return Score(rows).of(local, local._network.flat)
