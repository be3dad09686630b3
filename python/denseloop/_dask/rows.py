"""What runs on the workers: tasks, and the rows that they keep there."""

import functools
import sys
import threading

import numpy as np
from dask.sizeof import sizeof
from distributed import get_worker

from denseloop._checks import require_rows


class Home:
    """Runs that stay together: those of some partitions, by batch."""

    def __init__(self, runs):
        self.runs = runs
        self.lock = threading.Lock()

    def __reduce__(self):
        return Home, (self.runs,)

    def __sizeof__(self):
        return sum(sizeof(run) for runs in self.runs.values() for run in runs)

    def evaluate(self, kind, parameters, batch):
        """Return the sums of its runs of a batch.

        Only one task at a time computes them: a task that was cancelled may still be running.
        """
        with self.lock:
            return combined(run.evaluate(kind, parameters) for run in self.runs[batch])


def combined(all_sums):
    """Return one object for sums in any order."""
    return functools.reduce(lambda total, sums: total.combine(sums), all_sums)


def versions():
    """Return the versions on which the bits depend."""
    return {"denseloop": sys.modules["denseloop"].__version__, "NumPy": np.__version__}


def require_versions(expected, found=None, worker=None):
    """Raise a RuntimeError unless a worker has the versions of the client; by default, this one."""
    found = found or versions()
    for name, version in expected.items():
        if found[name] != version:
            worker = worker or get_worker().address
            raise RuntimeError(
                f"all processes must have the same {name}: the worker at {worker} has "
                f"{found[name]}, this program {version}; "
                f"pip install {name.lower()}=={version} there, and start the worker again"
            )


def prepare(terms, expected, partition, X, y, weight):
    """Return the arrays of a partition, checked and converted."""
    require_versions(expected)
    for name, value in ("X", X), ("y", y):
        if value is not None:
            require_rows(f"{name} of partition {partition}", value)
    for name, value in ("y", y), ("sample_weight", weight):
        if value is not None and len(value) != len(X):
            raise ValueError(
                f"Number of rows of {name} ({len(value)}) must match number of rows of X "
                f"({len(X)}) in partition {partition}; make both with the same partitions"
            )
    return terms.prepare(X, y, weight, partition)


def n_rows(arrays):
    """Return the number of rows of a partition."""
    return len(arrays[0])


def cut(arrays, start, stop):
    """Return some rows of a partition, for the worker that has the others of their block."""
    return tuple(array if array is None else array[start:stop] for array in arrays)


def build(terms, expected, runs, partitions, arrays, pieces, cuts):
    """Return the home of `runs`.

    `arrays` are those of whole `partitions`, `cuts` the rows of `pieces` of other ones.
    """
    require_versions(expected)
    whole, others = dict(zip(partitions, arrays)), dict(zip(pieces, cuts))

    def rows_of(piece):
        return others[piece] if piece in others else cut(whole[piece[0]], *piece[1:])

    by_batch = {}
    for run in runs:
        X, y, weight = joined([rows_of(piece) for piece in run.pieces])
        made = terms.make(X, y, weight, run.batch, run.first_block)
        by_batch.setdefault(run.batch, []).append(made)
    return Home(by_batch)


def joined(pieces):
    """Return the rows of all pieces; those of one are not copied."""
    if len(pieces) == 1:
        return pieces[0]
    return tuple(None if parts[0] is None else np.concatenate(parts) for parts in zip(*pieces))


def shared(parameters):
    """Return parameters that all workers copy from the one that runs this."""
    return parameters


def moved(homes, expected):
    """Return a home on the worker that runs this, alone in a list."""
    require_versions(expected)
    return homes[0]


def evaluate(homes, expected, kind, parameters, batch):
    """Return the sums of a batch over all homes of a worker."""
    require_versions(expected)
    return combined(home.evaluate(kind, parameters, batch) for home in homes)
