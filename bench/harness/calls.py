"""Checks and times contenders that have a single variant: a function that is called repeatedly."""

import importlib
import time

from bench.harness.measure import time_interleaved, times_per_turn


def import_if_installed(name):
    """Return the module, or None if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def measure_calls(calls, fault, job, times=None):
    """Return the peers' entries from one function of each.

    Parameters
    ----------
    calls : dict of str to callable
        Functions without arguments, by the peers' names. Those of peers that the job does not ask
        for are not called.
    fault : callable
        Returns what is wrong with a contender, given its name and first result, or None. It is
        called in the order of `calls`.
    job : Job
    times : int, optional
        Calls in a turn; by default as many as fill it.

    Returns
    -------
    dict
        As "peers" of `bench.harness.measure.measure`. A contender that is wrong has a fault and is
        not timed.
    """
    peers, contenders = {}, {}
    for name, call in calls.items():
        if not job.has_peer(name):
            continue
        start = time.perf_counter()
        result = call()
        warm_up = time.perf_counter() - start
        peers[name] = {"faults": {}, "trials": {}}
        if why := fault(name, result):
            peers[name]["faults"][""] = why
            continue
        run = repeat(call)
        number = times or times_per_turn(run, job.turn)
        peers[name] |= {"variant": "", "warm_up": warm_up, "times": number}
        contenders[name] = (run, number)
    for name, seconds in time_interleaved(contenders, job).items():
        peers[name]["seconds"] = seconds
    return peers


def repeat(call):
    def run(times):
        for _ in range(times):
            call()

    return run
