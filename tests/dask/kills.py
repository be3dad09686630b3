"""Kill workers at random moments, also all at once: `python -m tests.dask.kills 50`."""

import asyncio
import contextlib
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from tests.dask import processes
from tests.dask.samples import cluster_rows, wait_until

N_WORKERS = 3
STALLED = 25  # seconds
LENGTHS = [700, 5000, 0, 3000, 9000, 100] * 4


def keep_evaluating(rows, stopped, counts, errors):
    """Check the sums of all rows again and again."""
    try:
        while not stopped.is_set():
            parameters = np.ones(random.choice([1, 200_000]))
            assert rows.evaluate("sum", parameters).rows() == list(range(sum(LENGTHS)))
            counts.append(1)
    except BaseException as error:
        errors.append(error)
        raise


def states(dask_scheduler):
    """Return the state and the restrictions of each task."""
    return [
        (str(key)[:30], task.state, task.worker_restrictions, task.who_has)
        for key, task in dask_scheduler.tasks.items()
        if task.state not in ("released", "memory")
    ]


def show(client):
    """Print what an evaluation waits for, and what the scheduler has to do."""
    for task in asyncio.all_tasks(client.loop.asyncio_loop):
        if "denseloop" in repr(task):
            task.print_stack(file=sys.stdout)
    print(client.nthreads(), *client.run_on_scheduler(states), sep="\n", flush=True)


def main(kills):
    from distributed import Client

    # By default, Dask gives up a task in which four workers have died.
    os.environ["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "1000"
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _, address = stack.enter_context(processes.scheduler(folder))
        start = lambda: stack.enter_context(processes.worker(address))  # noqa: E731
        workers = [start() for _ in range(N_WORKERS)]
        client = stack.enter_context(Client(address))
        wait_until(lambda: len(client.nthreads()) == N_WORKERS)
        rows = stack.enter_context(cluster_rows(client, LENGTHS, 20_000 * 4))
        stopped, counts, errors = threading.Event(), [], []
        thread = threading.Thread(
            target=keep_evaluating, args=(rows, stopped, counts, errors), daemon=True
        )
        thread.start()
        killed = 0
        while killed < kills and not errors:
            time.sleep(random.random())
            for process in random.sample(workers, random.choice([1, 1, 1, 2, N_WORKERS])):
                process.kill()
                process.wait()
                workers[workers.index(process)] = start()
                killed += 1
            if random.random() < 0.5:
                more, since = len(counts) + 1, time.monotonic()
                while not errors and len(counts) < more:
                    time.sleep(0.02)
                    if time.monotonic() - since > STALLED:
                        show(client)
                        raise SystemExit(f"no sums for {STALLED} s")
            print(f"{killed} kills, {len(counts)} sums of all rows", flush=True)
        stopped.set()
        thread.join()
    if errors:
        raise SystemExit(f"failed: {errors[0]!r}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
