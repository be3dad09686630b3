"""A file is written as a whole: whatever happens, the old one or the new one is there."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import denseloop as dl
import numpy as np
import pytest
from denseloop import _replacing as replacing

from tests.programs import needs_fifo

OLD = b"the old file"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(OLD)
    return path


def assert_unchanged(path):
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("name", ["replace", "fsync"])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "broken"), KeyboardInterrupt()])
def test_a_crash_leaves_the_old_file_and_no_other(name, error, path, monkeypatch):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(replacing.os, name, fail)
    with pytest.raises(type(error)) as caught:
        dl.Network([2, 1]).save(path)
    if isinstance(error, OSError):
        assert caught.value.errno == errno.EIO and caught.value.filename == str(path)
        assert "nothing has changed" in str(caught.value)
    assert_unchanged(path)


@pytest.mark.skipif(os.name != "posix", reason="needs a limit of file sizes")
def test_a_full_disk_leaves_the_old_file(path):
    program = f"""
import denseloop, resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
network = denseloop.Network([100, 100])
try:
    network.save({str(path)!r})
except OSError as error:
    print(error.errno, error.filename)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == f"{errno.EFBIG} {path}\n", run.stderr
    assert_unchanged(path)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_process_leaves_the_old_file(path):
    program = f"""
import denseloop, os, signal
os.replace = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
denseloop.Network([2, 1]).save({str(path)!r})
"""
    run = subprocess.run([sys.executable, "-c", program])
    assert run.returncode == -signal.SIGKILL and path.read_bytes() == OLD


def test_what_cannot_be_saved_leaves_the_old_file(path):
    neural_network = pytest.importorskip("denseloop.neural_network")
    estimator = neural_network.MLPRegressor(random_state=np.random.RandomState(0))
    with pytest.raises(ValueError, match="random_state"):
        estimator.save(path)
    assert_unchanged(path)


@needs_fifo
@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("none/x", FileNotFoundError, "none/x"),
        ("file/x", NotADirectoryError, "file/x"),
        ("folder", OSError, "expected the path of a file to write, got a folder"),
        ("pipe", OSError, "expected the path of a file to write, got a device or a pipe"),
        ("x" * 300, OSError, "File name too long"),
    ],
)
def test_a_path_that_cannot_be_written_is_refused(name, error, text, tmp_path):
    (tmp_path / "file").write_bytes(OLD)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(error, match=text):
        dl.Network([2, 1]).save(tmp_path / name)
    assert sorted(os.listdir(tmp_path)) == before


def test_a_read_only_file_is_refused(path, monkeypatch):
    path.chmod(0o444)
    monkeypatch.setattr(replacing.os, "access", lambda *arguments: False)  # root may write it
    with pytest.raises(PermissionError, match="got a read-only one"):
        dl.Network([2, 1]).save(path)
    assert_unchanged(path)


@pytest.mark.skipif(os.name != "posix", reason="Windows has other permissions")
def test_a_new_file_has_the_permissions_of_the_system_and_later_its_own(tmp_path):
    path, network = tmp_path / "x.safetensors", dl.Network([2, 1])
    before = os.umask(0o027)
    try:
        network.save(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        network.save(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(before)


def test_a_link_stays_one(tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "x", tmp_path / "link"
    target.write_bytes(OLD)
    link.symlink_to(target)
    dl.Network([2, 1]).save(link)
    assert link.is_symlink() and dl.load(target).layer_sizes == (2, 1)
    assert os.listdir(target.parent) == ["x"]


def test_loaded_networks_do_not_keep_the_file(tmp_path):
    """A file may be replaced, also by what was loaded from it."""
    path = tmp_path / "x.safetensors"
    dl.Network([2, 1], seed=0).save(path)
    first = dl.load(path)
    first.parameters[...] = 7
    first.save(path)
    assert (dl.load(path).parameters == 7).all()
    if (maps := Path("/proc/self/maps")).exists():
        assert str(path) not in maps.read_text()


def test_paths_of_all_kinds_are_taken(tmp_path):
    network = dl.Network([2, 1])
    for path in (tmp_path / "a", str(tmp_path / "b"), os.fsencode(tmp_path / "c")):
        network.save(path)
        assert dl.load(path).layer_sizes == (2, 1)
