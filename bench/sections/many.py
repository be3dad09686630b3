"""Many networks in one call, against the same networks one by one and in other libraries.

All shapes are measured on one thread, the first on several too. The estimators follow.
"""

import time
import warnings
from dataclasses import replace
from functools import partial

import numpy as np
from joblib.externals.loky import get_reusable_executor

from bench.harness.calls import import_if_installed, repeat
from bench.harness.measure import seconds_each, time_interleaved
from bench.sections import many_estimators
from bench.sections.many_cases import SHAPES, Work
from bench.sections.many_peers import CONTENDERS
from tests.oracle import Oracle
from tests.oracle.optimizers import Adam

ROUNDS = 3
TOLERANCE = {"float64": 1e-9, "float32": 1e-3}  # relative, of losses


def measurements(job):
    quick = [shape.quick() for shape in SHAPES if shape.in_quick]
    trainings = [
        (f"{shape.name}, {dtype}", partial(measure_shape, shape, dtype, job))
        for dtype in job.dtypes
        for shape in (quick if job.quick else SHAPES)
        if job.has_case(shape.name) and is_measured(shape, dtype, job.threads)
    ]
    return trainings + many_estimators.measurements(job)


def is_measured(shape, dtype, threads):
    return (shape.shared or threads == 1) and (shape.in_both or dtype == "float64")


def measure_shape(shape, dtype, job):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about trainings that end early or no longer progress
        try:
            peers = measure(Work(shape, dtype), replace(job, rounds=min(ROUNDS, job.rounds)))
        finally:
            get_reusable_executor().shutdown()  # whose workers would keep this process waiting
    settings = {"dtype": dtype, "threads": job.threads}
    return {"case": shape.name, "repeated": "training", **settings, "peers": peers}


def measure(work, job):
    """Return the contenders' entries, as "peers" of `bench.harness.measure.measure` has them.

    The seconds are those of all networks, also of contenders that train only some.
    """
    expected, peers, contenders, scales = some_losses(work), {}, {}, {}
    for name, (make, module) in CONTENDERS.items():
        if not job.has_peer(name) or not import_if_installed(module):
            continue
        peers[name], call, scales[name] = choose(make(work, job.threads), expected, work, job)
        if call:
            contenders[name] = repeat(call), peers[name]["times"]
    for name, seconds in time_interleaved(contenders, job).items():
        peers[name]["seconds"] = [scales[name] * s for s in seconds]
    return peers


def choose(variants, expected, work, job):
    """Return a contender's entry, its fastest correct variant or None, and its time's scale."""
    entry, fastest, scale = {"faults": {}, "trials": {}}, None, 1.0
    for label, call in variants.items():
        start = time.perf_counter()
        losses = call()
        warm_up = time.perf_counter() - start
        if why := fault(losses, expected, TOLERANCE[work.dtype.name]):
            entry["faults"][label] = why
            continue
        seconds = seconds_each(repeat(call), 1)
        entry["trials"][label] = work.shape.count / len(losses) * seconds
        if entry["trials"][label] == min(entry["trials"].values()):
            times = max(1, round(job.turn / seconds))
            entry |= {"variant": label, "warm_up": warm_up, "times": times}
            fastest, scale = call, work.shape.count / len(losses)
    return entry, fastest, scale


def some_losses(work):
    """Return the last losses of some networks by their indices, from the tests' oracle."""
    shape, found = work.shape, {}
    for k in {0, 1, 10, shape.count // 2, shape.count - 1}:
        optimizer = shape.learning_rate
        if shape.optimizer == "adam":
            optimizer = Adam(shape.learning_rate)
        oracle = Oracle(*work.parameters_of(k), shape.output_activation, "sigmoid")
        X, y = (array.astype(np.float64) for array in work.samples_of(k))
        losses = oracle.train(X, y, optimizer, shape.epochs, "simultaneous", reduction="mean")
        found[k] = losses[-1]
    return found


def fault(losses, expected, tolerance):
    """Return what is wrong with the losses of the first networks, or None."""
    for k, loss in expected.items():
        if k < len(losses) and not abs(losses[k] / loss - 1) <= tolerance:
            return f"loss {losses[k]:.9g} of network {k}, expected {loss:.9g}"
    return None if np.isfinite(losses).all() else "losses that are not finite"
