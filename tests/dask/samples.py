"""Collections whose rows are numbered, and what a scheduler has in memory."""

import time

import dask.array as da
from denseloop._dask.cluster import ClusterRows
from denseloop._dask.partitions import read_parts

from tests.dask.fakes import FakeTerms


def numbered(lengths):
    """Return X, y and weights of so many rows in each chunk; X has the numbers of the rows."""
    numbers = da.arange(sum(lengths), chunks=(tuple(lengths),))
    return numbers[:, None] * da.ones((1, 2), chunks=-1), 2 * numbers, 3 * numbers


def cluster_rows(client, lengths, batch_size=None, folder=""):
    """Return them on the workers of the client."""
    return ClusterRows(client, read_parts(*numbered(lengths)), FakeTerms(str(folder)), batch_size)


def tasks_of(client):
    """Return the names of all tasks that the scheduler has."""
    return client.run_on_scheduler(
        lambda dask_scheduler: [str(key) for key in dask_scheduler.tasks]
    )


def wait_until(condition):
    """Wait until it is true; the test's timeout ends it otherwise."""
    while not condition():
        time.sleep(0.02)
