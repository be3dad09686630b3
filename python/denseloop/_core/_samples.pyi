"""Samples that are not one array."""

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)

class _SparseSamples(Generic[_Float]):
    """The arrays of a sparse matrix (CSR), which takes the place of X.

    ``len()`` is the number of samples.
    """

    def __init__(
        self,
        values: NDArray[_Float],
        indices: NDArray[np.int32],
        starts: NDArray[np.int64],
        columns: int,
    ) -> None:
        """Sample i has the values, and their columns, from starts[i] to before starts[i + 1].

        The columns must ascend within a sample. `starts` is copied, the others are not.
        """

    def __len__(self) -> int: ...
    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def dtype(self) -> np.dtype[_Float]: ...

class SparseSamples32(_SparseSamples[np.float32]): ...
class SparseSamples64(_SparseSamples[np.float64]): ...
