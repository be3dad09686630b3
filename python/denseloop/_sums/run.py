"""Samples that are summed where they are."""

from __future__ import annotations  # which help() shows as they are written

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from denseloop import _core
from denseloop._sums.tree import TreeSum, blocks_of, sum_of_weights

if TYPE_CHECKING:

    class RunTerms(Protocol):
        """What a Run needs of its Terms, which make it."""

        @property
        def least_squares(self) -> bool: ...
        @property
        def objective(self) -> _core.ObjectivePlan: ...
        def new_core(self) -> _core.Network32 | _core.Network64: ...


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

    def __init__(
        self,
        terms: RunTerms,
        X: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        first_block: int,
        threads: int,
    ) -> None:
        self.terms: RunTerms = terms
        self.first_block: int = first_block
        self.threads: int = threads
        self.n_rows: int = len(X)
        self.nbytes: int = sum(array.nbytes for array in (X, y, weight) if array is not None)
        self._weights = None if weight is None else sum_of_weights(first_block, weight)
        self._sums = terms.new_core().partial_sums(
            X, y, weight, terms.objective, first_block, threads, terms.least_squares
        )

    def evaluate(self, kind: str, parameters: Any) -> TreeSum | None:
        """Return a TreeSum at flat parameters.

        Its kind is "losses", "gradients", "squares", "equations", as the core knows them, or
        "weights", for which the parameters are None.
        """
        if kind == "weights":
            return self._weights
        # Those of a message may be unaligned.
        parameters = np.require(parameters, requirements=["C", "A"])
        numbers, arrays = self._sums.evaluate(kind, parameters, self.threads)
        return TreeSum.of_blocks(self.first_block, blocks_of(self.n_rows), numbers, arrays)

    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Return new or kept arrays of X, y, and the weights or None."""
        return self._sums.rows()

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + self.nbytes

    def __reduce__(self) -> tuple[Any, ...]:
        return Run, (self.terms, *self.rows(), self.first_block, self.threads)
