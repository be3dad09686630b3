"""Contenders that have one way each, proved and timed as in measure.py."""

import time

from bench.harness.measure import fitting_times, interleaved


def measure_ways(ways, fault, job, times=None):
    """The peers' entries where each has one way, a function of nothing that is called and called.

    Parameters
    ----------
    ways : dict of str to callable
        By the peers' names. Of those that the job does not ask for none is called.
    fault : callable
        What is wrong with a way, from its name and its first result; None if nothing is. It is
        asked in the order of `ways`.
    job : Job
    times : int, optional
        Calls a turn; by default as many as fit in.

    Returns
    -------
    dict
        As "peers" of `measure.measure`. A way that is wrong has a fault and is not timed.
    """
    peers, contenders = {}, {}
    for name, way in ways.items():
        if not job.has_peer(name):
            continue
        start = time.perf_counter()
        result = way()
        warm_up = time.perf_counter() - start
        peers[name] = {"faults": {}, "trials": {}}
        if why := fault(name, result):
            peers[name]["faults"][""] = why
            continue
        run = repeated(way)
        calls = times or fitting_times(run, job.turn)
        peers[name] |= {"variant": "", "warm_up": warm_up, "times": calls}
        contenders[name] = (run, calls)
    for name, seconds in interleaved(contenders, job.rounds, pause=0.0).items():
        peers[name]["seconds"] = seconds
    return peers


def repeated(way):
    def run(times):
        for _ in range(times):
            way()

    return run
