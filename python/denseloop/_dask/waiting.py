"""Coroutines on the client's event loop, awaited so that nothing keeps them waiting for ever."""

import asyncio
import concurrent.futures
import contextlib
import time

from distributed import rejoin, secede
from distributed.comm import CommClosedError
from distributed.worker import thread_state

LOOK = 0.25  # seconds between two looks at the workers, or at the connection
IDLE = 4  # looks without any task at work until they count as stuck


class WorkersLeft(Exception):
    """Workers have left for which tasks were meant, and nothing runs.

    If there was no running worker for a moment, Dask runs such tasks on no worker that comes later,
    although they may run there.
    """


@contextlib.contextmanager
def without_a_thread():
    """Give back the thread of a worker, if this is a task: the rows may need it."""
    if getattr(thread_state, "key", None) is None:
        yield
        return
    secede()
    try:
        yield
    finally:
        rejoin()


def run(client, coroutine):
    """Return the result of a coroutine on the loop of the client.

    Ctrl-C cancels it, and so does the loss of the scheduler.
    """
    try:
        require_connected(client)
        future = asyncio.run_coroutine_threadsafe(coroutine, client.loop.asyncio_loop)
    except BaseException:
        coroutine.close()
        raise
    try:
        while not concurrent.futures.wait([future], LOOK).done:
            require_connected(client)
        return future.result()
    except concurrent.futures.CancelledError as error:
        require_connected(client)
        raise lost_rows(error) from error
    except CommClosedError:
        time.sleep(LOOK)  # until the client has noticed, too, if that is the scheduler
        require_connected(client)
        raise
    finally:
        future.cancel()


def require_connected(client):
    """Raise a ConnectionError if the client has lost its scheduler.

    Rows and sums are gone then, also if the client connects again.
    """
    if client.status != "running":
        raise ConnectionError(
            f"the Dask scheduler must stay connected, but the client is {client.status!r}: its "
            f"process or the network failed, or the client was closed; train again with a new "
            f"client, from parameters that a callback has kept"
        )


def lost_rows(error):
    """Return the error for rows that Dask cannot compute again."""
    return RuntimeError(
        "rows of the training are lost: either the cluster was restarted, or a worker was lost "
        "that had data which Dask cannot make again, as scattered data; give lazy collections, of "
        f"dask.dataframe.read_parquet, say, which Dask loads again ({error})"
    )


async def present(client):
    """Return the addresses of all workers.

    The scheduler would tell of changes, too, to those who subscribe to its topic "all". But some
    events there cannot be sent, such as that of `Client.replicate`: the attempt ends the connection
    of each subscriber.
    """
    return set(await client.nthreads())


async def watched(client, coroutine, workers):
    """Return the result of a coroutine that waits for tasks; raise WorkersLeft if it may for ever.

    The tasks are meant for `workers`. While there is no worker at all, wait.
    """
    task = asyncio.ensure_future(coroutine)
    idle = 0
    try:
        while not (await asyncio.wait({task}, timeout=LOOK))[0]:
            now = await present(client)
            if not now or now.issuperset(workers):
                continue
            idle = 0 if any((await client.processing()).values()) else idle + 1
            if idle == IDLE or now.isdisjoint(workers):
                raise WorkersLeft
        return task.result()
    finally:
        task.cancel()


async def finished(client, futures):
    """Wait until all are computed; raise the exception of the first that fails or is lost."""

    async def one(future):
        await future.exception()
        if future.status in ("error", "cancelled"):
            await client.gather(future, asynchronous=True)  # raises it

    waiting = [asyncio.ensure_future(one(future)) for future in futures]
    try:
        await asyncio.gather(*waiting)
    finally:
        for task in waiting:
            task.cancel()


def release(futures):
    """Let go of all, also of those that something else refers to, as a traceback does."""
    for future in futures:
        future.release()
