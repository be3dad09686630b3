"""Trainings while workers are killed at random moments: `python -m tests.dask.kills 50`.

Every training must have the bits of one on one machine.
"""

import asyncio
import contextlib
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

import dask.array as da
import denseloop as dl
import numpy as np
from denseloop.dask import train

from tests.dask import processes
from tests.dask.samples import wait_until

N_WORKERS = 3
STALLED = 60  # seconds
CHUNKS = (700, 5000, 0, 3000, 9000, 100) * 4
OPTIMIZERS = {"adam": 60, "lbfgs": 30, "lm": 20}  # and how many epochs


def rows(block_info, columns):
    """Return rows that depend on their numbers alone."""
    place = block_info[None]["array-location"][0]
    numbers = np.arange(*place)[:, None] * np.arange(1, columns + 1)
    return np.sin(numbers)


def collections():
    return tuple(
        da.map_blocks(*(rows,), columns=columns, chunks=(CHUNKS, (columns,)), dtype=np.float64)
        for columns in (3, 1)
    )


def network():
    return dl.Network([3, 6, 1], activation="tanh", output_activation="identity", seed=0)


def expected():
    """Return the digest after each optimizer's training on one machine."""
    arrays = [collection.compute(scheduler="synchronous") for collection in collections()]
    found = {}
    for optimizer, epochs in OPTIMIZERS.items():
        net = network()
        net.train(*arrays, optimizer=optimizer, reduction="mean", epochs=epochs)
        found[optimizer] = net.digest()
    return found


def keep_training(client, digests, stopped, counts, errors):
    """Train again and again, and compare the bits."""
    try:
        while not stopped.is_set():
            optimizer = random.choice(list(OPTIMIZERS))
            options = {"reduction": "mean", "epochs": OPTIMIZERS[optimizer]}
            net = train(client, network(), *collections(), optimizer=optimizer, **options)
            assert net.digest() == digests[optimizer]
            counts.append(optimizer)
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
    """Print what a training waits for, and what the scheduler has to do."""
    for task in asyncio.all_tasks(client.loop.asyncio_loop):
        if "denseloop" in repr(task):
            task.print_stack(file=sys.stdout)
    print(client.nthreads(), *client.run_on_scheduler(states), sep="\n", flush=True)


def survive(kills, seed=None):
    """Train while workers are killed, also all at once; return how many trainings were finished."""
    from distributed import Client

    # By default, Dask gives up a task in which four workers have died.
    os.environ["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "1000"
    choose = random.Random(seed)
    digests = expected()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _, address = stack.enter_context(processes.scheduler(folder))
        start = lambda: stack.enter_context(processes.worker(address))  # noqa: E731
        workers = [start() for _ in range(N_WORKERS)]
        client = stack.enter_context(Client(address))
        wait_until(lambda: len(client.nthreads()) == N_WORKERS)
        stopped, counts, errors = threading.Event(), [], []
        arguments = client, digests, stopped, counts, errors
        thread = threading.Thread(target=keep_training, args=arguments, daemon=True)
        thread.start()
        killed = 0
        while killed < kills and not errors:
            time.sleep(choose.random())
            for process in choose.sample(workers, choose.choice([1, 1, 1, 2, N_WORKERS])):
                process.kill()
                process.wait()
                workers[workers.index(process)] = start()
                killed += 1
            if choose.random() < 0.5:
                wait_for_more(client, counts, errors)
            print(f"{killed} kills, {len(counts)} trainings", flush=True)
        wait_for_more(client, counts, errors)
        stopped.set()
        thread.join()
    if errors:
        raise errors[0]
    return len(counts)


def wait_for_more(client, counts, errors):
    """Wait until a training is finished."""
    more, since = len(counts) + 1, time.monotonic()
    while not errors and len(counts) < more:
        time.sleep(0.02)
        if time.monotonic() - since > STALLED:
            show(client)
            raise SystemExit(f"no training was finished in {STALLED} s")


if __name__ == "__main__":
    survive(int(sys.argv[1]))
