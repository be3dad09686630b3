"""The benchmark times only those who do the same work."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from bench.harness import measure, roofline
from bench.harness.job import Job
from bench.harness.measure import Patience
from bench.harness.reference import reference
from bench.harness.roofline import roofline_contenders, roofline_entry
from bench.peers import numpy_best
from bench.sections.cases import drawn, moons, one_sample

CASES = {
    "moons": moons,
    "one sample": one_sample,
    "sum": partial(drawn, 30, [3, 4, 2], 0.05),
    "mean": partial(drawn, 30, [3, 4, 2], 0.5, reduction="mean"),
    "gradients": partial(drawn, 30, [3, 4, 2], 0.0, updates=False),
    "batches": partial(drawn, 30, [3, 4, 2], 0.5, reduction="mean", batch_size=8),
    "Adam": partial(drawn, 30, [3, 4, 2], 0.01, reduction="mean", batch_size=8, optimizer="adam"),
    "softmax": partial(
        drawn,
        30,
        [3, 4, 5],
        0.5,
        reduction="mean",
        loss="cross_entropy",
        output_activation="softmax",
    ),
}


# The compiled ones are too slow to start for a test; the benchmark itself proves them.
@pytest.mark.parametrize("peer", ["denseloop_train", "numpy_best", "numpy_listing", "sklearn_mlp"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", CASES)
def test_the_peers_come_to_what_the_oracle_does(name, dtype, peer):
    module = pytest.importorskip(f"bench.peers.{peer}")
    case = CASES[name](dtype=np.dtype(dtype))
    expected = reference(case)
    for run in module.variants(case, threads=1).values():
        for _ in range(2):  # a second run starts afresh
            assert expected.fault(*run(expected.times)) is None


def spoiled(run, calls, spoil):
    """`run` with its results spoiled; `calls` gets the number of epochs of each call."""

    def wrong(times):
        calls.append(times)
        losses, arrays = run(times)
        return spoil(np.array(losses), [np.array(array) for array in arrays])

    return wrong


def without_bias_updates(losses, arrays, case):
    return losses, arrays[: len(case.weights)] + case.biases


def with_shifted_losses(losses, arrays, case):
    return np.roll(losses, 1), arrays


def with_a_nan(losses, arrays, case):
    arrays[0][0, 0] = np.nan
    return losses, arrays


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("spoil", [without_bias_updates, with_shifted_losses, with_a_nan])
def test_a_wrong_contender_is_reported_and_not_timed(spoil, dtype):
    case = CASES["sum"](dtype=np.dtype(dtype))
    right = numpy_best.variants(case, 1)[""]
    calls = []
    wrong = spoiled(right, calls, partial(spoil, case=case))
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
    assert calls == 2 * [reference(case).times]  # nothing but the proof
    assert result["mixed"]["variant"] == "b" and list(result["mixed"]["faults"]) == ["a"]
    assert "ZeroDivisionError" in result["failing"]["faults"][""]
    assert not result["unable"]["faults"] and "seconds" not in result["unable"]


def test_who_begins_too_slowly_is_left_out_from_then_on():
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


def test_a_quick_run_leaves_out_what_its_peer_calls_slow():
    case = CASES["sum"](dtype=np.dtype("float64"))
    right = numpy_best.variants(case, 1)[""]
    ways = {"compiled": lambda times: 1 / 0, "plain": right}
    peer = SimpleNamespace(NAME="peer", SLOW=["compiled"], variants=lambda case, threads: ways)
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


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_roofline_is_the_least_time_of_the_work(dtype, monkeypatch):
    seconds = {"multiply_adds": [1e-3, 2e-3], "sigmoids": [0.5, 0.25]}
    found = roofline_entry({"multiply_adds": 1000, "sigmoids": 2}, seconds)
    assert found["roofline"] == [2.0, 2.5]
    assert found["rates"]["multiply_adds_per_second"] == [1000, 500]
    assert found["rates"]["sigmoids_per_second"] == [2, 4]
    # What is made is just what its time is divided by.
    contenders = roofline_contenders(dtype, 0.001)
    make, count = contenders["multiply_adds"]
    assert make(count) == count
    made = []
    loop_sigmoid = SimpleNamespace(loop_sigmoid=lambda z, times: made.append(z.size * times))
    monkeypatch.setattr(roofline, "_core", loop_sigmoid)
    make, count = contenders["sigmoids"]
    make(count)
    assert made == [count]
