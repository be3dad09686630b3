"""Each contender's work proved, and then timed in interleaved rounds."""

import math
import random
import statistics
import time

from bench.reference import reference

SECONDS_A_ROUND = 0.15
PAUSE = 0.05


def seconds_each(run, times):
    start = time.perf_counter()
    run(times)
    return (time.perf_counter() - start) / times


def fitting_times(run):
    """So many epochs that a round takes its time: a power of 2, for those who unroll some."""
    times = 1
    while True:
        run(times)  # whoever compiles for a number of epochs does it now
        seconds = seconds_each(run, times)
        if seconds * times > SECONDS_A_ROUND / 4:
            return 2 ** max(0, round(math.log2(SECONDS_A_ROUND / seconds)))
        times *= 4


def proved(run, expected):
    """The seconds of the first run, and what is wrong with its result, if anything."""
    start = time.perf_counter()
    try:
        result = run(expected.times)
    except Exception as error:  # of any library; the others are measured all the same
        return None, f"{type(error).__name__}: {error}".splitlines()[0]
    return time.perf_counter() - start, expected.fault(*result)


def admit(peer, case, threads, expected):
    """The fastest of a peer's correct variants, ready to be timed.

    Returns
    -------
    entry : dict
        What is known before the rounds. "faults" says of each variant that was not correct why not,
        and "trials" has the seconds of the others; of the fastest there are the "variant", its
        "warm_up", which are the seconds of its first run, and its "times" a round.
    run : callable or None
        The fastest; None if there is none.
    """
    entry, chosen = {"faults": {}, "trials": {}}, None
    for label, run in peer.variants(case, threads).items():
        warm_up, fault = proved(run, expected)
        if fault is not None:
            entry["faults"][label] = fault
            continue
        times = fitting_times(run)
        run(times)
        seconds = min(seconds_each(run, times) for _ in range(2))
        entry["trials"][label] = seconds
        if seconds == min(entry["trials"].values()):
            entry |= {"variant": label, "warm_up": warm_up, "times": times}
            chosen = run
    return entry, chosen


def interleaved(contenders, rounds, pause):
    """The seconds of each contender, round by round.

    Parameters
    ----------
    contenders : dict of str to (callable, int)
        A function and its argument, by name.
    rounds : int
    pause : float
        Seconds before each turn.

    Returns
    -------
    dict of str to list of float
    """
    seconds = {name: [] for name in contenders}
    order = random.Random(0)
    for _ in range(rounds):
        for name in order.sample(list(contenders), len(contenders)):  # nobody has a fixed neighbour
            time.sleep(pause)
            seconds[name].append(seconds_each(*contenders[name]))
    return seconds


def measure(case, peers, threads, rounds):
    """One case, as plain data.

    Returns
    -------
    dict
        "case" and "repeated" are names; "peers" has for each peer's name the entry of `admit`, with
        the "seconds" of an epoch or call in every round if it was timed.
    """
    expected = reference(case)
    entries, contenders = {}, {}
    for peer in peers:
        entry, run = admit(peer, case, threads, expected)
        entries[peer.NAME] = entry
        if run is not None:
            contenders[peer.NAME] = (run, entry["times"])
    # The pools of some libraries go on spinning for a while when their work is done.
    pause = PAUSE if threads > 1 else 0.0
    for name, seconds in interleaved(contenders, rounds, pause).items():
        entries[name]["seconds"] = seconds
    return {"case": case.name, "repeated": case.repeated, "peers": entries}


def quartiles(values):
    return statistics.quantiles(values, n=4) if len(values) > 1 else 3 * list(values)
