"""The commands of denseloop print what they compute, and errors in one line."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from denseloop import __version__, tutorials
from denseloop.__main__ import main
from denseloop.tutorials import demo, many_networks


def test_the_demo_reaches_the_tutorials_errors_faster_than_the_listings(tmp_path, capsys):
    """Times depend on the machine and its load, so the test only asks which is shorter."""
    picture = tmp_path / "moons.png"
    ratios = demo.run(picture, seconds=0.5)
    printed = capsys.readouterr().out
    assert re.search(r"perceptron 2-1 +4\.1793 +4\.17 ", printed)
    assert re.search(r"hidden layer 2-4-1 +1\.5033 +1\.50 ", printed)
    rows = re.findall(r"([0-9.]+) µs +([0-9.]+) µs +([0-9]+) ×", printed)
    assert len(rows) == 2
    for mine, listing, ratio in rows:
        assert float(ratio) == pytest.approx(float(listing) / float(mine), rel=0.05)
    assert set(ratios) == {"stackabuse-perceptron", "stackabuse-hidden-layer"}
    assert min(ratios.values()) > 1

    agreement = float(re.search(r"the same error to (\S+) \(relative\)", printed)[1])
    assert agreement < 1e-12

    solution = re.search(
        r"error 1\.50 after (\d+) steps, ([\d.]+) ms; "
        r"the listing needs ([\d,]+) epochs, ([\d.]+) s: ([\d,]+) ×",
        printed,
    )
    steps, milliseconds, epochs, seconds, ratio = (
        float(number.replace(",", "")) for number in solution.groups()
    )
    assert steps < 50 and 1_000 < epochs < 200_000
    assert ratio == pytest.approx(seconds / milliseconds * 1e3, rel=0.1) and ratio > 1
    assert re.search(r"error 1\.00 after \d+ steps, .* ms; descent stays at 1\.50", printed)

    starts = re.search(
        r"from 500 starts, 5,000 epochs each, in one call:\n"
        r"([\d.]+) s; the listing needs ([\d,]+) s: ([\d,]+) ×\n"
        r"35 starts come within 10% of the lowest error, 1\.59\n",
        printed,
    )
    seconds, listing, ratio = (float(number.replace(",", "")) for number in starts.groups())
    assert ratio > 1 and ratio == pytest.approx(listing / seconds, rel=0.1)
    assert re.search(r"ensemble of 50 × 1-8-1, fitted to 80 points: [\d.]+ s\n", printed)

    second = tmp_path / "moons-many.png"
    assert f"Pictures: {picture} and {second}" in printed
    for path in (picture, second):
        assert path.read_bytes().startswith(b"\x89PNG")


def test_the_demos_ensemble_is_surest_where_it_has_seen_points():
    X, y = many_networks.noisy_curve()
    shown = np.array([-1.5, 0.1, 1.5, 3.0])
    mean, std, _ = many_networks.ensemble_band(X, y, shown, members=20)
    assert abs(mean - np.sin(2 * shown))[[0, 2]].max() < 0.1
    assert std[[0, 2]].max() < 0.1 < std[[1, 3]].min()


def test_a_replay_prints_its_figures_and_saves_a_picture(tmp_path, capsys):
    picture = tmp_path / "figure.png"
    arguments = ["replay", "paperspace-10-2-1", "--seed", "0", "--picture", str(picture)]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert re.search(r"prediction +0\.2 +0\.2000432856227", printed)
    assert picture.exists()


def test_a_replay_shows_its_time_beside_that_of_the_listing(capsys):
    """Times depend on the machine and its load, so the test only asks which is shorter."""
    assert main(["replay", "paperspace-3-8-1"]) == 0
    printed = capsys.readouterr().out
    assert "\nOne sample: 3 inputs and a hidden layer of 8; the output weights are up" in printed
    milliseconds, seconds, iterations, ratio = (
        float(number.replace(",", ""))
        for number in re.search(
            r"Time: ([\d.]+) ms\nThe listing in plain NumPy: ([\d.]+) s, "
            r"extrapolated from ([\d,]+) iterations; ([\d,.]+) times as long\n",
            printed,
        ).groups()
    )
    assert 1 <= iterations < 80_000
    assert ratio == pytest.approx(seconds / milliseconds * 1e3, rel=0.05) and ratio > 1


def test_a_listing_that_is_run_to_its_end_is_not_extrapolated(capsys):
    assert main(["replay", "paperspace-3-8-1", "--epochs", "3", "--learning-rate", "1e30"]) == 0
    assert re.search(r"NumPy: [\d.]+ ms; [\d.]+ times as long\n", capsys.readouterr().out)


@pytest.mark.parametrize("name", tutorials.NAMES)
def test_every_name_is_known_to_the_command(name, capsys):
    assert main(["replay", name, "--epochs", "2"]) == 0
    assert "published" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "epochs must be at least 1, got 0"),
        (["--epochs", "1000000000000"], "Unable to allocate"),
    ],
)
def test_errors_are_one_line(arguments, message, capsys):
    assert main(["replay", "paperspace-1-1", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("denseloop: ") and message in error and error.count("\n") == 1


@pytest.mark.parametrize(
    "path", ["/no/such/folder/x.png", "/", "", "..", "x" * 300, "x" * 253, "x/" * 3000 + "y"]
)
@pytest.mark.parametrize("command", [["demo"], ["replay", "paperspace-1-1"]])
def test_a_picture_that_cannot_be_saved_is_refused_first(command, path, capsys):
    with pytest.raises(SystemExit):
        main([*command, "--picture", path])
    assert f"no file can be made at {path!r}" in capsys.readouterr().err


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root and Windows may write everywhere"
)
def test_a_picture_where_nobody_may_write_is_refused_first(tmp_path, capsys):
    tmp_path.chmod(0o500)
    with pytest.raises(SystemExit):
        main(["replay", "paperspace-1-1", "--picture", str(tmp_path / "x.png")])
    assert "no file can be made" in capsys.readouterr().err


def test_a_command_whose_output_is_closed_ends_well():
    command = f"'{sys.executable}' -m denseloop replay paperspace-1-1 --epochs 5 >&-"
    found = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert (found.returncode, found.stderr) == (0, "")


def test_a_picture_without_an_ending_is_a_png(tmp_path, capsys):
    assert main(["replay", "paperspace-1-1", "--picture", str(tmp_path / "figure")]) == 0
    assert str(tmp_path / "figure.png") in capsys.readouterr().out
    assert (tmp_path / "figure.png").exists()


@pytest.mark.parametrize("command", [["demo"], ["replay", "paperspace-10-2-1"]])
def test_an_unknown_ending_is_refused_first(command, tmp_path, capsys):
    assert main([*command, "--picture", str(tmp_path / "figure.docx")]) == 1
    printed = capsys.readouterr()
    assert "a picture must end in one of" in printed.err and printed.err.count("\n") == 1
    assert printed.out == ""


def start_python(*arguments):
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        text=True,
    )


@pytest.mark.parametrize(
    ("module", "part", "package"),
    [
        ("matplotlib", "a picture", "matplotlib"),
        ("tqdm", "progress=True", "tqdm"),
        ("sklearn", "denseloop.neural_network", "scikit-learn"),
    ],
)
def test_a_missing_package_is_named_for_pip(module, part, package):
    program = (
        f"import sys; sys.modules[{module!r}] = None; from denseloop.__main__ import main;"
        "sys.exit(main(['demo', '--picture', 'never-written.png']))"
    )
    process = start_python("-c", program)
    _, error = process.communicate()
    assert process.returncode == 1
    assert error.startswith(f"denseloop: {part} needs {package}: pip install {package} (")
    assert error.count("\n") == 1


def test_a_terminal_without_the_letters_gets_others():
    program = (
        "from denseloop.__main__ import main;"
        "main(['replay', 'paperspace-1-1', '--epochs', '2']); print('3 \u00d7')"
    )
    process = start_python("-c", program)
    output, error = process.communicate()
    assert (process.returncode, error) == (0, "")
    assert output.endswith("3 ?\n")


def test_a_reader_may_stop_reading():
    process = start_python("-m", "denseloop", "replay", "paperspace-1-1", "--epochs", "2")
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), error) == (1, "")


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"denseloop {__version__}\n"
