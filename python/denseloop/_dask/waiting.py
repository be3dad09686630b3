"""Coroutines on the client's event loop, awaited so that Ctrl-C and a lost scheduler end them."""

import asyncio
import concurrent.futures

SECONDS = 0.25  # between two looks at the connection


def run(client, coroutine):
    """Return the result of a coroutine on the loop of the client, whatever happens meanwhile."""
    try:
        require_connected(client)
        future = asyncio.run_coroutine_threadsafe(coroutine, client.loop.asyncio_loop)
    except BaseException:
        coroutine.close()
        raise
    try:
        while not concurrent.futures.wait([future], SECONDS).done:
            require_connected(client)
        return future.result()
    except concurrent.futures.CancelledError as error:
        require_connected(client)
        raise lost_rows(error) from error
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
