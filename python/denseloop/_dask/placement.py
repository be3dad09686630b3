"""Which worker has which rows, without Dask."""

from collections import Counter, defaultdict

HOMES = 8  # of a worker at most: what moves at once, and the dependencies of its task


def spread(places, workers):
    """Return the worker of each partition; those that are nowhere are spread in ranges.

    `places` has the worker of each partition that is in memory, else None.
    """
    lazy = [partition for partition, place in enumerate(places) if place not in workers]
    places = list(places)
    for k, partition in enumerate(lazy):
        places[partition] = workers[k * len(workers) // len(lazy)]
    return places


def group(places, lengths, runs, most=HOMES):
    """Return groups of partitions of one worker, at most so many of each, with similar rows.

    Partitions without a run are in none.
    """
    homes = {run.home for run in runs}
    by_worker = defaultdict(list)
    for partition, place in enumerate(places):
        if partition in homes:
            by_worker[place].append(partition)
    groups = []
    for partitions in by_worker.values():
        share = sum(lengths[partition] for partition in partitions) / most
        parts, before = defaultdict(list), 0
        for partition in partitions:
            middle = before + lengths[partition] / 2
            parts[min(int(middle / share), most - 1)].append(partition)
            before += lengths[partition]
        groups += parts.values()
    return groups


def moves(places, sizes, workers):
    """Return {home: worker} of what has to move for workers with about the same rows.

    `places` has the worker of each home, or of each partition, and `sizes` its rows.
    """
    places, moved = dict(enumerate(places)), {}
    rows = Counter(dict.fromkeys(workers, 0))
    for home, worker in places.items():
        rows[worker] += sizes[home]
    while True:
        least, most = min(workers, key=rows.get), max(workers, key=rows.get)
        excess = rows[most] - rows[least]
        there = [
            home for home, place in places.items() if place == most and 0 < sizes[home] < excess
        ]
        if not there:
            return moved
        home = min(there, key=lambda home: abs(excess - 2 * sizes[home]))
        places[home] = moved[home] = least
        rows[most] -= sizes[home]
        rows[least] += sizes[home]
