"""The benchmark times only those who do the same work."""

import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1]))
from bench import measure  # noqa: E402
from bench.cases import drawn, moons, one_sample  # noqa: E402
from bench.peers import numpy_best  # noqa: E402
from bench.reference import reference  # noqa: E402

CASES = {
    "moons": moons,
    "one sample": one_sample,
    "sum": partial(drawn, 30, [3, 4, 2], 0.05),
    "mean": partial(drawn, 30, [3, 4, 2], 0.5, reduction="mean"),
    "gradients": partial(drawn, 30, [3, 4, 2], 0.0, updates=False),
    "batches": partial(drawn, 30, [3, 4, 2], 0.5, reduction="mean", batch_size=8),
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
def test_a_wrong_contender_is_reported_and_not_timed(spoil, dtype, monkeypatch):
    monkeypatch.setattr(measure, "SECONDS_A_ROUND", 0.002)
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
    result = measure.measure(case, contenders, threads=1, rounds=3)["peers"]
    assert len(result["right"]["seconds"]) == 3
    assert list(result["wrong"]["faults"]) == [""] and "seconds" not in result["wrong"]
    assert calls == 2 * [reference(case).times]  # nothing but the proof
    assert result["mixed"]["variant"] == "b" and list(result["mixed"]["faults"]) == ["a"]
    assert "ZeroDivisionError" in result["failing"]["faults"][""]
    assert not result["unable"]["faults"] and "seconds" not in result["unable"]
