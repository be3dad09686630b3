"""Short pickles: small arrays as plain bytes, and values without the names of their fields.

NumPy's own form of an array takes 150 bytes more.
"""

from collections.abc import Iterable
from dataclasses import Field, fields
from typing import Any, ClassVar

import numpy as np

MOST = 4096  # bytes; a larger array stays one, which pickles may keep outside


def pack(value):
    """Return the bytes of a small contiguous array, and anything else as it is."""
    return value.tobytes() if isinstance(value, np.ndarray) and value.nbytes <= MOST else value


def unpack(packed, dtype):
    """Return the array of these bytes, or a copy of an array; anything else as it is."""
    if isinstance(packed, bytes):
        return np.array(memoryview(packed).cast(np.dtype(dtype).char))
    return packed.copy() if isinstance(packed, np.ndarray) else packed


class PackedFields:
    """Base of dataclasses whose pickles have the values alone."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]  # which `dataclass` adds

    def __getstate__(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    def __setstate__(self, state: Iterable[Any]) -> None:
        vars(self).update(zip((field.name for field in fields(self)), state))
