"""Each contender's work proved, and then timed in interleaved rounds."""

import math
import random
import time

from bench.harness.reference import reference
from bench.harness.roofline import roofline_contenders, roofline_entry

PAUSE = 0.05  # the pools of some libraries go on spinning for a while when their work is done
ROOFLINE_SHARE = 1 / 3  # of a contender's turn is enough for each of the roofline's rates


class Patience:
    """Which variants are not tried, since they take too long to begin.

    Parameters
    ----------
    limit : float
        A variant whose first run took longer, in seconds, is left out from then on.
    quick : bool
        Whether to leave out what a peer's module itself calls SLOW to begin.
    """

    def __init__(self, limit=math.inf, quick=False):
        self.limit, self.quick, self.lost = limit, quick, {}

    def fault(self, peer, label):
        """Why it is left out; None if it is not."""
        if self.quick and label in getattr(peer, "SLOW", ()):
            return "left out of a quick run: slow to compile"
        return self.lost.get((peer.NAME, label))

    def notice(self, peer, label, seconds, case):
        if seconds > self.limit:
            why = f"left out after {case.name}, where its first run took {seconds:.0f} s"
            self.lost[peer.NAME, label] = why


def seconds_each(run, times):
    start = time.perf_counter()
    run(times)
    return (time.perf_counter() - start) / times


def fitting_times(run, turn):
    """So many epochs that a turn takes its time: a power of 2, for those who unroll some."""
    times = 1
    while True:
        run(times)  # whoever compiles for a number of epochs does it now
        seconds = seconds_each(run, times)
        if seconds * times > turn / 4:
            return 2 ** max(0, round(math.log2(turn / seconds)))
        times *= 4


def proved(run, expected):
    """The seconds of the first run, and what is wrong with its result, if anything."""
    start = time.perf_counter()
    try:
        result = run(expected.times)
    except Exception as error:  # of any library; the others are measured all the same
        return None, f"{type(error).__name__}: {error}".splitlines()[0]
    return time.perf_counter() - start, expected.fault(*result)


def admit(peer, case, threads, expected, turn, patience):
    """The fastest of a peer's correct variants, ready to be timed.

    Returns
    -------
    entry : dict
        What is known before the rounds. "faults" says of each variant that was not correct, or not
        tried, why not, and "trials" has the seconds of the others; of the fastest there are the
        "variant", its "warm_up", which are the seconds of its first run, and its "times" a round.
    run : callable or None
        The fastest; None if there is none.
    """
    entry, chosen = {"faults": {}, "trials": {}}, None
    for label, run in peer.variants(case, threads).items():
        fault = patience.fault(peer, label)
        if fault is None:
            warm_up, fault = proved(run, expected)
        if fault is not None:
            entry["faults"][label] = fault
            continue
        patience.notice(peer, label, warm_up, case)
        times = fitting_times(run, turn)
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


def measure(case, peers, job, patience):
    """One case, as plain data.

    Returns
    -------
    dict
        What `described` gives; "peers" has for each peer's name the entry of `admit`, with the
        "seconds" of an epoch or call in every round if it was timed. On one thread also the
        "roofline" and its "rates".
    """
    expected = reference(case)
    entries, contenders = {}, {}
    for peer in peers:
        entry, run = admit(peer, case, job.threads, expected, job.turn, patience)
        entries[peer.NAME] = entry
        if run is not None:
            contenders[peer.NAME] = (run, entry["times"])
    description = described(case, job)
    return description | in_rounds(description, entries, contenders, job)


def described(case, job):
    return {
        "case": case.name,
        "repeated": case.repeated,
        "dtype": case.dtype.name,
        "threads": job.threads,
        "multiply_adds": case.multiply_adds,
        "sigmoids": case.sigmoids,
    }


def in_rounds(description, entries, contenders, job):
    """The entries with their seconds, and the roofline, measured in the same rounds."""
    roofline = {}
    if job.threads == 1:
        roofline = roofline_contenders(description["dtype"], ROOFLINE_SHARE * job.turn)
    pause = PAUSE if job.threads > 1 else 0.0
    seconds = interleaved(contenders | roofline, job.rounds, pause)
    for name in contenders:
        entries[name]["seconds"] = seconds[name]
    rates = (
        roofline_entry(description, {name: seconds[name] for name in roofline}) if roofline else {}
    )
    return {"peers": entries} | rates
