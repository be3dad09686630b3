"""A fit by scikit-learn's own loop."""

import logging
from itertools import pairwise

import numpy as np

from denseloop.neural_network._network import (
    hidden_layer_sizes,
    own_network,
    use_network_of_core,
)
from denseloop.neural_network._overrides import of_attributes
from denseloop.neural_network._scikit_learn import NOT_FINITE

logger = logging.getLogger("denseloop")


def fit_by_scikit_learn(estimator, X, y, sample_weight, incremental, override):
    """Train an initialized estimator by scikit-learn's loop, because of this override.

    X and y (n_samples, n_outputs) have been checked.
    """
    logger.info(
        "%s is fitted by scikit-learn's own loop because of %s", type(estimator).__name__, override
    )
    sizes = [X.shape[1], *hidden_layer_sizes(estimator), y.shape[1]]
    activations, deltas = [X] + [None] * (len(sizes) - 1), [None] * (len(sizes) - 1)
    coef_grads = [np.empty(shape, X.dtype) for shape in pairwise(sizes)]
    intercept_grads = [np.empty(size, X.dtype) for size in sizes[1:]]
    arguments = X, y, sample_weight, activations, deltas, coef_grads, intercept_grads, sizes
    with estimator._as_scikit_learns():
        if estimator.solver == "lbfgs":
            estimator._fit_lbfgs(*arguments)
        else:
            estimator._fit_stochastic(*arguments, incremental)
    estimator.evals_result_ = {}
    arrays = [*estimator.coefs_, *estimator.intercepts_]
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError(NOT_FINITE)
    if own_network(estimator) is None and not of_attributes(type(estimator)):
        use_network_of_core(estimator)
