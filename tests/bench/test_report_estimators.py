"""The pages of the benchmark agree with the figures of scikit-learn's estimators."""

import copy
import json
from pathlib import Path

import pytest

from bench.report import charts, estimator_tables, readme
from bench.report.page import page

RUN = json.loads((Path(__file__).parent / "run.json").read_text())
FITS, CALLS = RUN["estimators"][:3], RUN["estimators"][3:]
IRIS = "iris, 150 × 4-10-3, Adam, batches of 150"
RANDOM = "random, 10000 × 784-128-10, Adam, batches of 128"


def rows(text):
    return [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("|")]


def test_the_table_of_fits():
    assert rows(estimator_tables.fits(FITS))[2:] == [
        [IRIS, "logistic", "500", "0.0100", "0.250", "25 (25–25)"],
        [IRIS, "relu", "500", "‡", "0.240", "‡"],
        [RANDOM, "logistic", "4", "125", "100", "**0.80 (0.80–0.90)**"],
    ]


def test_bold_marks_scikit_learn_if_it_is_faster_in_three_rounds_of_four():
    often = copy.deepcopy(FITS[2])
    often["peers"]["scikit-learn"]["seconds"] = [0.4, 0.4, 0.55]
    assert rows(estimator_tables.fits([often]))[2][-1] == "0.80 (0.80–1.10) †"


def test_the_table_of_calls():
    assert rows(estimator_tables.calls(CALLS))[2:] == [
        ["predict of one row, iris", "4.00 µs", "100 µs", "25 (20–30) †"],
        [CALLS[1]["case"], "4.00 s", "30.0 s", "7.5 (7.0–7.5)"],
    ]


def test_the_table_of_the_readme():
    assert rows(estimator_tables.compact({"AVX2": FITS})) == [
        ["data, samples × layers", "AVX2<br>logistic", "AVX2<br>relu"],
        ["---", "---:", "---:"],
        [IRIS, "25", "‡"],
        [RANDOM, "**0.80**", "–"],
    ]
    both = {"AVX-512": FITS[2:], "AVX2": FITS[:1]}
    assert rows(estimator_tables.compact(both)) == [
        ["data, samples × layers", "AVX-512<br>logistic", "AVX2<br>logistic"],
        ["---", "---:", "---:"],
        [RANDOM, "**0.80**", "–"],
        [IRIS, "–", "25"],
    ]


def test_the_readme_has_one_row_and_a_search():
    text = " ".join(readme.estimators({"avx2": RUN}).split())
    assert "Predict of one row, iris: 4.00 µs instead of 100 µs (25 †)." in text
    assert "5 folds, 2 processes: 4.00 s instead of 30.0 s (7.5)." in text


def test_the_pages_of_a_run_without_estimators_omit_them():
    run = {name: data for name, data in RUN.items() if name != "estimators"}
    assert readme.estimators({"avx2": run}) == "" and charts.estimators.figure(run) is None
    assert (
        page(run)
        == page(RUN).split("## scikit-learn's")[0] + "## Odd" + (page(RUN).split("## Odd")[1])
    )


def test_an_estimator_with_other_losses_is_listed():
    listed = page(RUN).split("## scikit-learn's")[1].split("Not timed:")[1]
    fault = "denseloop: losses differ by 2e-08, tolerance 1e-09"
    assert f"- {fault}. At {IRIS}, relu (float64, 1)." in listed


def test_the_page_has_the_tables_of_odd_shapes():
    text = page(RUN).split("## Odd shapes")[1].split("## Many networks")[0]
    first, second = text.split("### Times of a call, ")[1:]
    assert first.startswith("float64, 1 thread\n") and second.startswith("float32, 2 threads\n")
    assert rows(first) == [
        ["", "denseloop", "scikit-learn", "ratio"],
        ["---", "---:", "---:", "---:"],
        ["predict, 1 × 10-10-1", "4.00 µs", "100 µs", "25 (20–30) †"],
    ]
    assert rows(second)[2:] == [
        ["fit, 2000 × 784-100-10", "50.0 ms", "40.0 ms", "**0.80 (0.80–0.80)**"],
        ["predict, 2000 × 784-100-10", "‡", "10.0 ms", "‡"],
    ]
    fault = "denseloop: outputs differ by 0.0001, tolerance 1e-05"
    assert f"- {fault}. At predict, 2000 × 784-100-10, a call (float32, 2)." in second
    without = page({name: data for name, data in RUN.items() if name != "shapes"})
    assert without == page(RUN).replace(f"## Odd shapes{text}", "")


def test_the_picture_of_the_estimators():
    (axis,) = charts.estimators.figure(RUN).axes
    ends = [bar.get_x() + bar.get_width() for bar in axis.patches]
    assert ends == pytest.approx([25, 0.8, 25, 7.5])
    texts = [text.get_text() for text in axis.texts]
    assert texts[:4] == ["iris", IRIS.split(", ", 1)[1], "logistic, 10.0 µs", "25"]
    assert {"4.00 µs", "4.00 s", "7.5"} <= set(texts)
