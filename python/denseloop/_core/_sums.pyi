"""Sums over parts of the samples, and what takes the place of samples that lie elsewhere."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, final

import numpy as np
from denseloop._core._choices import _NotConstructible
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)

class _RemoteSums(Generic[_Float]):
    """Sums that Python gathers from where the samples lie. They take the place of X.

    A sum is that of "losses", "gradients", "squares" (of the errors) or "equations" (of
    Levenberg-Marquardt): a number, and for the second and the last an array, as `_PartialSums` give
    them for all blocks of a batch.

    Parameters
    ----------
    function
        Called with the name of the sum, the batch and a new array of parameters. It returns the
        number and the array or None. What it raises ends the training as an interruption does.
    batch_weights
        The total weight of each batch; empty if each sample counts 1.
    """

    def __init__(
        self,
        function: Callable[[str, int, NDArray[_Float]], tuple[float, NDArray[_Float] | None]],
        n_samples: int,
        n_inputs: int,
        batch_weights: Sequence[float],
    ) -> None: ...
    def __len__(self) -> int: ...

class RemoteSums32(_RemoteSums[np.float32]): ...
class RemoteSums64(_RemoteSums[np.float64]): ...

class _PartialSums(_NotConstructible, Generic[_Float]):
    """Packed samples of a larger data set, and sums over them. Made by `Network64.partial_sums`."""

    def evaluate(
        self, sum: str, parameters: NDArray[_Float], threads: int
    ) -> tuple[NDArray[np.float64], NDArray[_Float] | None]:
        """Return the numbers (n_nodes,) and the arrays (n_nodes, size) of a sum.

        The nodes are those of the tree that make up the blocks, from left to right. Nothing is
        scaled, and nothing of the penalty added but in the equations of block 0.
        """

    def rows(self) -> tuple[NDArray[_Float], NDArray[_Float], NDArray[_Float] | None]:
        """Return X, y and the weights; arrays that are packed are not kept."""

@final
class PartialSums32(_PartialSums[np.float32]): ...

@final
class PartialSums64(_PartialSums[np.float64]): ...
