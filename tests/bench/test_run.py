"""The sections of the benchmark, in a small way: their data, their processes and their end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import __main__ as program
from bench import peers, report
from bench.harness import child, save
from bench.harness.job import Job
from bench.peers import denseloop_train, numpy_best, numpy_listing
from bench.sections import conditions, epochs, functions, growth, solution, start
from bench.sections.cases import CASES, QUICK

ROOT = Path(__file__).parents[2]
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
    found = [denseloop_train, numpy_best, numpy_listing]
    monkeypatch.setattr(peers, "load", lambda: (found, {"jax_loop": "No module named 'jax'"}))


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
def test_a_sections_entries_are_as_agreed(section, few_peers):
    pytest.importorskip("sklearn")
    points = SECTIONS[section].points(small_job(section))
    assert len(points) > 1
    for _, measured in points:
        check_entry(section, measured())


def test_a_solution_is_timed_for_the_epochs_that_it_takes(few_peers, monkeypatch):
    pytest.importorskip("sklearn")
    easier = solution.breast_cancer
    monkeypatch.setitem(
        solution.PROBLEMS,
        "breast cancer",
        lambda dtype: solution.Problem(easier(dtype).case, "loss 0.02", 0.02),
    )
    ((_, measured),) = solution.points(small_job("solution"))
    entry = measured()
    check_entry("solution", entry)
    case = easier("float64").case
    for module in (denseloop_train, numpy_best):
        needed = entry["peers"][module.NAME]["epochs"]
        losses, _ = module.variants(case, 1)[""](needed)
        assert losses[-1] <= 0.02 < losses[-2]
    assert entry["multiply_adds"] == entry["epochs"] * case.multiply_adds


def test_who_does_not_reach_the_goal_is_not_timed(monkeypatch):
    case = solution.breast_cancer("float64").case
    right = numpy_best.variants(case, 1)[""]

    def stuck(times):  # correct for as long as the proof goes
        losses, arrays = right(times)
        losses[40:] = losses[0]
        return losses, arrays

    found = [
        SimpleNamespace(NAME="denseloop", variants=lambda case, threads: {"": right}),
        SimpleNamespace(NAME="stuck", variants=lambda case, threads: {"": stuck}),
    ]
    problem = solution.Problem(case, "loss 0.02", 0.02)
    entry = solution.measure_solutions(problem, found, small_job("solution"))
    assert "seconds" in entry["peers"]["denseloop"]
    assert "loss 0.02 not reached" in entry["peers"]["stuck"]["faults"][""]
    assert "seconds" not in entry["peers"]["stuck"]


def test_a_function_that_is_wrong_is_not_timed():
    entry = functions.described("a case", "sigmoid", 1, "float64")
    ways = {"denseloop": lambda: 0.5, "wrong": lambda: 0.5 + 1e-12, "nan": lambda: float("nan")}
    found = functions.measured(entry, ways, 0.5, Job("functions", rounds=2, turn=0.001))["peers"]
    assert len(found["denseloop"]["seconds"]) == 2
    assert "seconds" not in found["wrong"] and "off by 1e-12" in found["wrong"]["faults"][""]
    assert "seconds" not in found["nan"] and found["nan"]["faults"]


def test_start_tells_import_first_call_and_memory(monkeypatch):
    ((_, measured),) = start.points(small_job("start"))
    costs = measured()
    assert list(costs) == ["denseloop", "numpy"]
    for cost in costs.values():
        check_types(cost, {"import": list, "first_call": list, "memory": list})
        assert 2**20 < cost["memory"][0] < 2**30  # it is NumPy's, and no other library's
        assert cost["import"][0] > 0 and cost["first_call"][0] > 0


def test_a_library_that_is_missing_has_no_start(monkeypatch):
    found = start.once
    monkeypatch.setattr(start, "once", lambda name: None if name == "numpy" else found(name))
    ((_, measured),) = start.points(small_job("start"))
    assert list(measured()) == ["denseloop"]


def test_conditions_name_versions_and_what_is_missing(few_peers):
    ((_, measured),) = conditions.points(Job("conditions"))
    found = measured()
    json.dumps(found, allow_nan=False)
    assert {"Python", "numpy", "denseloop"} <= set(found["versions"])
    assert found["missing"] == {"jax_loop": "No module named 'jax'"}


def test_the_cases_of_a_quick_run_are_cases():
    assert set(QUICK) <= {make("float64").name for make in CASES}


def test_a_point_that_fails_does_not_end_its_section(monkeypatch, capsys):
    points = [("bad", lambda: 1 / 0), ("good", lambda: {"case": "good"})]
    monkeypatch.setattr(epochs, "points", lambda job: points)
    sent = []
    child.measure_points(Job("epochs"), SimpleNamespace(send=sent.append))
    assert [kind for kind, _ in sent] == ["point", "failure", "point", "result"]
    assert sent[1][1] == "bad: ZeroDivisionError: division by zero"


def test_a_child_that_crashes_is_reported(capfd):
    messages = list(child.messages(Job("no_such_section")))
    assert messages == [("failure", "the process of no_such_section ended with 1")]


def bench(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def test_the_program_shows_a_table():
    process = bench("functions", "--quick", "--case", "Python float", "--peer", "numpy")
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert "functions, 1 thread, 1 of 1: sigmoid of a Python float" in output
    assert "denseloop" in output and "NumPy" in output and "0 failures" in output


def wait_for(text, process):
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f"ended without {text!r}")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the children in /proc")
def test_ctrl_c_ends_it_with_its_children(sigint):
    process = bench("functions", "--quick", start_new_session=True)
    wait_for("1 of 8", process)
    # A terminal signals all of them: the child has to leave it to its parent.
    for child_id in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        os.kill(int(child_id), signal.SIGINT)
    wait_for("3 of 8", process)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate()  # until nobody is left who could write to it
    assert process.returncode == 1
    assert "stopped; nothing is saved" in output and "Traceback" not in output


def test_a_saved_run_is_reported(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(program, "run", lambda options: {"epochs": []})
    monkeypatch.setattr(
        report, "write", lambda folder: written.append((folder / "results.json").read_text())
    )
    # A stream of pytest's cannot be set to buffer by lines.
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(reconfigure=lambda **_: None))
    program.main(["--save", str(tmp_path / "new")])
    assert [json.loads(text) for text in written] == [{"epochs": []}]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            ["epoch"],
            "SECTION must be of epochs, growth, solution, functions, estimators, start; got epoch",
        ),
        (["--threads", "0"], "--threads must be from 1 to"),
        (["--rounds", "0"], "--rounds must be at least 1, got 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(arguments, message, capsys):
    with pytest.raises(SystemExit):
        program.parse(arguments)
    assert message in capsys.readouterr().err


def test_every_section_has_its_threads_and_dtypes(monkeypatch):
    monkeypatch.setattr(program, "n_cpus", lambda: 4)
    jobs = list(program.jobs(program.parse([])))
    assert [(job.section, job.threads, len(job.dtypes)) for job in jobs] == [
        ("epochs", 1, 2),
        ("epochs", 4, 2),
        ("growth", 1, 1),
        ("solution", 1, 1),
        ("functions", 1, 2),
        ("estimators", 1, 1),
        ("estimators", 4, 1),
        ("start", 1, 1),
    ]
    jobs = list(program.jobs(program.parse(["--quick"])))
    assert [(job.threads, job.dtypes) for job in jobs] == 6 * [(1, ("float64",))]


def test_a_saved_run_has_all_sections_and_the_roofline_entry_its_entries(
    tmp_path, monkeypatch, capsys
):
    entry = {
        "case": "a case",
        "repeated": "epoch",
        "dtype": "float64",
        "threads": 1,
        "multiply_adds": 10,
        "sigmoids": 2,
        "roofline": [1.0, 2.0],
        "peers": {"denseloop": {"faults": {}, "trials": {}}},
    }
    facts = {"processor": "a CPU", "target": "avx2", "versions": {}, "missing": {}}

    def sent(job):
        if job.section == "conditions":
            yield "result", facts
        else:
            for _ in range(2):
                rates = {"multiply_adds_per_second": [1.0, 2.0], "sigmoids_per_second": [3.0, 4.0]}
                yield "point", (1, 2, "a case")
                yield "result", entry | {"rates": rates}
            yield "failure", "it crashed"

    monkeypatch.setattr(program, "messages", sent)
    save.save(program.run(program.parse(["growth", "--rounds", "2"])), tmp_path)
    run = json.loads((tmp_path / "results.json").read_text())
    assert run["conditions"] == facts | {"cpus": program.n_cpus(), "quick": False, "rounds": 2}
    assert run["growth"] == [entry, entry]
    assert (
        run["epochs"] == run["solution"] == run["functions"] == run["estimators"] == []
        and run["start"] == {}
    )
    assert run["roofline"] == [
        {
            "dtype": "float64",
            "threads": 1,
            "multiply_adds_per_second": [1.0, 2.0, 1.0, 2.0],
            "sigmoids_per_second": [3.0, 4.0, 3.0, 4.0],
        }
    ]
    assert "1 failures\n  it crashed" in capsys.readouterr().out
