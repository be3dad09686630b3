"""The section on networks that have left Python times what makes the right outputs."""

import shutil
import sys

import pytest

from bench.harness.job import Job
from bench.harness.names import REFERENCE
from bench.report.page import page
from bench.sections import exports
from tests.bench.test_report import RUN

QUICK = {"section": "exports", "threads": 1, "rounds": 2, "turn": 1e-3, "cases": ("10-2-1",)}


def job(**options):
    return Job(**(QUICK | options))


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
def test_a_header_is_timed_beside_python():
    ((label, measure),) = exports.measurements(job())
    assert label == "1 × 10-2-1, float64"
    entry = measure()
    assert entry["case"] == "1 × 10-2-1"
    peers = entry["peers"]
    for name in (REFERENCE, f"{REFERENCE}, Python"):
        assert peers[name]["faults"] == {} and len(peers[name]["seconds"]) == 2
    # The best of each, since another process may have had the core in the other round.
    assert min(peers[REFERENCE]["seconds"]) < min(peers[f"{REFERENCE}, Python"]["seconds"])


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
def test_wrong_outputs_are_not_timed(monkeypatch):
    monkeypatch.setattr(exports, "OUR_TOLERANCE", -1.0)
    ((_, measure),) = exports.measurements(job())
    peer = measure()["peers"][REFERENCE]
    assert peer["faults"] == {"": "outputs differ by 0"} and "seconds" not in peer


def test_nothing_is_measured_on_several_threads():
    assert exports.measurements(job(threads=2)) == []


def test_what_is_missing_has_no_entry(monkeypatch):
    for name in ("emlearn", "onnxruntime"):
        monkeypatch.setitem(sys.modules, name, None)
    ((_, measure),) = exports.measurements(job(dtypes=("float32",)))
    assert not {"emlearn", "ONNX Runtime"} & set(measure()["peers"])


def test_the_page_has_a_table_for_each_dtype():
    def peer(seconds):
        return {"variant": "", "warm_up": 0.0, "times": 1, "seconds": [seconds] * 3, "faults": {}}

    peers = {REFERENCE: peer(2e-8), "emlearn": peer(6e-8)}
    entry = {"case": "1 × 16-16", "repeated": "call", "dtype": "float32", "threads": 1}
    text = page(RUN | {"exports": [entry | {"peers": peers}]}).split("have left Python")[1]
    assert "| 1 × 16-16 | 20.0 ns | 3.0 (3.0–3.0) |" in text
