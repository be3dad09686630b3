"""Sums and means over rows, with the same bits however the rows were cut."""

import numpy as np

from denseloop._sums.tree import BLOCK, TreeSum, blocks_of


def weighted_sums(values, weight=None, first_block=0):
    """Return the TreeSum of the weights and of the weighted values, in float64.

    Parameters
    ----------
    values : ndarray of shape (n_rows,) or (n_rows, n_columns)
    weight : ndarray of shape (n_rows,), optional
        By default each row counts 1.
    first_block : int, default=0
        Number of the block of rows that begins with the first one.

    Returns
    -------
    TreeSum
        Its arrays are the sum of the weights, then those of the columns.
    """
    columns = values.reshape(len(values), -1).T.astype(np.float64)
    weights = np.ones(len(values)) if weight is None else weight.astype(np.float64)
    terms = np.ascontiguousarray(np.vstack([weights, weights * columns]))
    total = TreeSum()
    for k in range(blocks_of(len(values))):
        block = np.add.reduce(terms[:, k * BLOCK : (k + 1) * BLOCK], axis=1)
        total = total.combine(TreeSum({(0, first_block + k): (0.0, block)}))
    return total


def means_of(sums, n_rows):
    """Return the means of the columns, of a TreeSum of all the rows of a batch.

    They are 0 if the weights are.
    """
    weight, *columns = sums.total(blocks_of(n_rows))[1]
    return np.array(columns) / (weight if weight > 0 else 1.0)


def weighted_means(values, weight=None):
    """Return the means of the columns of all the rows of a batch."""
    return means_of(weighted_sums(values, weight), len(values))
