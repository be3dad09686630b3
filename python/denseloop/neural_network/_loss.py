"""An estimator's loss, as `Network` and the core name it, and what scikit-learn adds to it."""

from functools import cache, cached_property, lru_cache

import numpy as np
from scipy.special import xlogy

from denseloop import _core
from denseloop._core_terms import CROSS_ENTROPIES, resolve_loss
from denseloop._sums.means import weighted_means
from denseloop.losses import Huber, Quantile

LOSSES = {
    "squared_error": "half_squared_error",
    "huber": Huber(1.0),
    "quantile": Quantile(0.5),
}


def network_loss(estimator):
    """Return the loss that `Network.train` calls so."""
    if estimator.loss == "log_loss":
        multiclass = estimator.out_activation_ == "softmax"
        return "cross_entropy" if multiclass else "binary_cross_entropy"
    if isinstance(estimator.loss, str):
        return LOSSES.get(estimator.loss, estimator.loss)
    return estimator.loss


@cache
def clipped_loss(dtype):
    """Return the cross-entropy of a probability that is clipped at the dtype's epsilon."""
    return -np.log(np.finfo(dtype).eps)


def objective(estimator, dtype, *, penalized=True):
    """Return the core's Objective with scikit-learn's value and gradient.

    Scikit-learn averages squared errors over the outputs in the value, but sums them in the
    gradient; the solver "lm", which it lacks, sums them in both. Its logarithms
    clip probabilities at the dtype's epsilon.
    """
    averages = estimator.loss == "squared_error" and estimator.solver != "lm"
    value_scale = 1 / estimator.n_outputs_ if averages else 1.0
    l2 = estimator.alpha if penalized else 0.0
    return objective_plan(network_loss(estimator), dtype, value_scale, l2)


@lru_cache  # partial fits are common enough
def objective_plan(loss, dtype, value_scale, l2):
    """Return the core's Objective of a loss as `Network.train` calls it."""
    name, member, parameter = resolve_loss(loss, dtype)
    if name in CROSS_ENTROPIES:
        parameter = clipped_loss(dtype)
    return _core.ObjectivePlan(
        member,
        parameter=parameter,
        value_scale=value_scale,
        reduction=_core.Reduction.mean,
        l2=l2,
    )


def poisson_constants(y):
    """Return y log(y) - y (n_samples,), summed over the outputs.

    Scikit-learn's Poisson loss adds it to the core's, a - y log(a) for outputs a.
    """
    return (xlogy(y, y) - y).sum(axis=1)


def loss_constant(estimator, y, sample_weight):
    """Return scikit-learn's mean loss over these samples minus the core's."""
    if estimator.loss != "poisson":
        return 0.0
    return float(weighted_means(poisson_constants(y), sample_weight)[0])


class PoissonConstants:
    """Scikit-learn's Poisson loss minus the core's, for the epochs of a training."""

    def __init__(self, y, sample_weight, batch_size):
        self._constants, self._weights = poisson_constants(y), sample_weight
        self._starts = np.arange(0, len(y), batch_size)
        self._sizes = np.diff(self._starts, append=len(y))

    def epoch_means(self, orders, epochs):
        """Return the batches' means in each epoch (epochs,), averaged by their sizes.

        `orders` (epochs, n_samples) has the order of the samples in each epoch, or is None.
        """
        if self._weights is None or orders is None:
            return np.full(epochs, self._mean_in_order)
        weights, weighted = self._weights[orders], (self._weights * self._constants)[orders]
        sums = np.add.reduceat(weights, self._starts, axis=1)
        means = np.add.reduceat(weighted, self._starts, axis=1) / np.where(sums > 0, sums, 1)
        return means @ self._sizes / len(self._constants)

    @cached_property
    def _mean_in_order(self):
        means = []
        for start, size in zip(self._starts, self._sizes):
            rows = slice(start, start + size)
            weight = None if self._weights is None else self._weights[rows]
            means.append(weighted_means(self._constants[rows], weight)[0])
        return mean_of_batches(means, self._sizes)


def mean_of_batches(means, sizes):
    """Return the mean of all rows, of the means of batches and their numbers of rows."""
    return float(sum(mean * int(size) for mean, size in zip(means, sizes)) / int(sum(sizes)))
