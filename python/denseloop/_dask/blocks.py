"""Which rows are summed together, without Dask: batches, their blocks, and runs of blocks."""

import bisect
from dataclasses import dataclass
from itertools import accumulate

from denseloop._sums.tree import BLOCK


@dataclass(frozen=True)
class Run:
    """Contiguous whole blocks of one batch, as pieces (partition, first row, row behind)."""

    batch: int
    first_block: int
    pieces: tuple

    @property
    def n_rows(self):
        """The number of its rows."""
        return sum(stop - start for _, start, stop in self.pieces)

    @property
    def home(self):
        """The partition that has most of its rows; of several, the first."""
        return max(self.pieces, key=lambda piece: piece[2] - piece[1])[0]


def plan_runs(lengths, batch_size=None, block=BLOCK):
    """Return the runs of all batches in the order of their rows.

    `lengths` are those of the partitions, whose rows follow one another. A run is either all
    blocks of a batch that lie within a partition, or one block that partitions share.
    """
    starts = [0, *accumulate(lengths)]
    n_rows = starts.pop()
    if n_rows == 0:
        raise ValueError("X and y must have at least 1 row, got 0")
    batch_size = min(batch_size or n_rows, n_rows)
    runs = []
    for batch, batch_start in enumerate(range(0, n_rows, batch_size)):
        batch_end = min(batch_start + batch_size, n_rows)
        row = batch_start
        while row < batch_end:
            partition = bisect.bisect_right(starts, row) - 1  # the last of those that start here
            end = starts[partition] + lengths[partition]
            if end < batch_end:
                end = row + max(block, (end - row) // block * block)
            end = min(end, batch_end)
            pieces = tuple(cut(lengths, starts, partition, row, end))
            runs.append(Run(batch, (row - batch_start) // block, pieces))
            row = end
    return runs


def cut(lengths, starts, partition, row, end):
    """Yield the rows from `row` to `end` by partition; the first is in `partition`."""
    while row < end:
        stop = min(end, starts[partition] + lengths[partition])
        if row < stop:
            yield partition, row - starts[partition], stop - starts[partition]
        row, partition = stop, partition + 1
