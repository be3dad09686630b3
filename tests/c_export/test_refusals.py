"""What cannot be exported is refused before a file changes."""

import subprocess

import denseloop as dl
import numpy as np
import pytest

NETWORK = dl.Network([3, 2], seed=0)
STACK = dl.Networks([3, 2], count=2, seed=0)


@pytest.mark.parametrize(
    "name", ["", "2a", "a-b", "a b", "für", "int", "class", "_a", "a__b", "a_", "a\n", "a.h"]
)
def test_a_name_that_is_no_identifier(name, tmp_path):
    with pytest.raises(ValueError, match="name must be"):
        NETWORK.to_c(tmp_path / "x.h", name)
    with pytest.raises(ValueError, match="name must be"):
        STACK.to_c(tmp_path / "x.h", name)
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_no_text(tmp_path):
    with pytest.raises(TypeError, match="name must be a string, got 3"):
        NETWORK.to_c(tmp_path / "x.h", 3)


def test_parameters_that_are_not_finite(tmp_path):
    network = dl.Network([3, 2], seed=0)
    network.parameters[1] = np.nan
    with pytest.raises(ValueError, match="parameters must be finite"):
        network.to_c(tmp_path / "x.h")


def test_a_mean_has_no_derivative(tmp_path):
    with pytest.raises(ValueError, match="derivative=True needs average=False"):
        STACK.to_c(tmp_path / "x.h", average=True, derivative=True)


def test_a_folder_that_is_not_there_and_a_folder_as_a_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        NETWORK.to_c(tmp_path / "none" / "x.h")
    (tmp_path / "x.h").mkdir()
    with pytest.raises(OSError, match="x.h"):
        NETWORK.to_c(tmp_path / "x.h")
    assert [path.name for path in tmp_path.iterdir()] == ["x.h"]


def test_an_error_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x.h"
    path.write_text("old")

    def fail(*_):
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="no space left"):
        NETWORK.to_c(path)
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("flag", ["-ffast-math", "-ffinite-math-only", "-Ofast"])
def test_compilers_that_may_change_results_are_stopped(flag, tmp_path):
    NETWORK.to_c(tmp_path / "model.h")
    (tmp_path / "main.c").write_text('#include "model.h"\nint main(void) { return 0; }\n')
    command = ["gcc", "-std=c99", flag, "main.c", "-lm"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert found.returncode != 0 and "would change the results" in found.stderr
