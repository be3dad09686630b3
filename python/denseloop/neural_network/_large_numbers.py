"""Samples so large that their training may overflow, which are left to scikit-learn's own loop."""

import numpy as np
from scipy.sparse import issparse

# Of a squared derivative of the loss, by the bytes of a number; weights that grow have some room.
MOST = {4: 1e30, 8: 1e290}


def may_overflow(estimator, X, y):
    """Return whether squared derivatives may overflow, or X or y are not finite.

    From samples of float32 scikit-learn computes the derivatives in the dtype of y, and in any
    dtype it goes on with an infinite loss or square, as long as the weights are finite. The core
    ends such a training.
    """
    most = MOST[8 if estimator.solver == "lbfgs" else X.dtype.itemsize]
    inputs = _mean_square(X)
    errors = 1.0 if estimator.loss == "log_loss" else inputs + _mean_square(y)
    return not (1 + inputs) * errors < most  # nor for nan


def _mean_square(array):
    """Return the mean over the rows of their sums of squares."""
    values = array.data if issparse(array) else array.ravel("K")
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    return float(np.vdot(values, values)) / array.shape[0]
