"""The benchmark as a program: its options, its processes, its end and the run that it saves."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from denseloop import _core

from bench import __main__ as program
from bench import report
from bench.harness import child, save
from bench.harness.instructions import HELD, HOLDS, hold, variables
from bench.harness.job import Job
from bench.sections import SECTIONS, measurements
from tests.bench import instructions_in_use

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


def test_the_program_fails_if_no_case_is_chosen():
    process = start_bench("functions", "--quick", "--case", "no such case")
    output, _ = process.communicate()
    assert process.returncode == 1
    assert "nothing was measured: no case of these sections has what --case names" in output


def wait_for(text, process):
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f"ended without {text!r}")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the children in /proc")
def test_ctrl_c_ends_it_with_its_children(sigint):
    process = start_bench("functions", "--quick", start_new_session=True)
    wait_for("1 of 7", process)
    # A terminal signals parent and children; the children must ignore it.
    for child_id in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        os.kill(int(child_id), signal.SIGINT)
    wait_for("3 of 7", process)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate()  # waits until no process can write to it
    assert process.returncode == 1
    assert (
        "stopped; only targets that were finished are saved" in output and "Traceback" not in output
    )


def test_a_saved_run_is_reported(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(program, "chosen_targets", lambda options: ["avx512", "avx2"])
    monkeypatch.setattr(program, "run", lambda options, target: {"conditions": target})
    monkeypatch.setattr(
        report,
        "write",
        lambda folder: written.extend(p.read_text() for p in folder.glob("*/results.json")),
    )
    # pytest's own stream has no line buffering.
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(reconfigure=lambda **_: None))
    program.main(["--save", str(tmp_path / "new")])
    assert sorted(json.loads(text)["conditions"] for text in written) == ["avx2", "avx512"]


def test_a_target_that_was_finished_is_saved_when_the_next_one_is_stopped(tmp_path, monkeypatch):
    def run(options, target):
        if target == "avx2":
            raise KeyboardInterrupt
        return {"conditions": target}

    monkeypatch.setattr(program, "chosen_targets", lambda options: ["avx512", "avx2"])
    monkeypatch.setattr(program, "run", run)
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(reconfigure=lambda **_: None))
    with pytest.raises(SystemExit, match="only targets that were finished are saved"):
        program.main(["--save", str(tmp_path)])
    assert [path.parent.name for path in tmp_path.glob("*/results.json")] == ["avx512"]


def choose_targets(monkeypatch, *arguments):
    available = {"targets": ["baseline", "avx2", "avx512"]}
    monkeypatch.setattr(program, "conditions", lambda options: available)
    return program.chosen_targets(program.parse(list(arguments)))


def test_every_target_but_the_baseline_is_measured(monkeypatch):
    assert choose_targets(monkeypatch) == ["avx512", "avx2"]
    assert choose_targets(monkeypatch, "--quick") == ["avx512"]
    assert choose_targets(monkeypatch, "--target", "baseline", "avx2") == ["baseline", "avx2"]
    with pytest.raises(SystemExit, match="must be of baseline, avx2, avx512 here; got neon"):
        choose_targets(monkeypatch, "--target", "neon")


@pytest.mark.parametrize("name", _core.available_targets())
def test_a_child_is_held_to_the_instructions_of_its_target(name):
    _, (kind, (target, numpy)) = child.messages(
        Job("any", target=name), instructions_in_use.measurements
    )
    assert kind == "result" and target == name
    if name == "avx2":
        assert not {"X86_V4", "AVX512F"} & set(numpy)


def test_the_variables_of_a_target_replace_those_of_the_caller(monkeypatch):
    names = [*HOLDS, "XLA_FLAGS"]
    monkeypatch.setattr(os, "environ", dict.fromkeys(names, "-avx") | {"XLA_FLAGS": "--first"})
    hold("avx2")
    expected = variables("avx2") | {"XLA_FLAGS": f"--first {HELD['avx2']['XLA_FLAGS']}"}
    assert os.environ == expected
    assert expected["DENSELOOP_TARGET"] == "avx2"
    monkeypatch.setattr(os, "environ", {"NUMBA_CPU_FEATURES": "-avx"})
    hold("neon")
    assert os.environ == {"DENSELOOP_TARGET": "neon", "XLA_FLAGS": ""}


def test_every_variable_that_holds_a_library_is_explained():
    assert set().union(*HELD.values()) | {"DENSELOOP_TARGET"} == set(HOLDS)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            ["epoch"],
            f"one of {', '.join(SECTIONS)}; got epoch",
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
    jobs = list(program.jobs(program.parse([]), "avx2"))
    assert [(job.section, job.threads, len(job.dtypes)) for job in jobs] == [
        ("epochs", 1, 2),
        ("epochs", 4, 2),
        ("growth", 1, 1),
        ("solution", 1, 1),
        ("published", 1, 2),
        ("published", 4, 2),
        ("functions", 1, 2),
        ("listings", 1, 1),
        ("calls", 1, 1),
        ("estimators", 1, 1),
        ("estimators", 4, 1),
        ("shapes", 1, 2),
        ("shapes", 4, 2),
        ("many", 1, 2),
        ("many", 4, 2),
        ("exports", 1, 2),
        ("start", 1, 1),
    ]
    jobs = list(program.jobs(program.parse(["--quick"]), "avx2"))
    assert [(job.threads, job.dtypes) for job in jobs] == len(SECTIONS) * [(1, ("float64",))]
    assert all(job.target == "avx2" for job in jobs)


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
    save.save(program.run(program.parse(["growth", "--rounds", "2"]), "avx2"), tmp_path)
    run = json.loads((tmp_path / "results.json").read_text())
    assert run["conditions"] == found | {"cpus": program.n_cpus(), "quick": False, "rounds": 2}
    assert run["growth"] == [entry, entry]
    assert all(run[name] == [] for name in SECTIONS if name not in ("growth", "start"))
    assert run["start"] == {}
    assert run["roofline"] == [
        {
            "dtype": "float64",
            "threads": 1,
            "multiply_adds_per_second": [1.0, 2.0, 1.0, 2.0],
            "sigmoids_per_second": [3.0, 4.0, 3.0, 4.0],
        }
    ]
    assert "1 failures\n  it crashed" in capsys.readouterr().out
