"""From the parts of collections to the homes of their rows on the workers."""

import asyncio
import uuid
from dataclasses import dataclass
from functools import partial

import dask

from denseloop._dask import rows
from denseloop._dask.blocks import plan_runs
from denseloop._dask.placement import group, moves, spread
from denseloop._dask.waiting import LOOK, WorkersLeft, finished, present, release, watched

UNREACHABLE = 3  # seconds after which a worker counts as one that only the scheduler reaches


@dataclass
class Loaded:
    """The homes of all rows, and what they hold."""

    homes: list  # futures
    sizes: list  # rows of each
    batches: list  # the batches of each
    rows_of_batch: list
    workers: set  # that were there
    direct: bool  # whether the workers can be asked for results without the scheduler


async def load(client, parts, terms, expected, batch_size):
    """Load, check and convert all rows, and build their runs where they are."""
    while True:
        made = []
        workers = await accepted_workers(client, expected)
        try:
            loading = load_on(client, parts, terms, expected, batch_size, workers, made)
            return await watched(client, loading, workers)
        except WorkersLeft:
            release(made)
        except BaseException:
            release(made)  # also those that the traceback refers to
            raise


async def load_on(client, parts, terms, expected, batch_size, workers, made):
    """Do so on these workers, and append all futures to `made`."""
    places = spread(await places_of(client, parts), workers)
    prepared = submit_parts(client, parts, terms, expected, places)
    made += prepared
    lengths, direct = await lengths_of(client, prepared, made)
    runs = plan_runs(lengths, batch_size)
    who_has = await client.who_has(prepared)
    held = [who_has.get(future.key) or () for future in prepared]
    places = [now[0] if now else place for now, place in zip(held, places)]
    homes_at = {**dict(enumerate(places)), **moves(places, lengths, workers)}
    groups = group(homes_at.values(), lengths, runs)
    home_of = {partition: k for k, members in enumerate(groups) for partition in members}
    members_runs = [[] for _ in groups]
    rows_of_batch = [0] * (runs[-1].batch + 1)
    for run in runs:
        members_runs[home_of[run.home]].append(run)
        rows_of_batch[run.batch] += run.n_rows
    build = partial(submit_home, client, terms, expected, prepared, places, made)
    homes = [
        build(members, of_home, homes_at[members[0]])
        for members, of_home in zip(groups, members_runs)
    ]
    release(made)  # the scheduler keeps them until the homes are built
    made[:] = homes
    await finished(client, homes)
    sizes = [sum(run.n_rows for run in of_home) for of_home in members_runs]
    batches = [{run.batch for run in of_home} for of_home in members_runs]
    return Loaded(homes, sizes, batches, rows_of_batch, set(workers), direct)


async def accepted_workers(client, expected):
    """Return the addresses of all workers, once there is one, whose versions are checked."""
    while not (workers := list(await client.nthreads())):
        await asyncio.sleep(0.1)
    asking = client.run(rows.versions, workers=workers, on_error="return")
    asking = asyncio.ensure_future(asking)
    while not (await asyncio.wait({asking}, timeout=LOOK))[0]:
        if not (await present(client)).issuperset(workers):
            asking.cancel()
            return await accepted_workers(client, expected)
    found = asking.result()
    for worker, versions in found.items():
        if isinstance(versions, ImportError):
            raise RuntimeError(
                f"all workers must have denseloop {expected['denseloop']}: {versions} at {worker}; "
                f"pip install denseloop=={expected['denseloop']} there"
            ) from versions
        if isinstance(versions, dict):
            rows.require_versions(expected, versions, worker)
    there = await present(client)
    for worker, versions in found.items():
        if isinstance(versions, Exception) and worker in there:
            raise RuntimeError(
                f"all workers must be able to import denseloop: {worker} raises {versions!r}"
            ) from versions
    workers = [worker for worker in workers if isinstance(found.get(worker), dict)]
    return workers or await accepted_workers(client, expected)  # the others have just left


async def places_of(client, parts):
    """Return the worker of each part that is in memory or made from what is, else None."""
    futures = client.futures_of(list(parts.collections))
    await finished(client, futures)
    if not futures:
        return [None] * len(parts.triples)
    who_has = await client.who_has(futures)
    graphs = {}
    return [place_of(triple, who_has, graphs) for triple in parts.triples]


def place_of(triple, who_has, graphs):
    """Return the worker that has what the first of the lazy values is made from, or None."""
    for value in triple:
        if value is None:
            continue
        graph = graphs.setdefault(id(value.dask), value.dask)
        if not isinstance(graph, dict):
            graph = graphs[id(value.dask)] = dict(graph)
        keys, seen = [value.key], set()
        while keys:
            key = keys.pop()
            if who_has.get(key):
                return who_has[key][0]
            if key not in seen:
                seen.add(key)
                node = graph.get(key)
                keys += getattr(node, "dependencies", ())
                keys += [node.key] if hasattr(node, "key") else []  # a future by another name
    return None


def submit_parts(client, parts, terms, expected, places):
    """Return futures of the prepared parts, each computed from its beginning on its worker."""
    lazy = []
    for partition, triple in enumerate(parts.triples):
        prepare = partial(rows.prepare, terms, expected, partition)
        task = dask.delayed(prepare, pure=False, traverse=False)
        lazy.append(task(*triple, dask_key_name=f"denseloop-prepare-{uuid.uuid4()}"))
    futures = [None] * len(lazy)
    for worker in dict.fromkeys(places):
        members = [partition for partition, place in enumerate(places) if place == worker]
        values = [lazy[partition] for partition in members]
        computed = client.compute(values, workers=[worker], allow_other_workers=True)
        for partition, future in zip(members, computed):
            futures[partition] = future
    return futures


async def lengths_of(client, prepared, made):
    """Return the lengths of all parts, and whether workers can be asked without the scheduler."""
    futures = client.map(rows.n_rows, prepared, pure=False)
    made += futures
    await finished(client, futures)
    direct = client.direct_to_workers
    if direct is None:
        try:
            probe = client.gather(futures[:1], direct=True, asynchronous=True)
            await asyncio.wait_for(probe, UNREACHABLE)
            direct = True
        except TimeoutError:
            direct = False
    return await client.gather(futures, direct=direct, asynchronous=True), direct


def submit_home(client, terms, expected, prepared, places, made, members, runs, worker):
    """Return the future of a home: of the partitions `members`, and rows of others."""
    pieces = [piece for run in runs for piece in run.pieces if piece[0] not in members]
    options = {"allow_other_workers": True, "pure": False}
    cuts = [
        client.submit(rows.cut, prepared[partition], *ends, workers=[places[partition]], **options)
        for partition, *ends in pieces
    ]
    made += cuts
    arrays = [prepared[partition] for partition in members]
    arguments = terms, expected, runs, members, arrays, pieces, cuts
    return client.submit(rows.build, *arguments, workers=[worker], **options)
