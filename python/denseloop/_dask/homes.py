"""The homes of rows: where they are now, and how they follow the workers that come and go."""

import asyncio
import time

from denseloop._dask import rows
from denseloop._dask.placement import moves
from denseloop._dask.waiting import LOOK, finished, present, release, watched

PAUSE = 0.05  # seconds until what a worker had appears elsewhere
TRIES = 5  # to move homes: an idle worker may take the task that another should run


class Homes:
    """The homes as futures, and the workers that have them.

    Attributes
    ----------
    of_batch : list of list of int
        The homes with rows of each batch.
    rows_of_batch : list of int
        The number of rows of each batch.
    direct : bool
        Whether the workers can be asked for results without the scheduler.
    """

    def __init__(self, client, expected, load):
        self.client = client
        self.expected = expected
        self.load = load
        self.futures = []
        self.rows_of_batch = None

    async def fill(self):
        """Load the rows, the first time or again."""
        release(self.futures)
        loaded = await self.load()
        if self.rows_of_batch not in (None, loaded.rows_of_batch):
            release(loaded.homes)
            n, n_before = sum(loaded.rows_of_batch), sum(self.rows_of_batch)
            raise RuntimeError(
                f"collections must give the same rows whenever they are computed, got {n} rows "
                f"after {n_before} when all workers were lost and their rows were loaded again"
            )
        self.futures = loaded.homes
        self.sizes = loaded.sizes
        self.workers = loaded.workers
        self.direct = loaded.direct
        self.rows_of_batch = loaded.rows_of_batch
        self.of_batch = [[] for _ in loaded.rows_of_batch]
        for home, batches in enumerate(loaded.batches):
            for batch in batches:
                self.of_batch[batch].append(home)
        self.forget()

    def forget(self):
        """Look at the workers before the next use."""
        self.looked_at = float("-inf")

    async def settle(self):
        """Follow the workers if the last look at them is old; may raise WorkersLeft."""
        if time.monotonic() - self.looked_at > LOOK:
            while not await self.settled():
                pass

    async def settled(self):
        """Return whether all homes are somewhere, spread over all workers; else see to it."""
        self.looked_at = time.monotonic()
        await self.find()
        workers = await present(self.client)
        if not workers.issuperset(self.places):  # Dask computes again what was lost
            await watched(self.client, finished(self.client, self.futures), self.workers)
            await asyncio.sleep(PAUSE)
            return False
        if workers != self.workers:
            for _ in range(TRIES):
                if not await self.balance(workers):
                    break
                await self.find()
            self.workers = workers
            return False
        return True

    async def find(self):
        """Look where the homes are."""
        who_has = await self.client.who_has(self.futures)
        self.places = [next(iter(who_has.get(home.key) or ()), None) for home in self.futures]

    async def balance(self, workers):
        """Move homes so that all workers have about the same rows; return whether any moves."""
        moved = {}
        try:
            for home, worker in moves(self.places, self.sizes, workers).items():
                moved[home] = self.submit(worker, rows.moved, [home])
            await watched(self.client, finished(self.client, moved.values()), workers)
        except BaseException:
            release(moved.values())
            raise
        for home, future in moved.items():
            self.futures[home].release()
            self.futures[home] = future
        return bool(moved)

    def by_worker(self, homes):
        """Return {worker: those of these homes that it has}."""
        by_worker = {}
        for home in homes:
            by_worker.setdefault(self.places[home], []).append(home)
        return by_worker

    def submit(self, worker, function, homes, *arguments):
        """Return a task on the worker that has these homes, or shall have them."""
        futures = [self.futures[home] for home in homes]
        return self.client.submit(
            *(function, futures, self.expected, *arguments),
            workers=[worker],
            allow_other_workers=True,
            pure=False,
        )
