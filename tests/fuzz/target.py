"""What must hold of any bytes: `load` refuses them by a FileError, or what it returns is sound."""

import warnings
from pathlib import Path

import denseloop as dl
import numpy as np


def check(data: bytes, folder: Path) -> bool:
    """Load a file of these bytes, and return whether that was possible.

    Anything but a FileError goes through to the caller, who has found a fault then. What was loaded
    must have outputs, and a file of it must give the same network again.
    """
    path = folder / "fuzzed.safetensors"
    path.write_bytes(data)
    try:
        loaded = dl.load(path, allow_nan=True)
    except dl.FileError as error:
        assert str(path) in str(error)
        return False
    copy = folder / "copy.safetensors"
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if isinstance(loaded, (dl.Network, dl.Networks)):
            forward(loaded)
            loaded.save(copy, training=True)
            again = dl.load(copy, allow_nan=True)
            assert again.parameters.tobytes() == loaded.parameters.tobytes()
            assert again.layer_sizes == loaded.layer_sizes
        else:
            predict(loaded)
            loaded.save(copy)
            again = dl.load(copy, allow_nan=True)
            assert repr(again.get_params()) == repr(loaded.get_params())
    return True


def forward(network):
    """Compute outputs; those of a network that scales may be refused, since 1e308 / 1e-308 is."""
    try:
        network.forward(np.zeros((2, network.layer_sizes[0])))
    except ValueError as error:
        assert network.scaling is not None and "X must be finite" in str(error)


def predict(estimator):
    """Predict, if the estimator is fitted."""
    if not hasattr(estimator, "n_features_in_"):
        return
    samples, given = np.zeros((2, estimator.n_features_in_)), {}
    if getattr(estimator, "groups_", None) is not None:
        if estimator.group_column is not None:
            return  # which may have a name that the samples have not
        given = {"groups": estimator.groups_[[0, -1]]}
    estimator.predict(samples, **given)


def with_length(header: bytes, numbers: bytes) -> bytes:
    """Return a file whose header has the length that it says."""
    return len(header).to_bytes(8, "little") + header + numbers


def parts(data: bytes) -> tuple[bytes, bytes]:
    """Return the header and the numbers of a sound file."""
    end = 8 + int.from_bytes(data[:8], "little")
    return data[8:end], data[end:]
