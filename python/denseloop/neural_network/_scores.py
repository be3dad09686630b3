"""The scores of a fit's validation samples, from means that do not depend on how rows are cut."""

import numpy as np


def square_errors(y, outputs, center):
    """Return the squares (n_samples, 2 * n_outputs) of the errors, and of those of `center`."""
    y = y.astype(np.float64, copy=False)
    with np.errstate(over="ignore"):
        return np.hstack([(outputs - y) ** 2, (y - center) ** 2])


def r2(means):
    """Return the coefficient of determination, of the means of `square_errors`; or nan."""
    left, total = np.split(means, 2)
    # By scikit-learn's convention: 1 for no errors, otherwise 0 for targets without variance.
    scores = 1 - left / np.where(total > 0, total, np.where(left > 0, left, 1))
    return float(scores.mean()) if np.isfinite(scores).all() else np.nan


def are_right(predicted, labels):
    """Return whether all labels of a sample (n_samples,) are as predicted."""
    right = predicted == labels
    return right if right.ndim == 1 else right.all(axis=1)
