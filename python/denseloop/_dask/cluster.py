"""The rows of a training on the workers of a Dask cluster."""

import asyncio

from denseloop._dask import rows
from denseloop._dask.changes import Changes, Subscription
from denseloop._dask.loading import load
from denseloop._dask.placement import moves
from denseloop._dask.waiting import finished, release, run

PAUSE = 0.05  # seconds until what a worker had appears elsewhere


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
        self._versions = rows.versions()
        self._changes = Changes()
        self._homes = None
        self._spent = []  # tasks of the last call, released with the next: one message for both
        Subscription.add(client, self._changes)
        try:
            loaded = run(client, load(client, parts, terms, self._versions, batch_size))
        except BaseException:
            Subscription.remove(client, self._changes)
            raise
        self._homes = loaded.homes
        self._sizes = loaded.sizes
        self._workers = loaded.workers
        self._direct = loaded.direct
        self._places = []
        self.rows_of_batch = loaded.rows_of_batch
        self.n_rows = sum(self.rows_of_batch)
        self._homes_of_batch = [[] for _ in self.rows_of_batch]
        for home, batches in enumerate(loaded.batches):
            for batch in batches:
                self._homes_of_batch[batch].append(home)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Release the rows on the workers."""
        release([*(self._homes or ()), *self._spent])
        self._homes, self._spent = None, []
        Subscription.remove(self._client, self._changes)

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
        """Evaluate on each worker at once; again elsewhere what was on workers that left."""
        tasks, waiting = {}, self._homes_of_batch[batch]
        try:
            while True:
                if waiting:
                    for worker, homes in (await self._homes_by_worker(waiting)).items():
                        task = self._submit(worker, homes, kind, parameters, batch)
                        tasks[task] = worker, homes
                release(self._spent)
                self._spent = []
                sums = await self._results(list(tasks))
                if sums is not None:
                    self._spent = list(tasks)
                    return rows.combined(sums)
                gone = self._changes.take_gone()
                lost = [task for task, (worker, _) in tasks.items() if worker in gone]
                waiting = [home for task in lost for home in tasks.pop(task)[1]]
                release(lost)
        except BaseException:
            release(tasks)  # also those that the traceback refers to
            raise

    def _submit(self, worker, homes, kind, parameters, batch):
        """Return the task that evaluates homes where they are."""
        futures = [self._homes[home] for home in homes]
        return self._client.submit(
            *(rows.evaluate, futures, self._versions, kind, parameters, batch),
            workers=[worker],
            allow_other_workers=True,
            pure=False,
        )

    async def _results(self, tasks):
        """Return the results of all tasks, or None as soon as a worker has left."""
        gather = self._client.gather(tasks, direct=self._direct, asynchronous=True)
        results = asyncio.ensure_future(gather)
        left = asyncio.ensure_future(self._changes.left.wait())
        try:
            await asyncio.wait({results, left}, return_when=asyncio.FIRST_COMPLETED)
            return results.result() if results.done() else None
        finally:
            results.cancel()
            left.cancel()

    async def _homes_by_worker(self, homes):
        """Return {worker: homes there}, after the changes of the cluster."""
        while self._changes.since:
            self._changes.since = False
            await finished(self._client, self._homes)  # Dask computes again what was lost
            workers = set(await self._client.nthreads())
            self._places = await self._whereabouts()
            if None in self._places or not workers.issuperset(self._places):
                self._changes.since = True
                await asyncio.sleep(PAUSE)
            elif workers != self._workers:
                await self._balance(workers)
                self._workers = workers
        by_worker = {}
        for home in homes:
            by_worker.setdefault(self._places[home], []).append(home)
        return by_worker

    async def _whereabouts(self):
        """Return the worker of each home, None of those that are nowhere now."""
        who_has = await self._client.who_has(self._homes)
        return [next(iter(who_has.get(home.key) or ()), None) for home in self._homes]

    async def _balance(self, workers):
        """Move homes so that all workers have about the same number of rows."""
        moved = {}
        try:
            for home, worker in moves(self._places, self._sizes, workers).items():
                moved[home] = self._client.submit(
                    *(rows.moved, self._homes[home], self._versions),
                    workers=[worker],
                    allow_other_workers=True,
                    pure=False,
                )
            await finished(self._client, list(moved.values()))
        except BaseException:
            release(moved.values())
            raise
        for home, future in moved.items():
            self._homes[home].release()
            self._homes[home] = future
        self._places = await self._whereabouts()
        self._changes.since |= None in self._places
