"""What the workers make of the rows of a training."""

from dataclasses import dataclass

from distributed import get_worker

from denseloop._sums.terms import Terms


@dataclass(frozen=True)
class WorkerTerms:
    """Terms with the names of the collections, for the messages."""

    terms: Terms
    names: tuple[str, str, str]

    def prepare(self, X, y, weight, partition):
        """Return the arrays of a partition as the core takes them."""
        return self.terms.read(
            X, y, weight, [f"{name} of partition {partition}" for name in self.names]
        )

    def make(self, X, y, weight, batch, first_block):
        """Return the Run of these rows, which may take all threads of the worker."""
        return self.terms.make(X, y, weight, first_block, get_worker().state.nthreads)
