"""Samples that are summed where they are."""

import numpy as np

from denseloop._sums.tree import TreeSum, blocks_of, sum_of_weights


class Run:
    """Consecutive whole blocks of a batch, packed once for many sums.

    It keeps the samples once: as the core has packed them or as they were given.

    Parameters
    ----------
    terms : Terms
    X, y, weight : ndarray, ndarray, and ndarray or None
        As `Terms.read` returns them; at least one row.
    first_block : int
        Number in the batch of the block that begins with the first row.
    threads : int
        How many threads a sum may take.
    """

    __slots__ = ("_sums", "_weights", "first_block", "n_rows", "nbytes", "terms", "threads")

    def __init__(self, terms, X, y, weight, first_block, threads):
        self.terms, self.first_block, self.threads = terms, first_block, threads
        self.n_rows = len(X)
        self.nbytes = sum(array.nbytes for array in (X, y, weight) if array is not None)
        self._weights = None if weight is None else sum_of_weights(first_block, weight)
        self._sums = terms.new_core().partial_sums(
            X, y, weight, terms.objective, first_block, threads, terms.least_squares
        )

    def evaluate(self, kind, parameters):
        """Return a TreeSum at flat parameters.

        Its kind is "losses", "gradients", "squares", "equations", as the core knows them, or
        "weights", for which the parameters are None.
        """
        if kind == "weights":
            return self._weights
        parameters = np.require(
            parameters, requirements="CA"
        )  # those of a message may be unaligned
        numbers, arrays = self._sums.evaluate(kind, parameters, self.threads)
        return TreeSum.of_blocks(self.first_block, blocks_of(self.n_rows), numbers, arrays)

    def rows(self):
        """Return new or kept arrays of X, y, and the weights or None."""
        return self._sums.rows()

    def __sizeof__(self):
        return object.__sizeof__(self) + self.nbytes

    def __reduce__(self):
        return Run, (self.terms, *self.rows(), self.first_block, self.threads)
