"""The benchmark as a program: its options, its processes, its end and the run that it saves."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import __main__ as program
from bench import report
from bench.harness import child, save
from bench.harness.job import Job
from bench.sections import measurements

ROOT = Path(__file__).parents[2]


def test_a_measurement_that_fails_does_not_end_its_section(capsys):
    found = [("bad", lambda: 1 / 0), ("good", lambda: {"case": "good"})]
    sent = []
    child.send_results(found, SimpleNamespace(send=sent.append))
    assert [kind for kind, _ in sent] == ["begin", "failure", "begin", "result"]
    assert sent[1][1] == "bad: ZeroDivisionError: division by zero"


def test_a_child_that_crashes_is_reported(capfd):
    messages = list(child.messages(Job("no_such_section"), measurements))
    assert messages == [("failure", "the process of no_such_section ended with 1")]


def start_bench(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def test_the_program_shows_a_table():
    process = start_bench("functions", "--quick", "--case", "Python float", "--peer", "numpy")
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
def test_ctrl_c_ends_it_with_its_children():
    process = start_bench("functions", "--quick", start_new_session=True)
    wait_for("1 of 8", process)
    # A terminal signals parent and children; the children must ignore it.
    for child_id in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        os.kill(int(child_id), signal.SIGINT)
    wait_for("3 of 8", process)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate()  # waits until no process can write to it
    assert process.returncode == 1
    assert "stopped; nothing is saved" in output and "Traceback" not in output


def test_a_saved_run_is_reported(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(program, "run", lambda options: {"epochs": []})
    monkeypatch.setattr(
        report, "write", lambda folder: written.append((folder / "results.json").read_text())
    )
    # pytest's own stream has no line buffering.
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(reconfigure=lambda **_: None))
    program.main(["--save", str(tmp_path / "new")])
    assert [json.loads(text) for text in written] == [{"epochs": []}]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            ["epoch"],
            "one of epochs, growth, solution, functions, estimators, start; got epoch",
        ),
        (["--threads", "0"], "--threads must be from 1 to"),
        (["--rounds", "0"], "--rounds must be at least 1, got 0"),
    ],
)
def test_invalid_options_are_refused(arguments, message, capsys):
    with pytest.raises(SystemExit):
        program.parse(arguments)
    assert message in capsys.readouterr().err


def test_each_section_runs_on_its_threads_and_dtypes(monkeypatch):
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
    found = {"processor": "a CPU", "target": "avx2", "versions": {}, "missing": {}}

    def send(job, measurements):
        if job.section == "conditions":
            yield "result", found
        else:
            for _ in range(2):
                rates = {"multiply_adds_per_second": [1.0, 2.0], "sigmoids_per_second": [3.0, 4.0]}
                yield "begin", (1, 2, "a case")
                yield "result", entry | {"rates": rates}
            yield "failure", "it crashed"

    monkeypatch.setattr(program, "messages", send)
    save.save(program.run(program.parse(["growth", "--rounds", "2"])), tmp_path)
    run = json.loads((tmp_path / "results.json").read_text())
    assert run["conditions"] == found | {"cpus": program.n_cpus(), "quick": False, "rounds": 2}
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
