"""The arrays of a file, which are taken one by one, with the shape and the type they must have."""

import numpy as np

from denseloop._files.errors import FileError
from denseloop._files.safetensors import Contents

HINT = "; load(path, allow_nan=True) takes it as it is"


class Tensors:
    """The arrays of a file.

    Parameters
    ----------
    contents : Contents
    allow_nan : bool
        Whether numbers need not be finite.
    """

    def __init__(self, contents: Contents, allow_nan: bool) -> None:
        self.path, self._offsets = contents.path, contents.offsets
        self._left, self._allow_nan = dict(contents.tensors), allow_nan

    def has(self, name: str) -> bool:
        return name in self._left

    def axis(self, name: str) -> int:
        """Return the length of an array's first axis, 0 without one."""
        return len(self._left[name]) if self.has(name) and self._left[name].ndim else 0

    def n_axes(self, name: str) -> int:
        return self._left[name].ndim

    def take(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: np.dtype,
        *,
        may_be_nan: bool | None = None,
    ) -> np.ndarray:
        """Return a read-only view of an array that must be there; -1 in a shape is any length.

        `may_be_nan` says whether its numbers need not be finite, by default as the user has said.
        """
        if name not in self._left:
            raise FileError(self.path, f"expected an array {name!r} of shape {shape}, got none")
        array = self._left.pop(name)
        fits = len(shape) == array.ndim and all(
            expected in (-1, size) for expected, size in zip(shape, array.shape)
        )
        if not fits or array.dtype != dtype:
            raise FileError(
                self.path,
                f"{name!r}, at byte {self._offsets[name]}, must have shape {shape} and dtype "
                f"{dtype}, got {array.shape} and {array.dtype}",
            )
        if not (self._allow_nan if may_be_nan is None else may_be_nan):
            self._require_finite(name, array, may_be_nan is False)
        return array

    def _require_finite(self, name, array, strictly):
        if not array.size:
            return
        with np.errstate(invalid="ignore"):
            # They are NaN if a number is, and need no array of their own.
            extremes = array.min(), array.max()
        if np.isfinite(extremes).all():
            return
        flat = array.reshape(-1)
        index = int(np.argmin(np.isfinite(flat)))
        place = tuple(int(i) for i in np.unravel_index(index, array.shape))
        raise FileError(
            self.path,
            f"{name!r} must be finite, got {flat[index]} at {place}, byte "
            f"{self._offsets[name] + index * array.itemsize}{'' if strictly else HINT}",
        )

    def end(self) -> None:
        """Raise a FileError for arrays that nobody has taken."""
        for name in self._left:
            raise FileError(
                self.path,
                f"expected no array {name!r}, at byte {self._offsets[name]}; it does not belong "
                f"to what the metadata describes",
            )
