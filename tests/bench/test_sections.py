"""The sections of the benchmark, with few peers and short turns: their data as agreed."""

import json
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from bench import peers
from bench.harness.job import Job
from bench.peers import denseloop_train, numpy_best, numpy_listing
from bench.sections import (
    calls,
    conditions,
    epochs,
    functions,
    growth,
    listings,
    published,
    solution,
    start,
)
from bench.sections.cases import CASES, QUICK

SECTIONS = {module.__name__.split(".")[2]: module for module in (epochs, growth, functions)}
ENTRY = {
    "case": str,
    "repeated": str,
    "dtype": str,
    "threads": int,
    "multiply_adds": int,
    "sigmoids": int,
    "peers": dict,
}
PEER = {"variant": str, "warm_up": float, "times": int, "faults": dict, "trials": dict}
MORE = {
    "epochs": {"roofline": list, "rates": dict},
    "growth": {"roofline": list, "rates": dict, "axis": str, "value": int},
    "solution": {
        "roofline": list,
        "rates": dict,
        "problem": str,
        "goal": str,
        "goal_loss": float,
        "epochs": int,
    },
    "functions": {"function": str, "elements": int},
}


def small_job(section, **options):
    return Job(section, rounds=2, turn=0.001, quick=True, peers=("numpy",), **options)


@pytest.fixture
def few_peers(monkeypatch):
    modules = [denseloop_train, numpy_best, numpy_listing]
    monkeypatch.setattr(peers, "load", lambda: (modules, {"jax_loop": "No module named 'jax'"}))


def check_types(data, types):
    assert {key: type(value) for key, value in data.items()} == types


def check_entry(section, entry):
    check_types(entry, ENTRY | MORE[section])
    json.dumps(entry, allow_nan=False)
    assert set(entry["peers"]) <= {"denseloop", "NumPy", "NumPy listing"}
    for name in ("denseloop", "NumPy"):
        peer = entry["peers"][name]
        own = {"epochs": int} if section == "solution" else {}
        check_types(peer, PEER | own | {"seconds": list})
        assert len(peer["seconds"]) == 2 and min(peer["seconds"]) > 0
        assert not peer["faults"]
    if "roofline" in entry:
        assert len(entry["roofline"]) == 2 and min(entry["roofline"]) > 0
        rates = entry["rates"]
        assert list(rates) == ["multiply_adds_per_second", "sigmoids_per_second"]
        assert all(len(rate) == 2 for rate in rates.values())


@pytest.mark.parametrize("section", SECTIONS)
def test_the_entries_of_a_section_have_their_fields(section, few_peers):
    pytest.importorskip("sklearn")
    found = SECTIONS[section].measurements(small_job(section))
    assert len(found) > 1
    for _, measure in found:
        check_entry(section, measure())


def test_a_solution_is_timed_for_the_epochs_that_it_needs(few_peers, monkeypatch):
    pytest.importorskip("sklearn")
    easier = solution.breast_cancer
    monkeypatch.setitem(
        solution.PROBLEMS,
        "breast cancer",
        lambda dtype: solution.Problem(easier(dtype).case, "loss 0.02", 0.02),
    )
    ((_, measure),) = solution.measurements(small_job("solution"))
    entry = measure()
    check_entry("solution", entry)
    case = easier("float64").case
    for module in (denseloop_train, numpy_best):
        needed = entry["peers"][module.NAME]["epochs"]
        losses, _ = module.variants(case, 1)[""](needed)
        assert losses[-1] <= 0.02 < losses[-2]
    assert entry["multiply_adds"] == entry["epochs"] * case.multiply_adds


def test_a_peer_that_does_not_reach_the_goal_is_not_timed(monkeypatch):
    case = solution.breast_cancer("float64").case
    right = numpy_best.variants(case, 1)[""]

    def stick(times):  # correct for as many epochs as are checked
        losses, arrays = right(times)
        losses[40:] = losses[0]
        return losses, arrays

    chosen = [
        SimpleNamespace(NAME="denseloop", variants=lambda case, threads: {"": right}),
        SimpleNamespace(NAME="stuck", variants=lambda case, threads: {"": stick}),
    ]
    problem = solution.Problem(case, "loss 0.02", 0.02)
    entry = solution.measure_solutions(problem, chosen, small_job("solution"))
    assert "seconds" in entry["peers"]["denseloop"]
    assert "loss 0.02 not reached" in entry["peers"]["stuck"]["faults"][""]
    assert "seconds" not in entry["peers"]["stuck"]


def test_a_function_that_is_wrong_is_not_timed():
    entry = functions.describe("a case", "sigmoid", 1, "float64")
    calls = {"denseloop": lambda: 0.5, "wrong": lambda: 0.5 + 1e-12, "nan": lambda: float("nan")}
    found = functions.add_peers(entry, calls, 0.5, Job("functions", rounds=2, turn=0.001))["peers"]
    assert len(found["denseloop"]["seconds"]) == 2
    assert "seconds" not in found["wrong"] and "differs by 1e-12" in found["wrong"]["faults"][""]
    assert "seconds" not in found["nan"] and found["nan"]["faults"]


