"""``python -m bench.many_rows``: trainings on Dask's workers against one process.

It starts two workers of one thread each on this machine, measures whole trainings and the parts of
an epoch, and estimates from these how it grows. With ``--save FILE`` the report goes to a file.
"""

import argparse
import os
import pickle
import platform
import statistics
import time
from pathlib import Path

import dask
import dask.array as da
import denseloop as dl
import numpy as np
import psutil
from dask.distributed import Client, LocalCluster
from denseloop import _core
from denseloop._sums.terms import Terms
from denseloop._sums.tree import BLOCK, blocks_of
from denseloop.dask import train

ROUNDS = 5
ROWS, FEWER_ROWS, PARTITION = 2_000_000, 100_000, 62_500
BILLION = 10**9
WORKERS = (2, 10, 50, 100, 200, 500, 1000)
# What a cluster takes beside the work; no cluster was at hand to measure them.
SCHEDULER_SECONDS = 0.5e-3  # for a task, of which each worker has one an epoch
BYTES_PER_SECOND = 1e9  # into the client
SHALLOW = [10, 20, 1]
WIDE = [30, 30, 1]


def made(rows, sizes):
    """Return samples, as arrays and as collections of Dask."""
    random = np.random.default_rng(0)
    X = random.uniform(-1, 1, (rows, sizes[0]))
    y = np.sin(3 * X[:, :1]) * X[:, 1:2]
    partition = min(PARTITION, rows // 4)
    return (X, y), (da.from_array(X, (partition, -1)), da.from_array(y, (partition, -1)))


def network(sizes):
    return dl.Network(sizes, activation="tanh", output_activation="identity", seed=0)


def epoch_seconds(start, epochs):
    """Return the seconds of an epoch: of a training less those of one that is shorter."""

    def timed(count):
        begin = time.perf_counter()
        net = start(count)
        return time.perf_counter() - begin, net

    short, _ = timed(1)
    long, net = timed(1 + epochs)
    return (long - short) / epochs, net.digest()


def compared(client, sizes, rows, epochs, optimizer):
    """Return the seconds of an epoch here and on the workers, round by round."""
    (X, y), collections = made(rows, sizes)
    collections = client.persist(list(collections))

    def here(count):
        net = network(sizes)
        net.train(X, y, optimizer=optimizer, reduction="mean", epochs=count, num_threads=1)
        return net

    def there(count):
        net = network(sizes)
        return train(client, net, *collections, optimizer=optimizer, reduction="mean", epochs=count)

    pairs = []
    for _ in range(ROUNDS):
        (local, digest), (shared, same) = (epoch_seconds(f, epochs) for f in (here, there))
        if digest != same:
            raise SystemExit(f"the bits differ: {digest} and {same}")
        pairs.append((local, shared))
    return pairs


def quartiles(values):
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def worker_memory(client, sizes, rows):
    """Return the largest growth of a worker's memory beyond its half of the rows, in MiB.

    The workers compute the rows themselves.
    """
    chunks = (PARTITION,) * (rows // PARTITION)
    lazy = [
        da.map_blocks(made_there, columns=width, chunks=(chunks, (width,)), dtype=np.float64)
        for width in (sizes[0], sizes[-1])
    ]
    before, grown = client.run(resident), {}
    train(
        *(client, network(sizes), *lazy),
        **{"optimizer": "adam", "reduction": "mean", "epochs": 3},
        callback=lambda _: grown.update(client.run(resident)),
    )
    own = rows // 2 * (sizes[0] + sizes[-1]) * 8
    return max(grown[worker] - before[worker] - own for worker in before) / 2**20


def made_there(block_info, columns):
    """Return the rows of a partition."""
    first, end = block_info[None]["array-location"][0]
    return np.random.default_rng(first).uniform(-1, 1, (end - first, columns))


def resident():
    return psutil.Process().memory_info().rss


def parts(sizes):
    """Return the seconds of a block, and the seconds and bytes of combining a worker's sums."""
    net = network(sizes)
    (X, y), _ = made(64 * BLOCK, sizes)
    terms = Terms.of(net, "half_squared_error", "mean", "pre_activation", 0.0)
    run = terms.make(X, y, None, 64)  # from block 64 on: one node
    begin = time.perf_counter()
    for _ in range(5):
        sums = run.evaluate("gradients", net.parameters)
    block = (time.perf_counter() - begin) / 5 / 64
    other = terms.make(X, y, None, 128).evaluate("gradients", net.parameters)
    begin = time.perf_counter()
    for _ in range(100):
        sums.combine(other)
    return block, (time.perf_counter() - begin) / 100, len(pickle.dumps(sums))


def estimate(block, node, node_bytes, rows):
    """Yield the estimated seconds of an epoch for each number of workers."""
    blocks = blocks_of(rows)
    for workers in WORKERS:
        own = -(-blocks // workers)
        nodes = own.bit_length()  # of a range of blocks that starts anywhere, about
        computing = own * block
        messages = workers * (SCHEDULER_SECONDS + nodes * node_bytes / BYTES_PER_SECOND)
        combining = workers * nodes * node
        yield workers, computing, messages, combining


def report(lines):
    text = "\n".join(lines) + "\n"
    print(text)
    return text


def measured(client):
    yield "# Many rows: two workers of Dask, one thread each, against one process of one thread"
    yield ""
    yield (
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} CPUs, target "
        f"{_core.active_target()}, denseloop {dl.__version__}, NumPy {np.__version__}. Medians and "
        f"quartiles of {ROUNDS} interleaved rounds. The networks were equal to the bit."
    )
    yield ""
    yield "| training | one process, s an epoch | two workers, s an epoch | ratio |"
    yield "|---|---|---|---|"
    cases = [
        (f"{ROWS:,} × 30-30-1, Adam", WIDE, ROWS, 30, "adam"),
        (f"{ROWS:,} × 10-20-1, Levenberg-Marquardt", SHALLOW, ROWS, 6, "lm"),
        (f"{FEWER_ROWS:,} × 30-30-1, Adam", WIDE, FEWER_ROWS, 100, "adam"),
    ]
    for name, sizes, rows, epochs, optimizer in cases:
        pairs = compared(client, sizes, rows, epochs, optimizer)
        local, shared = zip(*pairs)
        ratio = [a / b for a, b in pairs]
        yield f"| {name} | {quartiles(local)} | {quartiles(shared)} | {quartiles(ratio)} |"
    overhead = [1e3 * (shared - local / 2) for local, shared in pairs]
    yield ""
    yield (
        f"Overhead of an epoch of {FEWER_ROWS:,} rows, which is its time less half of that in one "
        f"process: {quartiles(overhead)} ms."
    )
    yield ""
    grown = worker_memory(client, WIDE, ROWS)
    yield (
        f"Memory of a worker beyond its half of {ROWS:,} × 31 float64, which it computes itself: "
        f"{grown:.0f} MiB."
    )


def estimated():
    block, node, node_bytes = parts(WIDE)
    yield ""
    yield f"## An epoch of {BILLION:,} rows × 30-30-1, estimated"
    yield ""
    yield (
        f"A block of {BLOCK} rows takes {1e3 * block:.3g} ms, a node of the tree has "
        f"{node_bytes} bytes, and adding two takes {1e6 * node:.3g} µs here. Not measured, since "
        f"no cluster was at hand: {1e3 * SCHEDULER_SECONDS:g} ms for a task, "
        f"{BYTES_PER_SECOND / 1e9:g} GB/s into the client."
    )
    yield ""
    yield "| workers of one thread | their sums, s | messages, s | adding, s | an epoch, s |"
    yield "|---|---|---|---|---|"
    for workers, *seconds in estimate(block, node, node_bytes, BILLION):
        cells = " | ".join(f"{s:.3g}" for s in (*seconds, sum(seconds)))
        yield f"| {workers} | {cells} |"


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.many_rows", description=__doc__)
    parser.add_argument("--save", type=Path, metavar="FILE")
    options = parser.parse_args()
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"})
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0")
    with cluster, Client(cluster) as client:
        text = report([*measured(client), *estimated()])
    if options.save:
        options.save.write_text(text)


if __name__ == "__main__":
    main()
