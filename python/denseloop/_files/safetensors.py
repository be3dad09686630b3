"""The safetensors layout: 8 bytes with the header's length, the header in JSON, the numbers.

Nothing here knows of networks. https://github.com/huggingface/safetensors describes the layout.
"""

import mmap
import os
import stat
from collections.abc import Mapping
from math import prod
from typing import Any, NamedTuple

import numpy as np

from denseloop._files import json_text
from denseloop._files.errors import FileError
from denseloop._replacing import replace_file

__all__ = ["Contents", "read", "write"]

LENGTH_BYTES = 8
MOST_HEADER_BYTES = 100_000_000  # the layout's
ALIGNMENT = 8  # of the numbers in the file, so that a view of them needs no copy
METADATA = "__metadata__"
DTYPES = {name: np.dtype(code) for name, code in (("F64", "<f8"), ("F32", "<f4"), ("U64", "<u8"))}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
MOST_AXES = 8


class Contents(NamedTuple):
    """What a file has: texts by their names, and read-only arrays, which lie in its memory map."""

    path: str
    metadata: dict[str, str]
    tensors: dict[str, np.ndarray]
    offsets: dict[str, int]  # of the first byte of each array, from the start of the file


def write(
    path: str | os.PathLike[str], metadata: Mapping[str, str], tensors: Mapping[str, np.ndarray]
) -> None:
    """Write a file as a whole, see `replace_file`.

    Parameters
    ----------
    path : str or path-like
    metadata : mapping of str to str
    tensors : mapping of str to ndarray of float64, float32 or uint64
    """
    header: dict[str, Any] = {METADATA: dict(metadata)}
    parts, end = [], 0
    # Wide numbers come first, so that all are aligned.
    for name in sorted(tensors, key=lambda name: (-tensors[name].itemsize, name)):
        array = tensors[name]
        dtype = array.dtype.newbyteorder("<")
        begin, end = end, end + array.nbytes
        shape = [int(size) for size in array.shape]
        header[name] = {"dtype": NAMES[dtype], "shape": shape, "data_offsets": [begin, end]}
        parts.append(np.ascontiguousarray(array, dtype).reshape(-1).view(np.uint8).data)
    try:
        text = json_text.to_text(header).encode("utf-8")
    except UnicodeEncodeError as error:
        half = error.object[error.start : error.end]
        raise FileError(
            os.fsdecode(path),
            f"the file's texts must be Unicode, got one with {half!r}, half of a surrogate pair",
        ) from None
    text += b" " * (-len(text) % ALIGNMENT)
    if len(text) > MOST_HEADER_BYTES:
        raise FileError(
            os.fsdecode(path),
            f"the header would have {len(text)} bytes, more than the {MOST_HEADER_BYTES} that the "
            f"layout allows; pickle has no such limit",
        )
    replace_file(path, [len(text).to_bytes(LENGTH_BYTES, "little"), text, *parts])


def read(path: str | os.PathLike[str]) -> Contents:
    """Return what a file has, once all of its header is checked.

    Raises
    ------
    FileError
        If the file is no sound file of this layout.
    OSError
        If it cannot be opened.
    """
    name = os.fsdecode(path)
    # Without O_NONBLOCK the opening of a pipe would wait for its writer. Windows has none.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FileError(name, "expected a file, got a folder, a device or a pipe")
        if status.st_size < LENGTH_BYTES:
            raise FileError(
                name,
                f"expected {LENGTH_BYTES} bytes with the length of the header at byte 0, got a "
                f"file of {status.st_size} bytes",
            )
        data = memoryview(mmap.mmap(descriptor, status.st_size, access=mmap.ACCESS_READ))
    finally:
        os.close(descriptor)
    return _parse(name, data)


def _parse(path, data):
    length = int.from_bytes(data[:LENGTH_BYTES], "little")
    most = min(len(data) - LENGTH_BYTES, MOST_HEADER_BYTES)
    if length > most:
        raise FileError(
            path,
            f"the length of the header, at byte 0, must be at most {most} in a file of "
            f"{len(data)} bytes, got {length}; the file is no safetensors file, or truncated",
        )
    start = LENGTH_BYTES + length
    text = bytes(data[LENGTH_BYTES:start])
    header = json_text.parse(path, f"the header, at bytes {LENGTH_BYTES} to {start},", text)
    metadata = header.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(t, str) for t in metadata.values()):
        raise FileError(path, f"{METADATA} in the header must be an object whose values are texts")
    spans = {name: _span(path, name, entry, len(data) - start) for name, entry in header.items()}
    _check_cover(path, spans, len(data) - start)
    tensors, offsets = {}, {}
    for name, (dtype, shape, begin, end) in spans.items():
        count, offsets[name] = (end - begin) // dtype.itemsize, start + begin
        tensors[name] = np.frombuffer(data, dtype, count, start + begin).reshape(shape)
    return Contents(path, metadata, tensors, offsets)


def _is_count(value):
    return type(value) is int and 0 <= value < 1 << 63


def _span(path, name, entry, n_bytes):
    """Return the dtype, the shape and the offsets of an entry of the header."""

    def refuse(problem):
        raise FileError(path, f"{name!r} in the header must have {problem}")

    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        refuse(f"dtype, shape and data_offsets, got {_short(entry)}")
    code, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(code, str) or code not in DTYPES:
        refuse(f"a dtype of {', '.join(DTYPES)}, got {_short(code)}")
    if not isinstance(shape, list) or len(shape) > MOST_AXES or not all(map(_is_count, shape)):
        refuse(f"a shape of at most {MOST_AXES} integers of at least 0, got {_short(shape)}")
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(map(_is_count, offsets)):
        refuse(f"data_offsets of two integers of at least 0, got {_short(offsets)}")
    begin, end = offsets
    if begin > end:
        refuse(f"data_offsets [begin, end] with begin <= end, got {offsets}")
    if end > n_bytes:
        refuse(
            f"data_offsets within the {n_bytes} bytes of numbers that the file has, got "
            f"{offsets}; the file is truncated or damaged"
        )
    # NumPy multiplies what is not 0 of an empty shape, too.
    if DTYPES[code].itemsize * prod(filter(None, shape)) >= 1 << 63:
        refuse(f"a shape of less than 2**63 bytes, got {shape}")
    needed = DTYPES[code].itemsize * prod(shape)
    if needed != end - begin:
        refuse(
            f"as many bytes as {code} and the shape {shape} need, {needed}, got "
            f"{end - begin} by the data_offsets {offsets}"
        )
    return DTYPES[code], tuple(shape), begin, end


def _check_cover(path, spans, n_bytes):
    """Raise a FileError unless the arrays lie one after the other, without a gap."""
    before, reached = "the header", 0
    for name, (_, _, begin, end) in sorted(spans.items(), key=lambda item: item[1][2:]):
        if begin != reached:
            what = "overlaps" if begin < reached else "leaves a gap after"
            raise FileError(
                path,
                f"{name!r} must begin at {reached} of the numbers, where {before} ends, got "
                f"{begin}, which {what} it",
            )
        before, reached = repr(name), end
    if reached != n_bytes:
        raise FileError(
            path,
            f"the numbers must end with the last array, after {reached} bytes, got {n_bytes} "
            f"bytes; the file was lengthened or is damaged",
        )


def _short(value):
    """Return a value of a file as a text that a message has room for."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