def check_calls(entry, repeated, names):
    check_types(entry, {"case": str, "repeated": str, "dtype": str, "threads": int, "peers": dict})
    json.dumps(entry, allow_nan=False)
    assert entry["repeated"] == repeated and list(entry["peers"]) == names
    for peer in entry["peers"].values():
        assert not peer["faults"] and len(peer["seconds"]) == 2 and min(peer["seconds"]) > 0


def test_a_listing_is_timed_with_its_own_functions_and_with_ours():
    pytest.importorskip("sklearn")
    found = listings.measurements(small_job("listings"))
    assert [label for label, _ in found] == list(listings.LISTINGS) and len(found) == 5
    for _, measure in found:
        check_calls(measure(), "iteration", ["own functions", "denseloop"])


def test_a_listing_with_other_errors_is_not_timed(monkeypatch):
    wrong = SimpleNamespace(**vars(listings.FUNCTIONS["own functions"]))
    wrong.error = lambda predicted, target: (predicted - target) ** 2 * (1 + 1e-8)
    monkeypatch.setitem(listings.FUNCTIONS, "denseloop", wrong)
    entry = listings.measurements(small_job("listings"))[0][1]()
    assert entry["peers"]["denseloop"]["faults"] == {"": "errors differ by 1e-08"}
    assert "seconds" not in entry["peers"]["denseloop"]


@pytest.mark.parametrize("part", ["Network", "train(", "forward of 1 row", "forward of 100"])
def test_a_short_call_is_timed_beside_its_peers(part, few_peers):
    pytest.importorskip("sklearn")
    ((_, measure),) = calls.measurements(small_job("calls", cases=(part,)))
    names = ["denseloop", "NumPy", "NumPy listing"] if part == "train(" else ["denseloop", "NumPy"]
    check_calls(measure(), "call", names)


def test_a_training_that_is_wrong_is_not_timed(few_peers, monkeypatch):
    pytest.importorskip("sklearn")

    def train_twice(case):
        network, train = calls.train_once(case)
        return network, lambda: (train(), train())[0]

    found = calls.measure_epoch(train_twice, small_job("calls"))
    assert "losses" in found["denseloop"]["faults"][""] and "seconds" not in found["denseloop"]
    assert "seconds" in found["NumPy"]


def test_a_published_case_names_its_sources():
    for case in published.CASES:
        assert case.difference.endswith(".")
        for figure in case.figures:
            assert figure.source.startswith("https://") and figure.library and figure.machine
            assert 1e-6 < figure.seconds < 1
    assert published.CASES[2].figures[0].seconds == pytest.approx(2000 / 72_000)


def test_a_published_case_is_measured_with_its_figures(few_peers, monkeypatch):
    case = published.CASES[1]
    small = partial(case.make.func, 20, *case.make.args[1:], **case.make.keywords)
    monkeypatch.setattr(published, "CASES", [replace(case, make=small)])
    job = replace(small_job("published"), quick=False, dtypes=("float32",))
    ((_, measure),) = published.measurements(job)
    entry = measure()
    json.dumps(entry, allow_nan=False)
    assert [figure["seconds"] for figure in entry["published"]] == [41e-6, 72e-6, 164e-6]
    assert entry["difference"] == case.difference
    assert all("seconds" in entry["peers"][name] for name in ("denseloop", "NumPy"))
    assert published.measurements(replace(job, dtypes=("float64",))) == []


def test_a_start_has_import_first_call_and_memory():
    ((_, measure),) = start.measurements(small_job("start"))
    costs = measure()
    assert list(costs) == ["denseloop", "numpy"]
    for cost in costs.values():
        check_types(cost, {"import": list, "first_call": list, "memory": list})
        assert 2**20 < cost["memory"][0] < 2**30  # that of NumPy alone
        assert cost["import"][0] > 0 and cost["first_call"][0] > 0


def test_a_library_that_is_missing_has_no_start(monkeypatch):
    run = start.run_first_call
    monkeypatch.setattr(
        start, "run_first_call", lambda name: None if name == "numpy" else run(name)
    )
    ((_, measure),) = start.measurements(small_job("start"))
    assert list(measure()) == ["denseloop"]


def test_the_conditions_have_versions_and_missing_peers(few_peers):
    ((_, measure),) = conditions.measurements(Job("conditions"))
    found = measure()
    json.dumps(found, allow_nan=False)
    assert {"Python", "numpy", "denseloop"} <= set(found["versions"])
    assert found["missing"] == {"jax_loop": "No module named 'jax'"}


def test_the_cases_of_a_quick_run_are_cases():
    assert set(QUICK) <= {make("float64").name for make in CASES}
