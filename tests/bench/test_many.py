"""The benchmark of many networks times only contenders with the oracle's losses."""

import doctest
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")

from bench.harness.job import Job
from bench.harness.names import REFERENCE, SCIKIT_LEARN
from bench.report.page import page
from bench.sections import many, many_cases, many_peers
from bench.sections.many_cases import SHAPES, Shape

RUN = json.loads((Path(__file__).parent / "run.json").read_text())
ONE, LOOP = "one by one", "the loop alone"
FITS = Shape(30, (3, 4, 1), 10, 20, "adam", 0.01, output_activation="identity", shared=True)
OWN = Shape(30, (2, 3, 1), 2, 50, "descent", 0.1, own=True, in_both=True, in_quick=False)
NAMES = {
    FITS: "30 × (10 × 3-4-1), 20 epochs of Adam",
    OWN: "30 × (2 × 2-3-1), own samples, 50 epochs of gradient descent",
}


def small_job(threads=1, **options):
    return Job("many", threads, rounds=2, turn=0.001, **options)


def measured(shape, dtype="float64", **options):
    return many.measure_shape(shape, dtype, small_job(**options))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", NAMES)
def test_an_entry_has_the_times_of_all(shape, dtype):
    entry = measured(shape, dtype)
    json.dumps(entry, allow_nan=False)
    peers = entry.pop("peers")
    assert entry == {"case": NAMES[shape], "repeated": "training", "dtype": dtype, "threads": 1}
    fitted = [SCIKIT_LEARN] if shape is FITS else []
    assert {REFERENCE, ONE, LOOP, *fitted} <= set(peers)
    for name, peer in peers.items():
        assert peer["faults"] == {}
        if name != SCIKIT_LEARN or fitted:
            assert len(peer["seconds"]) == 2 and min(peer["seconds"]) > 0


def test_the_seconds_are_those_of_all_networks(monkeypatch):
    monkeypatch.setattr(
        many, "time_interleaved", lambda contenders, job: dict.fromkeys(contenders, [1.0])
    )
    peers = measured(FITS, peers=("by one", "loop", "scikit"))["peers"]
    scales = {name: peer["seconds"][0] for name, peer in peers.items()}
    assert scales == {REFERENCE: 1.0, ONE: 1.0, LOOP: 30.0, SCIKIT_LEARN: 30 / 20}


@pytest.mark.parametrize("change, fault", [
    (lambda losses: losses * (1 + 1e-8), " of network 0, expected "),
    (lambda losses: np.r_[losses[:10], losses[10:] * (1 + 1e-8)], " of network 10, expected "),
    (lambda losses: np.r_[losses[:-2], np.nan, losses[-1]], "losses that are not finite"),
    (lambda losses: losses * (1 + 1e-11), None),
])  # fmt: skip
def test_other_losses_are_not_timed(change, fault, monkeypatch):
    def changed(work, threads):
        train = many_peers.together(work, threads)[""]
        return {"": lambda: change(train())}

    monkeypatch.setitem(many_peers.CONTENDERS, ONE, (changed, "denseloop"))
    peers = measured(OWN, peers=("by one",))["peers"]
    assert "seconds" in peers[REFERENCE] and ("seconds" in peers[ONE]) == (fault is None)
    assert (fault or "") in peers[ONE]["faults"].get("", "")


def test_the_fastest_correct_variant_is_timed(monkeypatch):
    def variants(work, threads):
        (train,) = many_peers.together(work, threads).values()
        return {"slow": lambda: (train(), train())[1], "fast": train, "wrong": lambda: 2 * train()}

    monkeypatch.setitem(many_peers.CONTENDERS, ONE, (variants, "denseloop"))
    peer = measured(SHAPES[0].quick(), peers=("by one",))["peers"][ONE]
    assert peer["variant"] == "fast" and list(peer["trials"]) == ["slow", "fast"]
    assert list(peer["faults"]) == ["wrong"]


def test_the_shapes_of_a_run(monkeypatch):
    monkeypatch.setattr(many, "SHAPES", [FITS, OWN])

    def labels(**options):
        return [label for label, _ in many.measurements(small_job(**options))]

    monkeypatch.setattr(many.many_estimators, "measurements", lambda job: [])
    both = [f"{name}, float64" for name in NAMES.values()]
    assert labels() == both and labels(threads=2) == both[:1]
    assert labels(dtypes=("float32",)) == [f"{NAMES[OWN]}, float32"]
    assert labels(cases=("adam",)) == both[:1]
    assert labels(quick=True) == ["3 × (10 × 3-4-1), 4 epochs of Adam, float64"]


@pytest.mark.parametrize("case", ["ensemble", "groups"])
def test_the_fits_of_estimators(case):
    ((_, measure),) = many.measurements(small_job(quick=True, cases=(case,)))
    entry = measure()
    json.dumps(entry, allow_nan=False)
    assert entry["repeated"] == "fit" and list(entry["peers"]) == [SCIKIT_LEARN, REFERENCE]
    for peer in entry["peers"].values():
        assert peer["faults"] == {} and len(peer["seconds"]) == 2
    text = page(RUN | {"many": [entry]}).split("## Many networks")[1]
    assert f"| {entry['case']} |" in text


def test_other_predictions_are_not_timed():
    expected = np.ones(3)
    assert many.many_estimators.compare(expected, expected + 1e-8) is None
    fault = "predictions differ by 1e-05"
    assert many.many_estimators.compare(expected, expected + 1e-5) == fault


def test_every_shape_has_a_name_of_its_own():
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)
    results = doctest.testmod(many_cases)
    assert results.attempted > 0 and results.failed == 0


def test_a_module_that_is_missing_has_no_entry(monkeypatch):
    monkeypatch.setitem(many_peers.CONTENDERS, "JAX", (None, "no_such_module"))
    assert list(measured(OWN, peers=("jax",))["peers"]) == [REFERENCE]


def test_the_page_has_a_table_of_ratios_and_one_of_first_calls():
    def peer(seconds, variant=""):
        timed = {"variant": variant, "warm_up": 1.5, "times": 1, "seconds": [seconds] * 3}
        return {"faults": {}, "trials": {}} | timed

    peers = {REFERENCE: peer(0.1), "JAX": peer(0.3, "vmap"), LOOP: peer(0.05, "1 network")}
    entry = {"case": "a case", "repeated": "training", "dtype": "float64", "threads": 1}
    text = page(RUN | {"many": [entry | {"peers": peers}]}).split("## Many networks")[1]
    assert "| a case | 100 ms | 3.0 (3.0–3.0) | **0.50 (0.50–0.50)** |" in text
    assert "| a case | 1.50 s | 1.50 s (vmap) | 1.50 s (1 network) |" in text
    without = {name: data for name, data in RUN.items() if name != "many"}
    assert "## Many networks" not in page(without)
