"""Coroutines on the client's event loop, awaited so that nothing keeps them waiting for ever."""

import asyncio
import concurrent.futures

LOOK = 0.25  # seconds between two looks at the workers, or at the connection


class WorkersLeft(Exception):
    """All workers that tasks were meant for have left, and others have come.

    Dask does not run such tasks on the others, although they may run there, if there was no worker
    at all for a moment.
    """


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
    except (concurrent.futures.CancelledError, OSError) as error:
        require_connected(client)
        raise lost_rows(error) if isinstance(error, concurrent.futures.CancelledError) else error
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
    """Return the result of a coroutine; raise WorkersLeft if none of the workers is there any more.

    While there is no worker at all, wait.
    """
    task = asyncio.ensure_future(coroutine)
    try:
        while not (await asyncio.wait({task}, timeout=LOOK))[0]:
            now = await present(client)
            if now and now.isdisjoint(workers):
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
