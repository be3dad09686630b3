"""How long it takes until the loss is as low as it is wanted, from the call on.

The trajectories of correct programs part while a descent is unstable, as the moons' is for some
thousand epochs, so each contender needs its own number of them. That is found first, and then a
call with just so many is timed.
"""

import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bench import peers
from bench.harness.job import REFERENCE
from bench.harness.measure import Patience, admit, described, in_rounds
from bench.harness.reference import reference
from bench.sections.cases import Case, first_parameters, moons

ROUNDS = 5
FIRST_GUESS, MOST_EPOCHS = 64, 10**6
PATIENCE = 4  # times as many epochs as denseloop needs; then the goal is not reached


@dataclass(frozen=True)
class Problem:
    case: Case
    goal: str
    goal_loss: float


def the_moons(dtype):
    return Problem(moons(dtype), "error 1.50", 1.5049)  # the tutorial's last error, as it prints it


def digits(dtype):
    from sklearn.datasets import load_digits

    X, labels = load_digits(return_X_y=True)
    return Problem(
        Case(
            "1797 × 64-100-10, softmax, batches of 200",
            (X / 16).astype(dtype),
            np.eye(10, dtype=dtype)[labels],
            *first_parameters(np.random.default_rng(0), [64, 100, 10], dtype),
            learning_rate=0.5,
            loss="cross_entropy",
            output_activation="softmax",
            reduction="mean",
            batch_size=200,
        ),
        "loss 0.1",
        0.1,
    )


def breast_cancer(dtype):
    from sklearn.datasets import load_breast_cancer

    X, labels = load_breast_cancer(return_X_y=True)
    return Problem(
        Case(
            "569 × 30-16-1",
            ((X - X.mean(axis=0)) / X.std(axis=0)).astype(dtype),
            labels.reshape(-1, 1).astype(dtype),
            *first_parameters(np.random.default_rng(0), [30, 16, 1], dtype),
            learning_rate=1.0,
            reduction="mean",
        ),
        "loss 0.005",
        0.005,
    )


PROBLEMS = {"moons": the_moons, "digits": digits, "breast cancer": breast_cancer}
QUICK = ("breast cancer",)


def points(job):
    """What there is to measure: labels, and functions that return an entry each."""
    found, short = peers.chosen(job), replace(job, rounds=min(ROUNDS, job.rounds))

    def measured(name, dtype):
        problem = PROBLEMS[name](np.dtype(dtype))
        entry = measure_solutions(problem, found, short)
        return entry | {"problem": name, "goal": problem.goal, "goal_loss": problem.goal_loss}

    return [
        (f"{name}, {dtype}", partial(measured, name, dtype))
        for dtype in job.dtypes
        for name in PROBLEMS
        if job.has_case(name) and (name in QUICK or not job.quick)
    ]


def measure_solutions(problem, found, job):
    """As `bench.harness.measure.measure`, with a whole solution for an epoch.

    The "epochs" are those of denseloop, and those of each peer are in its entry. Its "warm_up" is
    the first call of a variant made anew, for as many epochs as denseloop needs, and its "trials"
    are of so many.
    """
    case, patience = problem.case, Patience(quick=job.quick)
    expected = reference(case)
    entries, contenders, epochs = {}, {}, None
    for peer in sorted(found, key=lambda peer: peer.NAME != REFERENCE):
        entry, run = admit(peer, case, job.threads, expected, job.turn, patience)
        entries[peer.NAME] = entry
        if run is None:
            continue
        if epochs is None:
            epochs = epochs_needed(run, problem.goal_loss, FIRST_GUESS, MOST_EPOCHS)
            if epochs is None:
                raise RuntimeError(f"{REFERENCE} did not reach {problem.goal}")
        fresh = peer.variants(case, job.threads)[entry["variant"]]
        start = time.perf_counter()
        fresh(epochs)
        entry["warm_up"] = time.perf_counter() - start
        entry["trials"] = {label: epochs * s for label, s in entry["trials"].items()}
        most = PATIENCE * epochs
        needed = epochs_needed(fresh, problem.goal_loss, epochs, most)
        if needed and fresh(needed)[0][-1] <= problem.goal_loss:  # compiled for this number now
            entry |= {"times": 1, "epochs": needed}
            contenders[peer.NAME] = (partial(solution, fresh, needed), 1)
        else:
            entry["faults"][entry["variant"]] = f"{problem.goal} not reached in {most} epochs"
    description = described(case, job) | {
        "repeated": "solution",
        "multiply_adds": epochs * case.multiply_adds,
        "sigmoids": epochs * case.sigmoids,
        "epochs": epochs,
    }
    return description | in_rounds(description, entries, contenders, job)


def solution(run, epochs, _):
    run(epochs)


def epochs_needed(run, goal_loss, epochs, most):
    """With how many epochs the last loss is the first at the goal; None if `most` do not do."""
    while True:
        (reached,) = np.nonzero(np.asarray(run(epochs)[0]) <= goal_loss)
        if reached.size:
            return int(reached[0]) + 1
        if epochs == most:
            return None
        epochs = min(2 * epochs, most)
