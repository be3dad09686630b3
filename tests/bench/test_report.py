"""The pages of the benchmark agree with its figures."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from bench import report
from bench.harness.names import REFERENCE
from bench.harness.spread import Spread
from bench.report import charts, readme, tables
from bench.report.page import page
from bench.report.statistics import ratio, share, starts, time, with_section_conditions

ROOT = Path(__file__).parents[2]
RUN = json.loads((Path(__file__).parent / "run.json").read_text())
RUNS = {"avx2": RUN}
README = (ROOT / "README.md").read_text()


@pytest.fixture
def run():
    return copy.deepcopy(RUN)


def stale(run, results, readme_text):
    """Return which of the two pages disagree with the run."""
    pages = {
        "results.md": page(run) == results,
        "README": readme.with_figures(readme_text, {"avx2": run}) == readme_text,
    }
    return [name for name, same in pages.items() if not same]


def test_the_committed_pages_are_those_of_the_committed_figures():
    committed = report.load(report.RESULTS)
    assert {path.name for path in report.RESULTS.iterdir()} == set(committed)
    assert readme.with_figures(README, committed) == README
    for target, run in committed.items():
        assert run["conditions"]["target"] == target
        assert (report.RESULTS / target / "results.md").read_text() == page(run)
        for name, (section, make) in charts.PICTURES.items():
            drawn = make(with_section_conditions(run, section)) is not None
            assert (report.RESULTS / target / name).exists() == drawn


def test_only_the_report_of_the_committed_results_writes_the_readme(tmp_path, monkeypatch):
    (tmp_path / "avx2").mkdir()
    (tmp_path / "avx2" / "results.json").write_text(json.dumps(RUN))
    (tmp_path / "README.md").write_text(README)
    monkeypatch.setattr(report, "README", tmp_path / "README.md")
    report.write(tmp_path)
    assert (tmp_path / "README.md").read_text() == README
    assert stale(RUN, (tmp_path / "avx2" / "results.md").read_text(), README) == ["README"]
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    monkeypatch.chdir(tmp_path.parent)
    report.write(tmp_path.name)
    written = (tmp_path / "README.md").read_text()
    assert stale(RUN, (tmp_path / "avx2" / "results.md").read_text(), written) == []


def test_another_figure_makes_the_pages_stale(run):
    results, text = page(run), readme.with_figures(README, {"avx2": run})
    run["epochs"][0]["peers"]["NumPy"]["seconds"][1] *= 1.5
    assert stale(run, results, text) == ["results.md", "README"]


@pytest.mark.parametrize("name", readme.PARTS)
def test_another_figure_in_the_readme_makes_it_stale(name, run):
    results, text = page(run), readme.with_figures(README, {"avx2": run})
    part = readme.PARTS[name]({"avx2": run})
    digit = next(d for d in "123456789" if d in part)
    changed = text.replace(part, part.replace(digit, "0" if digit != "0" else "1", 1))
    assert changed != text
    assert stale(run, results, changed) == ["README"]


def test_the_rest_of_the_readme_is_kept(run):
    text = readme.with_figures(README, {"avx2": run})
    assert readme.PART.sub("", text) == readme.PART.sub("", README)


@pytest.mark.parametrize("name", ["other", "roofline"])
def test_the_readme_has_every_part_once(name, run):
    with pytest.raises(ValueError, match=f"got .*'{name}'"):
        readme.with_figures(f"{README}<!-- bench:{name} --><!-- /bench:{name} -->", RUNS)
    with pytest.raises(ValueError, match="got \\[\\]"):
        readme.with_figures("", RUNS)


def test_the_readme_needs_its_figures(run):
    run["epochs"] = [entry for entry in run["epochs"] if entry["dtype"] == "float64"]
    with pytest.raises(ValueError, match="float32 on 1 thread, but"):
        readme.with_figures(README, {"avx2": run})


def test_the_readmes_figures():
    assert readme.float32(RUNS) == "0.50 times as long with AVX2"
    assert readme.threads(RUNS) == "It is up to 1.60 times as fast on 2 threads with AVX2."
    assert readme.roofline(RUNS) == "45 % (200 × 24-8-2) to 50 % (100 × 2-4-1) with AVX2"
    assert "| 100 × 2-4-1 | 800 ns | 3.0 | **0.60 †** | – | ‡ |" in readme.speed(RUNS)


def test_the_readmes_many_networks(run):
    text = readme.many(RUNS)
    assert "| 100 × (20 × 2-4-1), 50 epochs of Adam | 2.00 ms | 2.0 | **0.50** |" in text
    assert "20 groups of 60 × 4-8-1, 2 threads: 10.0 ms instead of 300 ms (30)." in text
    del run["many"]
    assert readme.many({"avx2": run}) == ""


def two_runs():
    """Return a run of AVX-512 whose contenders take half as long, and RUN; each has its cases."""
    other = copy.deepcopy(RUN)
    other["conditions"] |= {"target": "avx512", "processor": "Another CPU"}
    for entry in other["epochs"]:
        for peer in entry["peers"].values():
            peer["seconds"] = [s / 2 for s in peer["seconds"]] if "seconds" in peer else None
    other["epochs"][1]["case"] = "another case"
    del other["epochs"][0]["peers"]["Numba"]
    return {"avx512": other, "avx2": RUN}


def test_the_readme_has_a_table_for_each_target():
    first, second = readme.speed(two_runs()).split("With AVX2:")
    assert first.startswith("\nWith AVX-512:\n\n| samples × layers | denseloop | NumPy | JAX |")
    assert rows(first)[2:] == [
        ["100 × 2-4-1", "400 ns", "3.0", "–", "‡"],
        ["another case, a call", "10.0 µs", "2.2", "–", "–"],
    ]
    assert rows(second) == [
        ["samples × layers", "denseloop", "NumPy", "Numba", "JAX", "PyTorch"],
        ["---", *["---:"] * 5],
        ["100 × 2-4-1", "800 ns", "3.0", "**0.60 †**", "–", "‡"],
        ["200 × 24-8-2, gradients, a call", "20.0 µs", "2.2", "–", "–", "–"],
    ]


def test_the_readme_names_the_machine_and_the_page_of_each_target():
    text = readme.speed(two_runs())
    assert "AVX-512: Another CPU" in text and "AVX2: Some CPU" in text
    for target in ("avx512", "avx2"):
        assert f"(bench/results/{target}/results.md)" in text
        assert f"(bench/results/{target}/speed.png)" in text
    assert " with AVX-512 and 0.50 times as long with AVX2" in readme.float32(two_runs())


def test_the_runs_of_a_folder_are_those_with_results(tmp_path):
    for target, run in two_runs().items():
        (tmp_path / target).mkdir()
        (tmp_path / target / "results.json").write_text(json.dumps(run))
    (tmp_path / "neon").mkdir()
    assert list(report.load(tmp_path)) == ["avx512", "avx2"]


def test_the_page_says_how_every_library_is_held():
    text = page(RUN)
    assert text.startswith("# What the benchmark found with AVX2\n")
    assert "### How every library is held to AVX2" in text
    assert "| Numba's compiler | `NUMBA_CPU_FEATURES=-avx512f` |" in text
    assert "NumPy: X86_V3; OpenBLAS: Haswell.\n" in text
    assert "| targets of this machine | baseline, avx2, avx512 |" in text
    conditions = RUN["conditions"] | {"targets": ["baseline", "avx2"]}
    assert "The CPU has no more than that" in page(RUN | {"conditions": conditions})
    older = {k: v for k, v in RUN["conditions"].items() if k not in ("held", "instructions")}
    assert "chose its instructions by itself" in page(RUN | {"conditions": older})


def entry(**seconds):
    return {"peers": {name: {"seconds": rounds, "faults": {}} for name, rounds in seconds.items()}}


def test_a_ratio_is_taken_round_by_round():
    found = entry(denseloop=[1.0, 2.0, 4.0], peer=[3.0, 2.0, 8.0])
    # 3, 1 and 2; the ratio of the medians would be 1.5.
    assert ratio(found, "peer") == Spread(1.0, 2.0, 3.0)
    assert ratio(found, "another") is None
    assert time(found, "peer") == Spread(2.0, 3.0, 8.0)


def test_quartiles():
    found = entry(denseloop=[2.0] * 7, peer=[8.0, 2.0, 10.0, 4.0, 12.0, 6.0, 14.0])
    assert ratio(found, "peer") == Spread(2.0, 4.0, 6.0)


def test_the_share_of_the_roofline_is_taken_round_by_round():
    found = entry(denseloop=[1.0, 2.0, 4.0]) | {"roofline": [0.3, 1.0, 1.6]}
    assert share(found, REFERENCE) == Spread(0.3, 0.4, 0.5)
    assert share(entry(denseloop=[1.0]), REFERENCE) is None


def test_rounds_of_different_number_have_no_ratio():
    with pytest.raises(ValueError):
        ratio(entry(denseloop=[1.0, 1.0], peer=[1.0]), "peer")


def test_too_wide_is_more_than_a_fifth_of_the_median():
    assert not Spread(1.82, 2.0, 2.2).too_wide
    assert Spread(1.79, 2.0, 2.2).too_wide


def rows(text):
    return [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("|")]


def test_the_table_of_ratios():
    header, rule, *body = rows(tables.ratios(RUN["epochs"][:2], ["JAX"]))
    assert header[1:] == ["denseloop", "NumPy", "Numba", "JAX", "PyTorch"]
    assert rule == ["---", *["---:"] * 5]
    assert body == [
        ["100 × 2-4-1", "800 ns", "3.0 (3.0–3.1)", "**0.60 (0.40–0.80) †**", "–", "‡"],
        ["200 × 24-8-2, gradients, a call", "20.0 µs", "2.2 (2.1–2.3)", "–", "–", "–"],
    ]


def test_bold_marks_peers_that_are_faster_in_three_rounds_of_four():
    found = entry(denseloop=[1.0] * 3, faster=[0.7, 0.8, 0.9], often=[0.7, 0.8, 1.1])
    found |= {"case": "100 × 2-4-1", "repeated": "epoch"}
    cells = rows(tables.ratios([found], []))[2]
    assert cells[2:] == ["**0.80 (0.70–0.90) †**", "0.80 (0.70–1.10) †"]


def test_marks_are_explained_below_their_table():
    with_all = tables.with_notes(tables.ratios(RUN["epochs"][:1], []))
    assert [line[0] for line in with_all.split("\n\n")[1].splitlines()] == ["B", "†", "‡"]
    with_none = tables.ratios(RUN["epochs"][1:2], [])
    assert tables.with_notes(with_none) == with_none


def test_the_table_of_first_runs():
    assert rows(tables.first_runs(RUN["epochs"][:1], ["JAX"]))[2:] == [
        ["100 × 2-4-1", "40.0 µs", "3.00 ms (in place)", "4.25 s (tiles)", "–", "‡"]
    ]


def test_the_table_of_shares():
    header, _, *body = rows(tables.shares(RUN["epochs"], []))
    assert header[1:4] == ["roofline", "denseloop", "NumPy"]
    assert body == [
        ["100 × 2-4-1", "400 ns", "50 (40–80) †", "17 (13–27) †", "83 (50–200) †", "‡"],
        ["200 × 24-8-2, gradients, a call", "9.00 µs", "45 (45–45)", "20 (20–21)", "–", "–"],
    ]


def test_the_table_of_a_solution():
    assert rows(tables.solutions(RUN["solution"][0], ["JAX"]))[2:] == [
        ["denseloop", "51,234", "50.0 ms", "40.0 ms", "–"],
        ["Numba", "51,250", "4.25 s", "80.0 ms", "2.0 (1.5–2.5) †"],
        ["JAX", "–", "–", "–", "–"],
        ["PyTorch", "‡", "‡", "‡", "‡"],
    ]


def test_the_table_of_a_function_is_marked_by_the_ratio():
    # In the first row the times are spread widely, but not their ratio.
    assert rows(tables.elementwise(RUN["functions"]))[2:] == [
        ["1", "350", "1,900"],
        ["1,000", "0.850", "2.50 †"],
    ]


def test_the_tables_of_published_cases():
    assert rows(tables.published(RUN["published"]))[2:] == [
        ["[Other.jl](https://example.org)", "a laptop", "5.00 µs", "0.50"]
    ]
    text = page(RUN).split("## Published cases")[1]
    assert "against denseloop here on 2 threads" in text
    assert "| 1 thread | 20.0 µs | 2.0 (2.0–2.0) | – |" in text
    assert "| 2 threads | 10.0 µs | – | – |" in text
    assert "There the targets are smaller." in text and "not measured here" in text


def test_the_table_of_listings():
    assert rows(tables.listings(RUN["listings"]))[2:] == [
        ["part 1, one weight", "6.00 µs", "2.00 µs", "3.0 (3.0–3.0)"],
        ["part 3, 3 inputs", "6.00 µs", "‡", "‡"],
    ]


def test_the_page_has_the_short_calls():
    assert "| Network([2, 4, 1]) | 30.0 µs | – | 3.0 (3.0–3.0) |" in page(RUN)


def test_the_table_of_starts():
    assert rows(tables.starts(starts(RUN)))[2:] == [
        ["denseloop", "85.0 ms", "40.0 µs", "31.0 MB"],
        ["NumPy", "80.0 ms †", "300 µs", "27.0 MB"],
    ]


def test_faults_list_the_contender_the_reason_and_the_cases():
    assert tables.faults(RUN["epochs"]).splitlines() == [
        "- NumPy (copies): a NaN. At 100 × 2-4-1 (float64, 1).",
        "- PyTorch: array 0 differs by 0.0042, tolerance 1e-09. At 100 × 2-4-1 (float64, 1).",
    ]
    assert tables.faults(RUN["epochs"][2:]) == ""


def test_the_page_shows_what_was_measured(run):
    text = page(run)
    for part in [
        "| JAX | not installed: No module named 'jax' |",
        "| rounds | 3, a quick run |",
        "| NumPy | 2.4.6 |",
        "### float64, 2 threads",
        "| float64 | 1 thread | 58.0 GFLOP/s | 0.667 ns |",
        "| 1,000 | 7.00 µs | 3.0 (3.0–3.0) | – |",
        "### Moons: error 1.50, float64, 1 thread",
        "### sigmoid derivative, float32",
    ]:
        assert part in text
    assert text.count("Not timed:") == 6
    run["growth"], run["start"] = [], {}
    assert "growth.png" not in page(run) and "start.png" not in page(run)


def test_the_picture_of_the_speed():
    (axis,) = charts.speed.figure(RUN).axes
    texts = [text.get_text() for text in axis.texts]
    assert {"100 × 2-4-1", "denseloop 800 ns", "NumPy  3.0", "Numba  0.60"} <= set(texts)
    dots = [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "o"]
    assert dots == pytest.approx([3.0, 0.6, 2.2])


def test_the_picture_of_the_functions():
    (axis,) = charts.curves.functions(RUN).axes
    numpy, denseloop = (line.get_xydata() for line in axis.lines)
    assert denseloop == pytest.approx(np.array([[1, 3.5e-7], [1000, 8.5e-10]]))
    assert numpy == pytest.approx(np.array([[1, 1.9e-6], [1000, 2.5e-9]]))


def test_the_picture_of_the_growth():
    (axis,) = charts.curves.growth(RUN).axes
    numpy, denseloop, roofline = (line.get_xydata() for line in axis.lines)
    assert denseloop == pytest.approx(np.array([[1e3, 7e-6], [1e4, 7e-5]]))
    assert numpy == pytest.approx(np.array([[1e3, 2.1e-5]]))  # left out of the larger one
    assert roofline == pytest.approx(np.array([[1e3, 6e-6], [1e4, 6e-5]]))


def test_pictures_are_drawn_for_the_sections_of_a_run(tmp_path, run):
    charts.draw(run, tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(first) == set(charts.PICTURES)
    assert all(data.startswith(b"\x89PNG") and len(data) < 100_000 for data in first.values())
    run["solution"] = []
    charts.draw(run, tmp_path)  # removes the picture of the earlier run
    second = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert second == {name: data for name, data in first.items() if name != "solution.png"}
