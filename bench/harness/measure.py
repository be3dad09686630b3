"""Checks the result of each contender, then times the correct ones in interleaved rounds."""

import math
import random
import time

from bench.harness.reference import reference
from bench.harness.roofline import roofline_contenders, roofline_entry

# Seconds before each turn on several threads, the same for all contenders. OpenBLAS' threads, for
# one, spin for some 0.1 s after their work, and would take a CPU from the next contender: a call on
# two threads took 24 ms after a pause of 0.06 s, and 17 ms after 0.15 s or more.
PAUSE = 0.2
ROOFLINE_SHARE = 1 / 3  # share of a contender's turn for each rate of the roofline


class Patience:
    """Which variants are not tried because their first run takes too long.

    Parameters
    ----------
    limit : float
        Seconds of a first run after which a variant is left out of all later cases.
    quick : bool
        Whether to leave out the variants that a peer's module lists in SLOW.
    """

    def __init__(self, limit=math.inf, quick=False):
        self.limit, self.quick, self.left_out = limit, quick, {}

    def fault(self, peer, label):
        """Return why a variant is left out; None if it is not."""
        if self.quick and label in getattr(peer, "SLOW", ()):
            return "left out of a quick run: slow to compile"
        return self.left_out.get((peer.NAME, label))

    def notice(self, peer, label, seconds, case):
        """Leave the variant out of later cases if its first run took too long."""
        if seconds > self.limit:
            why = f"left out after {case.name}, where its first run took {seconds:.0f} s"
            self.left_out[peer.NAME, label] = why


def seconds_each(run, times):
    start = time.perf_counter()
    run(times)
    return (time.perf_counter() - start) / times


def times_per_turn(run, turn):
    """Return how many times fill a turn: a power of 2, which suits contenders that unroll."""
    times = 1
    while True:
        run(times)  # keeps compilation for this number of epochs out of the timing
        seconds = seconds_each(run, times)
        if seconds * times > turn / 4:
            return 2 ** max(0, round(math.log2(turn / seconds)))
        times *= 4


def check_first_run(run, expected):
    """Return the seconds of the first run, and what is wrong with its result or None."""
    start = time.perf_counter()
    try:
        result = run(expected.times)
    except Exception as error:  # whatever a library raises must not end the case
        return None, f"{type(error).__name__}: {error}".splitlines()[0]
    return time.perf_counter() - start, expected.fault(*result)


def choose_variant(peer, case, threads, expected, turn, patience):
    """Find the fastest correct variant of a peer.

    Returns
    -------
    entry : dict
        What is known before the rounds. "faults" says why variants were wrong or left out, and
        "trials" has the seconds of the others, both by label. "variant" is the label of the
        fastest, "warm_up" the seconds of its first run and "times" its repetitions in a turn.
    run : callable or None
        The fastest variant; None if there is none.
    """
    entry, fastest = {"faults": {}, "trials": {}}, None
    for label, run in peer.variants(case, threads).items():
        fault = patience.fault(peer, label)
        if fault is None:
            warm_up, fault = check_first_run(run, expected)
        if fault is not None:
            entry["faults"][label] = fault
            continue
        patience.notice(peer, label, warm_up, case)
        times = times_per_turn(run, turn)
        run(times)
        seconds = min(seconds_each(run, times) for _ in range(2))
        entry["trials"][label] = seconds
        if seconds == min(entry["trials"].values()):
            entry |= {"variant": label, "warm_up": warm_up, "times": times}
            fastest = run
    return entry, fastest


def time_interleaved(contenders, job):
    """Time each contender once in every round, on several threads after a pause.

    Parameters
    ----------
    contenders : dict of str to (callable, int)
        A function and its argument, the number of times, by name.
    job : Job

    Returns
    -------
    dict of str to list of float
        Seconds of one time, round by round.
    """
    seconds = {name: [] for name in contenders}
    order, pause = random.Random(0), PAUSE if job.threads > 1 else 0.0
    for _ in range(job.rounds):
        # In a new order each round, so that no contender always follows the same one.
        for name in order.sample(list(contenders), len(contenders)):
            time.sleep(pause)
            seconds[name].append(seconds_each(*contenders[name]))
    return seconds


def measure(case, peers, job, patience):
    """Measure one case.

    Returns
    -------
    dict
        Plain data: that of `describe_case`, and "peers", which has for each peer's name the entry
        of `choose_variant`. An entry also has "seconds", of an epoch or call in every round, if
        the peer was timed. On one thread "roofline" and "rates" are there too.
    """
    expected = reference(case)
    entries, contenders = {}, {}
    for peer in peers:
        entry, run = choose_variant(peer, case, job.threads, expected, job.turn, patience)
        entries[peer.NAME] = entry
        if run is not None:
            contenders[peer.NAME] = (run, entry["times"])
    description = describe_case(case, job)
    return description | time_entries(description, entries, contenders, job)


def describe_case(case, job):
    return {
        "case": case.name,
        "repeated": case.repeated,
        "dtype": case.dtype.name,
        "threads": job.threads,
        "multiply_adds": case.multiply_adds,
        "sigmoids": case.sigmoids,
    }


def time_entries(description, entries, contenders, job):
    """Return the peers' entries with their seconds, and the roofline from the same rounds."""
    routines = {}
    if job.threads == 1:
        routines = roofline_contenders(description["dtype"], ROOFLINE_SHARE * job.turn)
    seconds = time_interleaved(contenders | routines, job)
    for name in contenders:
        entries[name]["seconds"] = seconds[name]
    found = {"peers": entries}
    if routines:
        found |= roofline_entry(description, {name: seconds[name] for name in routines})
    return found
