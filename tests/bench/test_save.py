"""Sections that are measured separately replace those of a saved run, and the pages say so."""

import copy
import json
import sys
from pathlib import Path

import pytest

from bench import __main__ as program
from bench import report
from bench.harness.save import save
from bench.report import charts, readme
from bench.report.charts.style import footer
from bench.report.page import page
from bench.report.statistics import with_section_conditions

ROOT = Path(__file__).parents[2]
RUN = json.loads((Path(__file__).parent / "run.json").read_text())
EMPTY = {name: [] for name in (*program.SECTIONS, "roofline")} | {"start": {}}
LATER = RUN["conditions"] | {"date": "2026-12-24", "rounds": 7, "quick": False}
MEASURED = [RUN["estimators"][0]]


def newer(**sections):
    return EMPTY | {"conditions": LATER} | sections


@pytest.fixture
def folder(tmp_path):
    save(RUN, tmp_path)
    return tmp_path


def saved(folder):
    return json.loads((folder / "results.json").read_text())


def without_peers(monkeypatch, targets=("avx2",)):
    """Let the program measure a few entries of each target without a child."""
    monkeypatch.setattr(program, "chosen_targets", lambda options: targets)
    monkeypatch.setattr(program, "run", lambda options, target: newer(estimators=MEASURED))
    monkeypatch.setattr(sys.stdout, "reconfigure", lambda **_: None, raising=False)


def test_a_section_alone_leaves_the_others_as_they_were(folder):
    save(newer(estimators=MEASURED), folder, ["estimators"])
    assert saved(folder) == RUN | {"estimators": MEASURED, "apart": {"estimators": LATER}}


def test_a_section_is_added_to_a_run_without_it(folder):
    save({name: data for name, data in RUN.items() if name != "estimators"}, folder)
    save(newer(estimators=MEASURED), folder, ["estimators"])
    assert saved(folder) == RUN | {"estimators": MEASURED, "apart": {"estimators": LATER}}


def test_the_roofline_is_replaced_with_the_epochs(folder):
    roofline = [RUN["roofline"][0] | {"threads": 2}]
    save(newer(growth=RUN["growth"][:1], roofline=roofline), folder, ["growth"])
    assert saved(folder)["roofline"] == RUN["roofline"]
    save(newer(epochs=RUN["epochs"][:1], roofline=roofline), folder, ["epochs"])
    assert saved(folder)["roofline"] == roofline
    assert saved(folder)["apart"] == dict.fromkeys(["growth", "epochs", "roofline"], LATER)


def test_a_section_without_a_result_stays_as_it_was(folder):
    save(newer(growth=RUN["growth"][:1]), folder, ["growth", "solution"])
    assert saved(folder)["solution"] == RUN["solution"]
    assert list(saved(folder)["apart"]) == ["growth"]


def test_a_whole_run_replaces_the_saved_one(folder):
    save(newer(estimators=MEASURED), folder, ["estimators"])
    save(RUN, folder)
    assert saved(folder) == RUN


def test_a_section_alone_can_be_the_first_run_of_a_folder(tmp_path):
    save(newer(estimators=MEASURED), tmp_path / "new", ["estimators"])
    assert saved(tmp_path / "new") == newer(estimators=MEASURED)


def test_a_section_alone_is_reported_with_the_others(folder, monkeypatch, capsys):
    readme_file = folder / "README.md"
    readme_file.write_text((ROOT / "README.md").read_text())
    monkeypatch.setattr(report, "README", readme_file)
    monkeypatch.setattr(report, "RESULTS", folder)
    without_peers(monkeypatch)
    save(RUN, folder / "avx2")
    program.main(["estimators", "--save", str(folder)])
    run = saved(folder / "avx2")
    text = (folder / "avx2" / "results.md").read_text()
    assert text == page(run) and run["growth"] == RUN["growth"]
    assert readme_file.read_text() == readme.with_figures(readme_file.read_text(), {"avx2": run})
    assert {path.name for path in (folder / "avx2").glob("*.png")} == set(charts.PICTURES)


def test_one_target_is_saved_without_touching_another(folder, monkeypatch, capsys):
    save(RUN, folder / "avx512")
    before = (folder / "avx512" / "results.json").read_bytes()
    without_peers(monkeypatch)
    program.main(["estimators", "--save", str(folder)])
    assert (folder / "avx512" / "results.json").read_bytes() == before
    assert saved(folder / "avx2") == newer(estimators=MEASURED)


@pytest.mark.parametrize(
    "option", [["--case", "a"], ["--peer", "a"], ["--dtype", "float32"], ["--threads", "1"]]
)
def test_a_part_of_a_section_cannot_replace_a_whole_one(option, folder, capsys):
    save(RUN, folder / "avx2")
    with pytest.raises(SystemExit):
        program.parse(["epochs", *option, "--save", str(folder)])
    expected = f"needs a folder without a results.json: the sections of the run in {folder} would"
    assert expected in capsys.readouterr().err
    program.parse(["epochs", *option, "--save", str(folder / "new")])


def apart(section, **differences):
    conditions = RUN["conditions"] | differences
    return copy.deepcopy(RUN) | {"apart": {section: conditions}}


def test_the_page_says_what_was_different_about_a_section():
    run = apart("estimators", date="2026-12-24", rounds=7, versions={"numpy": "2.5"})
    note = "Measured separately: date 2026-12-24; rounds 7, a quick run; NumPy 2.5."
    before, after = page(run).split(note)
    assert before.endswith("## scikit-learn's estimators\n\n")
    assert "| date | 2026-11-21 |" in before
    assert "Measured separately: the same conditions." in page(apart("growth"))
    assert "Measured separately" not in page(RUN)


def test_each_section_has_its_own_missing_peers():
    run = apart("growth", missing={})
    growth, solution = page(run).split("## How the time")[1].split("## Time to solution")
    assert "JAX" not in growth and "JAX" in solution


def test_a_picture_has_the_conditions_of_its_section(monkeypatch, tmp_path):
    run, texts = apart("estimators", date="2026-12-24"), {}

    def keep_texts(figure, path):
        texts[path.name] = [text.get_text() for text in figure.texts]

    monkeypatch.setattr(charts, "save", keep_texts)
    charts.draw(run, tmp_path)
    later = footer(with_section_conditions(run, "estimators"))
    assert [name for name in texts if later in texts[name]] == ["estimators.png"]
    assert set(texts) == set(charts.PICTURES)


def test_the_readme_has_the_conditions_of_its_sections():
    assert "2026-12-24" in readme.speed({"avx2": apart("epochs", date="2026-12-24")})
    assert "2026-12-24" in readme.estimators({"avx2": apart("estimators", date="2026-12-24")})
    for part in (readme.speed, readme.estimators):
        assert "2026-12-24" not in part({"avx2": apart("growth", date="2026-12-24")})
