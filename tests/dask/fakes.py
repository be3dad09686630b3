"""Terms whose sums show which rows were summed where; workers import this module."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np


class Recorded:
    """The first columns of the rows of each run, by batch and first block."""

    nbytes = 100

    def __init__(self, runs, workers):
        self.runs, self.workers = runs, workers

    def combine(self, other):
        assert not set(self.runs) & set(other.runs)
        workers = dict(self.workers)
        for pid, n in other.workers.items():
            workers[pid] = workers.get(pid, 0) + n
        return Recorded({**self.runs, **other.runs}, workers)

    def rows(self):
        """Return the first columns in the order of the rows."""
        return [number for key in sorted(self.runs) for number in self.runs[key]]


@dataclass
class FakeRun:
    """A run that returns `Recorded`; "wait" does so once there is a file "go" in the folder."""

    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    batch: int
    first_block: int
    folder: str

    def evaluate(self, kind, parameters):
        if kind == "wait":
            Path(self.folder, f"waiting-{os.getpid()}").touch()
            while not Path(self.folder, "go").exists():
                time.sleep(0.005)
        if kind == "fail" and 0 in self.X[:, 0]:
            raise ArithmeticError(f"the run of batch {self.batch} fails")
        if kind == "sum":
            assert parameters.sum() == len(parameters)
        numbers = [int(number) for number in self.X[:, 0]]
        if self.y is not None:
            assert (self.y[:, 0] == 2 * self.X[:, 0]).all()
        if self.weight is not None:
            assert (self.weight == 3 * self.X[:, 0]).all()
        return Recorded({(self.batch, self.first_block): numbers}, {os.getpid(): len(numbers)})


@dataclass
class FakeTerms:
    """Arrays are converted, NaN is refused. For each file "kill-*" a worker dies at the first."""

    folder: str = ""

    def prepare(self, X, y, weight, partition):
        if partition == 0 and self.folder and (files := list(Path(self.folder).glob("kill-*"))):
            files[0].unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        X = np.asarray(X, dtype=float)
        for row in np.flatnonzero(np.isnan(X).any(axis=1)):
            raise ValueError(f"X must be finite, got nan in row {row} of partition {partition}")
        y = y if y is None else np.asarray(y, dtype=float)
        y = y[:, None] if y is not None and y.ndim == 1 else y
        return X, y, weight if weight is None else np.asarray(weight, dtype=float)

    def make(self, X, y, weight, batch, first_block):
        return FakeRun(X, y, weight, batch, first_block, self.folder)
