"""The digest of a network, by which machines can be compared."""

import hashlib

import numpy as np

from denseloop._files.json_text import to_text
from denseloop._files.layers import layers_to_json
from denseloop._files.networks import SCALING, layers_of


def digest(network, parameters, scaling):
    """Return the SHA-256 of the architecture as JSON, and of all numbers, little-endian."""
    described = layers_to_json(layers_of(network))
    numbers = [parameters]
    if scaling is not None:
        described["scaling"] = scaling.method
        arrays = {name: getattr(scaling, name) for name in SCALING}
        described["scaling_numbers"] = [k for k, array in arrays.items() if array is not None]
        numbers += [array for array in arrays.values() if array is not None]
    found = hashlib.sha256(to_text(described).encode())
    for array in numbers:
        found.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")))
    return found.hexdigest()
