"""What cannot be exported is refused before a file changes."""

import errno
import subprocess
import threading

import denseloop as dl
import numpy as np
import pytest

from tests.c_export.compilers import Program, needs_gcc

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
    with pytest.raises(OSError, match="got a folder: .*x.h"):
        NETWORK.to_c(tmp_path / "x.h")
    assert [path.name for path in tmp_path.iterdir()] == ["x.h"]


def test_an_error_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x.h"
    path.write_text("old")

    def fail(*_):
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="No space left"):
        NETWORK.to_c(path)
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_networks_whose_outputs_all_overflow(tmp_path):
    network = dl.Network([3, 2], output_activation="exp", seed=0)
    network.parameters[...] = 0
    network.biases[0][...] = 1000
    with pytest.raises(ValueError, match="so large that all overflow"):
        network.to_c(tmp_path / "x.h")


def test_a_network_that_another_thread_trains_is_exported_from_one_moment(tmp_path):
    network = dl.Network([3, 40, 2], seed=0)
    X = np.random.default_rng(0).standard_normal((50, 3))
    thread = threading.Thread(
        target=network.train, args=(X, X[:, :2]), kwargs={"epochs": 30_000, "learning_rate": 1e-3}
    )
    thread.start()
    network.to_c(tmp_path / "moving.h", "moving")
    thread.join()
    program = Program(tmp_path, [("moving", "float64")])
    program.build("gcc -std=c99 -O2")
    assert program.selftest() == 0


@needs_gcc
def test_names_that_differ_in_their_case_only_are_noticed(tmp_path):
    NETWORK.to_c(tmp_path / "one.h", "Net")
    NETWORK.to_c(tmp_path / "two.h", "net")
    found = compiled(tmp_path, '#include "one.h"\n#include "two.h"\n')
    assert "another header has a name that differs from it in its case only" in found.stderr
    assert compiled(tmp_path, '#include "one.h"\n#include "one.h"\n').returncode == 0


@needs_gcc
@pytest.mark.parametrize(
    "flag",
    ["-ffast-math", "-ffinite-math-only", "-Ofast", "-fno-signed-zeros", "-freciprocal-math"],
)
def test_compilers_that_may_change_results_are_stopped(flag, tmp_path):
    NETWORK.to_c(tmp_path / "model.h")
    found = compiled(tmp_path, '#include "model.h"\n', flag)
    assert found.returncode != 0 and "would change the results" in found.stderr


def compiled(folder, includes, *flags):
    (folder / "main.c").write_text(f"{includes}int main(void) {{ return 0; }}\n")
    command = ["gcc", "-std=c99", *flags, "main.c", "-lm"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
