"""Calls whose instructions are counted, a program for `tests.callgrind`."""

from functools import partial

import numpy as np
from denseloop import Network
from scipy import sparse

from tests.callgrind import counted

ROWS, STORED, UNITS, BATCH = 200, 20, 100, 100  # STORED numbers in each row
PREDICTED, TRAINED = (20_000, 40_000), (8000, 16_000)  # features
DENSE = 2000, 500


def samples(features):
    """Return a CSR matrix that stores as many numbers for any number of features."""
    random = np.random.default_rng(0)
    columns = [np.sort(random.choice(features, STORED, replace=False)) for _ in range(ROWS)]
    starts = np.arange(0, ROWS * STORED + 1, STORED)
    numbers = random.random(ROWS * STORED)
    return sparse.csr_matrix((numbers, np.concatenate(columns), starts), (ROWS, features))


def main():
    for features in PREDICTED:
        network = Network([features, UNITS, 1], seed=0)
        counted(f"forward {features}", partial(network.forward, samples(features), num_threads=1))
    for features in TRAINED:
        network = Network([features, UNITS, 1], seed=0)
        train = partial(network.train, samples(features), np.zeros((ROWS, 1)), num_threads=1)
        counted(f"train {features}", partial(train, epochs=1, learning_rate=0.1, batch_size=BATCH))
    network = Network([*DENSE, 1], seed=0)
    one_row = np.random.default_rng(0).random((1, DENSE[0]))
    counted("one row", partial(network.forward, one_row, num_threads=1))


if __name__ == "__main__":
    main()
