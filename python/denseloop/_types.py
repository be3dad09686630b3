"""Types that the signatures of several modules share."""

from collections.abc import Callable
from typing import Any, Protocol

from numpy.typing import ArrayLike, DTypeLike

__all__ = ["EvalSet", "MatrixLike", "Report", "SparseMatrix"]


class SparseMatrix(Protocol):
    """A sparse matrix or array of SciPy, which has no types of its own."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> DTypeLike: ...
    def tocsr(self) -> Any: ...


MatrixLike = ArrayLike | SparseMatrix
# X, y, and the sample weights, which may be left out.
EvalSet = tuple[MatrixLike, ArrayLike] | tuple[MatrixLike, ArrayLike, ArrayLike | None]
# Gets the number of finished epochs, the loss and the validation loss; True ends the training.
Report = Callable[[int, float, float | None], bool]
