"""The rows of a training on the workers of a Dask cluster."""

import asyncio
from concurrent.futures import CancelledError
from functools import partial

from denseloop._dask import rows
from denseloop._dask.homes import PAUSE, Homes
from denseloop._dask.loading import load
from denseloop._dask.waiting import LOOK, finished, present, release, run

LARGE = 1 << 20  # bytes of parameters that do not go through the scheduler, once for each worker


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
        `sums.combine(others)` those of both.
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
        self._spent = []  # tasks of the last call, released with the next: one message for both
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
        self._homes, self._spent = None, []

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
                if await self._homes.settle():
                    release(tasks)
                    tasks, waiting = {}, self._homes.of_batch[batch]
                shared = await self._shared(parameters)
                for worker, homes in self._homes.by_worker(waiting).items():
                    task = self._homes.submit(worker, rows.evaluate, homes, kind, shared, batch)
                    tasks[task] = worker, homes
                release(self._spent)
                self._spent = []
                lost = await self._lost({task: worker for task, (worker, _) in tasks.items()})
                waiting = [home for task in lost for home in tasks.pop(task)[1]]
                release(lost)
            sums = await self._client.gather(
                list(tasks), direct=self._homes.direct, asynchronous=True
            )
        except BaseException:
            release(tasks)  # also those that the traceback refers to
            raise
        self._spent = list(tasks)
        return rows.combined(sums)

    async def _shared(self, parameters):
        """Return the parameters; if they are large, as a future of copies on all workers."""
        if parameters is None or parameters.nbytes <= LARGE:
            return parameters
        while True:
            try:
                return await self._client.scatter(
                    parameters, broadcast=True, hash=False, direct=self._homes.direct
                )
            except OSError:  # a worker leaves in this moment
                await asyncio.sleep(PAUSE)

    async def _lost(self, tasks):
        """Wait for all tasks; return those whose worker has left before they were done."""
        waiting = asyncio.ensure_future(finished(self._client, tasks))
        try:
            while True:
                done, _ = await asyncio.wait({waiting}, timeout=LOOK)
                if done and not isinstance(waiting.exception(), CancelledError):
                    waiting.result()  # may raise
                    return []
                workers = await present(self._client)
                left = [task for task, worker in tasks.items() if worker not in workers]
                if left:  # parameters may have been lost with them
                    self._homes.forget()
                    return [task for task in tasks if task in left or task.cancelled()]
                if done:
                    waiting.result()  # raises
        finally:
            waiting.cancel()
