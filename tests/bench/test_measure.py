"""The benchmark times only contenders that do the same work."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from denseloop import Network

from bench.harness import measure, roofline
from bench.harness.job import Job
from bench.harness.measure import Patience
from bench.harness.reference import reference
from bench.harness.roofline import roofline_contenders, roofline_entry
from bench.peers import denseloop_train, numpy_best
from bench.sections.cases import moons, one_sample, random_case

CASES = {
    "moons": moons,
    "one sample": one_sample,
    "sum": partial(random_case, 30, [3, 4, 2], 0.05),
    "mean": partial(random_case, 30, [3, 4, 2], 0.5, reduction="mean"),
    "gradients": partial(random_case, 30, [3, 4, 2], 0.0, updates=False),
    "batches": partial(random_case, 30, [3, 4, 2], 0.5, reduction="mean", batch_size=8),
    "Adam": partial(
        random_case, 30, [3, 4, 2], 0.01, reduction="mean", batch_size=8, optimizer="adam"
    ),
    "tanh": partial(random_case, 30, [3, 4, 5, 2], 0.1, activation="tanh", reduction="mean"),
    "identity": partial(
        random_case,
        30,
        [3, 4, 2],
        0.01,
        activation="tanh",
        output_activation="identity",
        optimizer="adam",
        reduction="mean",
    ),
    "softmax": partial(
        random_case,
        30,
        [3, 4, 5],
        0.5,
        reduction="mean",
        loss="cross_entropy",
        output_activation="softmax",
    ),
}


# The compiled peers start too slowly for a test; the benchmark itself checks them.
@pytest.mark.parametrize("peer", ["denseloop_train", "numpy_best", "numpy_listing", "sklearn_mlp"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", CASES)
def test_each_peer_reaches_the_result_of_the_oracle(name, dtype, peer):
    module = pytest.importorskip(f"bench.peers.{peer}")
    case = CASES[name](dtype=np.dtype(dtype))
    expected = reference(case)
    for run in module.variants(case, threads=1).values():
        for _ in range(2):  # a second run starts afresh
            assert expected.fault(*run(expected.times)) is None


@pytest.mark.skipif(not hasattr(Network, "objective"), reason="has no prepared objective")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_prepared_objective_reaches_the_result_of_the_oracle(dtype):
    case = replace(CASES["gradients"](dtype=np.dtype(dtype)), prepared=True)
    expected = reference(case)
    ((label, run),) = denseloop_train.variants(case, threads=1).items()
    assert label == "prepared"
    for times in (expected.times, expected.times):
        assert expected.fault(*run(times)) is None


def spoil_results(run, calls, spoil):
    """Return `run` with spoiled results; `calls` receives the number of epochs of each call."""

    def run_wrongly(times):
        calls.append(times)
        losses, arrays = run(times)
        return spoil(np.array(losses), [np.array(array) for array in arrays])

    return run_wrongly


def undo_bias_updates(losses, arrays, case):
    return losses, arrays[: len(case.weights)] + case.biases


def shift_losses(losses, arrays, case):
    return np.roll(losses, 1), arrays


def insert_nan(losses, arrays, case):
    arrays[0][0, 0] = np.nan
    return losses, arrays


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("spoil", [undo_bias_updates, shift_losses, insert_nan])
def test_a_wrong_contender_is_reported_and_not_timed(spoil, dtype):
    case = CASES["sum"](dtype=np.dtype(dtype))
    right = numpy_best.variants(case, 1)[""]
    calls = []
    wrong = spoil_results(right, calls, partial(spoil, case=case))
    contenders = [
        SimpleNamespace(NAME="right", variants=lambda case, threads: {"": right}),
        SimpleNamespace(NAME="wrong", variants=lambda case, threads: {"": wrong}),
        SimpleNamespace(NAME="mixed", variants=lambda case, threads: {"a": wrong, "b": right}),
        SimpleNamespace(NAME="failing", variants=lambda case, threads: {"": lambda times: 1 / 0}),
        SimpleNamespace(NAME="unable", variants=lambda case, threads: {}),
    ]
    job = Job("epochs", rounds=3, turn=0.002)
    result = measure.measure(case, contenders, job, Patience())["peers"]
    assert len(result["right"]["seconds"]) == 3
    assert list(result["wrong"]["faults"]) == [""] and "seconds" not in result["wrong"]
    assert calls == 2 * [reference(case).times]  # only the check
    assert result["mixed"]["variant"] == "b" and list(result["mixed"]["faults"]) == ["a"]
    assert "ZeroDivisionError" in result["failing"]["faults"][""]
    assert not result["unable"]["faults"] and "seconds" not in result["unable"]


def test_a_variant_whose_first_run_is_too_slow_is_left_out_of_later_cases():
    case = CASES["sum"](dtype=np.dtype("float64"))
    right = numpy_best.variants(case, 1)[""]
    peer = SimpleNamespace(NAME="slow", variants=lambda case, threads: {"": right})
    patience = Patience(limit=0.0)
    job = Job("epochs", rounds=1, turn=0.002)
    first, second = (
        measure.measure(case, [peer], job, patience)["peers"]["slow"] for _ in range(2)
    )
    assert len(first["seconds"]) == 1 and not first["faults"]
    assert f"left out after {case.name}" in second["faults"][""] and "seconds" not in second


def test_a_quick_run_leaves_out_the_slow_variants_of_a_peer():
    case = CASES["sum"](dtype=np.dtype("float64"))
    right = numpy_best.variants(case, 1)[""]
    variants = {"compiled": lambda times: 1 / 0, "plain": right}
    peer = SimpleNamespace(NAME="peer", SLOW=["compiled"], variants=lambda case, threads: variants)
    job = Job("epochs", rounds=1, turn=0.002)
    entry = measure.measure(case, [peer], job, Patience(quick=True))["peers"]["peer"]
    assert entry["variant"] == "plain"
    assert entry["faults"] == {"compiled": "left out of a quick run: slow to compile"}


def test_the_work_of_a_case_is_counted():
    # 2-4-1: forward and gradient 12 each, back through the last layer 4
    case = moons(np.dtype("float64"))
    assert (case.multiply_adds, case.sigmoids) == (100 * (12 + 12 + 4), 100 * 5)
    case = CASES["softmax"](dtype=np.dtype("float64"))
    assert (case.multiply_adds, case.sigmoids) == (30 * (32 + 32 + 20), 30 * 4)
    assert CASES["tanh"](dtype=np.dtype("float64")).sigmoids == 30 * 11
    assert CASES["identity"](dtype=np.dtype("float64")).sigmoids == 30 * 4


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_roofline_is_the_time_of_all_multiply_adds_and_sigmoids(dtype, monkeypatch):
    seconds = {"multiply_adds": [1e-3, 2e-3], "sigmoids": [0.5, 0.25]}
    found = roofline_entry({"multiply_adds": 1000, "sigmoids": 2}, seconds)
    assert found["roofline"] == [2.0, 2.5]
    assert found["rates"]["multiply_adds_per_second"] == [1000, 500]
    assert found["rates"]["sigmoids_per_second"] == [2, 4]
    # The time is divided by the number that was really made.
    contenders = roofline_contenders(dtype, 0.001)
    make, count = contenders["multiply_adds"]
    assert make(count) == count
    made = []
    loop_sigmoid = SimpleNamespace(loop_sigmoid=lambda z, times: made.append(z.size * times))
    monkeypatch.setattr(roofline, "_core", loop_sigmoid)
    make, count = contenders["sigmoids"]
    make(count)
    assert made == [count]
