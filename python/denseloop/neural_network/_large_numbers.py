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
    squares = sum_of_squares(X)
    targets = 0.0 if estimator.loss == "log_loss" else sum_of_squares(y)
    return are_too_large(estimator, X.dtype, squares / X.shape[0], targets / X.shape[0])


def are_too_large(estimator, dtype, inputs, targets):
    """Return the same of the mean squares of the rows of X, of this dtype, and of y."""
    most = MOST[8 if estimator.solver == "lbfgs" else dtype.itemsize]
    errors = 1.0 if estimator.loss == "log_loss" else inputs + targets
    return not (1 + inputs) * errors < most  # nor for nan


def sum_of_squares(array):
    """Return the sum of the squares of all numbers."""
    values = array.data if issparse(array) else array.ravel("K")
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    return float(np.vdot(values, values))
