"""The time from the call until the loss has reached a goal.

While a descent is unstable, as that of the moons is for some thousand epochs, rounding errors grow
and correct programs part. So each contender needs its own number of epochs: it is found first, and
then a call with this number is timed.
"""

import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bench import peers
from bench.harness.measure import Patience, choose_variant, describe_case, time_entries
from bench.harness.names import REFERENCE
from bench.harness.reference import reference
from bench.sections.cases import Case, initial_parameters, moons

ROUNDS = 5
FIRST_GUESS, MOST_EPOCHS = 64, 10**6
EPOCHS_LIMIT = 4  # times denseloop's epochs: beyond them a contender has missed the goal


@dataclass(frozen=True)
class Problem:
    case: Case
    goal: str
    goal_loss: float


def moons_problem(dtype):
    return Problem(moons(dtype), "error 1.50", 1.5049)  # the last error that the tutorial prints


def digits(dtype):
    from sklearn.datasets import load_digits

    X, labels = load_digits(return_X_y=True)
    return Problem(
        Case(
            "1797 × 64-100-10, softmax, batches of 200",
            (X / 16).astype(dtype),
            np.eye(10, dtype=dtype)[labels],
            *initial_parameters(np.random.default_rng(0), [64, 100, 10], dtype),
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
            *initial_parameters(np.random.default_rng(0), [30, 16, 1], dtype),
            learning_rate=1.0,
            reduction="mean",
        ),
        "loss 0.005",
        0.005,
    )


PROBLEMS = {"moons": moons_problem, "digits": digits, "breast cancer": breast_cancer}
QUICK = ("breast cancer",)


def measurements(job):
    chosen, short = peers.choose(job), replace(job, rounds=min(ROUNDS, job.rounds))

    def measure_problem(name, dtype):
        problem = PROBLEMS[name](np.dtype(dtype))
        entry = measure_solutions(problem, chosen, short)
        return entry | {"problem": name, "goal": problem.goal, "goal_loss": problem.goal_loss}

    return [
        (f"{name}, {dtype}", partial(measure_problem, name, dtype))
        for dtype in job.dtypes
        for name in PROBLEMS
        if job.has_case(name) and (name in QUICK or not job.quick)
    ]


def measure_solutions(problem, chosen, job):
    """Measure as `bench.harness.measure.measure` does, but a whole solution in place of an epoch.

    "epochs" is the number that denseloop needs, and each peer's entry has its own. Its "warm_up"
    is the first call of a newly made variant, and its "trials" have the time of a call, both with
    as many epochs as denseloop needs.
    """
    case, patience = problem.case, Patience(quick=job.quick)
    expected = reference(case)
    entries, contenders, epochs = {}, {}, None
    for peer in sorted(chosen, key=lambda peer: peer.NAME != REFERENCE):
        entry, run = choose_variant(peer, case, job.threads, expected, job.turn, patience)
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
        most = EPOCHS_LIMIT * epochs
        needed = epochs_needed(fresh, problem.goal_loss, epochs, most)
        if needed and fresh(needed)[0][-1] <= problem.goal_loss:  # may compile for this number
            entry |= {"times": 1, "epochs": needed}
            contenders[peer.NAME] = (partial(run_solution, fresh, needed), 1)
        else:
            entry["faults"][entry["variant"]] = f"{problem.goal} not reached in {most} epochs"
    description = describe_case(case, job) | {
        "repeated": "solution",
        "multiply_adds": epochs * case.multiply_adds,
        "sigmoids": epochs * case.sigmoids,
        "epochs": epochs,
    }
    return description | time_entries(description, entries, contenders, job)


def run_solution(run, epochs, _):
    run(epochs)


def epochs_needed(run, goal_loss, epochs, most):
    """Return the number of epochs whose last loss is the first at the goal; None if over `most`."""
    while True:
        (reached,) = np.nonzero(np.asarray(run(epochs)[0]) <= goal_loss)
        if reached.size:
            return int(reached[0]) + 1
        if epochs == most:
            return None
        epochs = min(2 * epochs, most)
