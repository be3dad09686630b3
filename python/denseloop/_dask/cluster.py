"""The rows of a training on the workers of a Dask cluster."""

import asyncio
from concurrent.futures import CancelledError
from functools import partial

import dask

from denseloop._dask import rows
from denseloop._dask.homes import Homes
from denseloop._dask.loading import load
from denseloop._dask.waiting import LOOK, WorkersLeft, finished, present, release, run

MOST_SPENT, MOST_SPENT_BYTES = 100, 8 << 20  # tasks whose results the workers still have
LARGE = 1 << 20  # bytes of parameters that do not go through the scheduler for each worker
WARNING = "distributed.admin.large-graph-warning-threshold"


class ClusterRows:
    """Rows that stay on the workers, and their sums.

    Parameters
    ----------
    client : distributed.Client
        The client, which is not asynchronous.
    parts : Parts
        Lazy or persisted parts of the rows, of `read_parts`.
    terms : object
        What is computed, which is sent to the workers. `terms.prepare(X, y, weight, partition)`
        returns these arrays, checked and converted; `terms.make(X, y, weight, batch, first_block)`
        a run, which may have views of them. `run.evaluate(kind, parameters)` returns sums, and
        `sums.combine(others)` those of both, and `sums.nbytes` are those of its arrays.
    batch_size : int, optional
        Number of rows of a batch; by default, all rows are one.

    Attributes
    ----------
    n_rows : int
        Number of all rows.
    rows_of_batch : list of int
        Number of rows of each batch.
    """

    def __init__(self, client, parts, terms, batch_size=None):
        if client.asynchronous:
            raise ValueError("client must be synchronous, got one with asynchronous=True")
        self._client = client
        self._spent, self._spent_bytes = [], 0  # tasks of former calls, and what they returned
        expected = rows.versions()
        load_rows = partial(load, client, parts, terms, expected, batch_size)
        self._homes = Homes(client, expected, load_rows)
        run(client, self._homes.fill())
        self.rows_of_batch = self._homes.rows_of_batch
        self.n_rows = sum(self.rows_of_batch)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Release the rows on the workers."""
        if self._homes is not None:
            release([*self._homes.futures, *self._spent])
        self._homes, self._spent, self._spent_bytes = None, [], 0

    def evaluate(self, kind, parameters, batch=0):
        """Return the sums of all rows of a batch.

        Parameters
        ----------
        kind : str
            What a run computes.
        parameters : ndarray or None
            What it computes that of.
        batch : int, default=0
            The number of the batch.

        Returns
        -------
        object
            The combined sums of all runs.

        Raises
        ------
        ConnectionError
            If the scheduler is lost.
        RuntimeError
            If rows are lost that cannot be computed again, or a worker has other versions.
        """
        if self._homes is None:
            raise RuntimeError("these rows are closed: their workers have released them")
        return run(self._client, self._evaluate(kind, parameters, batch))

    async def _evaluate(self, kind, parameters, batch):
        """Evaluate on all workers at once; again elsewhere what was on workers that left."""
        tasks, waiting = {}, self._homes.of_batch[batch]
        try:
            while waiting:
                try:
                    await self._homes.settle()
                except WorkersLeft:
                    release([*tasks, *self._spent])  # the scheduler must forget all that is stuck
                    await self._homes.fill()
                    tasks, waiting = {}, self._homes.of_batch[batch]
                    continue
                by_worker = self._homes.by_worker(waiting)
                shared = self._shared(parameters, next(iter(by_worker)))
                for worker, homes in by_worker.items():
                    task = self._homes.submit(worker, rows.evaluate, homes, kind, shared, batch)
                    tasks[task] = worker, homes
                workers = {task: worker for task, (worker, _) in tasks.items()}
                lost, sums = await self._results(workers)
                waiting = [home for task in lost for home in tasks.pop(task)[1]]
                release(lost)
        except BaseException:
            release(tasks)  # also those that the traceback refers to
            raise
        self._release_later(tasks, sum(each.nbytes for each in sums))
        return rows.combined(sums)

    def _release_later(self, tasks, nbytes):
        """Release tasks once there are some.

        The client sends at most every 10 ms, so the next call would wait for the message.
        """
        self._spent += tasks
        self._spent_bytes += nbytes
        if len(self._spent) >= MOST_SPENT or self._spent_bytes >= MOST_SPENT_BYTES:
            release(self._spent)
            self._spent, self._spent_bytes = [], 0

    def _shared(self, parameters, worker):
        """Return the parameters; if they are large, as a task, from which the workers copy them.

        `Client.scatter` may wait for ever for a worker that leaves.
        """
        if parameters is None or parameters.nbytes <= LARGE:
            return parameters
        with dask.config.set({WARNING: "1 TB"}):  # large, but once a call
            options = {"workers": [worker], "allow_other_workers": True, "pure": False}
            return self._client.submit(rows.shared, parameters, **options)

    async def _results(self, workers):
        """Wait for tasks; return those that are lost, and the results of all if none is.

        `workers` has the worker of each. Tasks are lost if it has left, or if it has taken the
        copies of the parameters with it.
        """
        results = asyncio.ensure_future(self._gathered(list(workers)))
        try:
            while True:
                done, _ = await asyncio.wait({results}, timeout=LOOK)
                if done and not isinstance(results.exception(), CancelledError):
                    return [], results.result()
                now = await present(self._client)
                lost = [task for task in workers if workers[task] not in now or task.cancelled()]
                if lost:
                    self._homes.forget()
                    return lost, None
                if done:
                    return [], results.result()  # raises
        finally:
            results.cancel()

    async def _gathered(self, tasks):
        """Return the results of tasks, once all are done."""
        await finished(self._client, tasks)
        return await self._client.gather(tasks, direct=self._homes.direct, asynchronous=True)
