"""The `safetensors` package reads our files, and denseloop says what it lacks in others."""

import json

import denseloop as dl
import numpy as np
import pytest

from tests.files.samples import X, Y, a_network, some_networks
from tests.fuzz.target import parts

safetensors = pytest.importorskip("safetensors")
from safetensors.numpy import load_file, save_file  # noqa: E402


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_has_the_weights_by_their_names(dtype, tmp_path):
    network = dl.Network([3, 4, 2], dtype=dtype)
    network.save(tmp_path / "x.safetensors")
    arrays = load_file(tmp_path / "x.safetensors")
    assert len(arrays) == 4
    for k in range(2):
        for name, expected in (("weight", network.weights[k]), ("bias", network.biases[k])):
            found = arrays[f"layers.{k}.{name}"]
            assert found.dtype == dtype
            np.testing.assert_array_equal(found, expected)


def test_it_has_the_metadata(tmp_path):
    a_network().save(tmp_path / "x.safetensors", training=True)
    with safetensors.safe_open(tmp_path / "x.safetensors", "numpy") as file:
        metadata = file.metadata()
        assert file.get_tensor("optimizer.slots").shape == (2, 39)
    assert metadata["format"] == "denseloop" and metadata["format_version"] == "1"
    assert metadata["writer"] == f"denseloop {dl.__version__}" and metadata["kind"] == "Network"
    architecture = json.loads(metadata["architecture"])
    assert architecture["layer_sizes"] == [3, 4, 3, 2] and architecture["dtype"] == "float32"


def test_it_has_many_networks_with_a_first_axis_of_them(tmp_path):
    networks = some_networks()
    networks.save(tmp_path / "x.safetensors", training=True)
    arrays = load_file(tmp_path / "x.safetensors")
    np.testing.assert_array_equal(arrays["seeds"], networks.seeds)
    for k, network in enumerate(networks):
        np.testing.assert_array_equal(arrays["layers.1.weight"][k], network.weights[1])


def test_it_has_a_history_without_epochs(tmp_path):
    network = dl.Network([3, 2])
    network.train(X, Y, epochs=0, learning_rate=0.1)
    network.save(tmp_path / "x.safetensors", training=True)
    assert load_file(tmp_path / "x.safetensors")["history.loss"].shape == (0,)


def test_what_it_writes_is_read(tmp_path):
    network = a_network()
    network.save(tmp_path / "x.safetensors")
    with safetensors.safe_open(tmp_path / "x.safetensors", "numpy") as file:
        metadata = file.metadata()
    arrays = load_file(tmp_path / "x.safetensors")
    save_file(arrays, tmp_path / "y.safetensors", metadata)
    found = dl.load(tmp_path / "y.safetensors")
    assert found.forward(X).tobytes() == network.forward(X).tobytes()


def test_a_file_of_other_arrays_is_refused_with_the_remedy(tmp_path):
    save_file({"a": np.zeros(3)}, tmp_path / "x.safetensors")
    with pytest.raises(dl.FileError, match="not one of denseloop's; safetensors.numpy.load_file"):
        dl.load(tmp_path / "x.safetensors")


def test_all_numbers_are_aligned(tmp_path):
    """A map of the file then has them where a CPU reads them fastest."""
    path = tmp_path / "x.safetensors"
    a_network().save(path, training=True)  # of both types
    header, numbers = parts(path.read_bytes())
    entries = json.loads(header)
    del entries["__metadata__"]
    sizes = {"F64": 8, "F32": 4}
    assert {entry["dtype"] for entry in entries.values()} == {*sizes}
    start = path.stat().st_size - len(numbers)
    for entry in entries.values():
        assert (start + entry["data_offsets"][0]) % sizes[entry["dtype"]] == 0
