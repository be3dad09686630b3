"""What is summed over samples: of which network, and which loss."""

from __future__ import annotations  # which help() shows as they are written

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from denseloop import _checks, _core
from denseloop._core_terms import is_function
from denseloop._sums.run import Run
from denseloop._training.objective import check_targets, make_objective
from denseloop._training.samples import read_samples
from denseloop.activations import Activation
from denseloop.losses import DerivativeAt, Loss, Reduction
from denseloop.parameters import NetworkParameters
from denseloop.scaling import Scaling

if TYPE_CHECKING:
    from denseloop.parameters import CoreNetwork, NetworkLike


@dataclass(frozen=True)
class Terms:
    """The shape of a network and the terms of its objective, as a process elsewhere needs them.

    `least_squares` is whether the sums are those of Levenberg-Marquardt.
    """

    layer_sizes: tuple[int, ...]
    bias: bool
    activations: tuple[Activation, ...]
    dtype: np.dtype
    scaling: Scaling | None = field(compare=False)  # which is equal to itself alone
    loss: Loss
    reduction: Reduction
    derivative_at: DerivativeAt
    l2: float
    least_squares: bool = False

    @classmethod
    def of(
        cls,
        network: NetworkLike,
        loss: Loss,
        reduction: Reduction,
        derivative_at: DerivativeAt,
        l2: float,
    ) -> Self:
        """Return the terms for a network; raise what does not fit."""
        if not isinstance(loss, str) and is_function(loss):
            raise ValueError(
                f"loss must be one of denseloop's: a function needs all outputs of a batch, which "
                f"lie elsewhere; got {loss!r}"
            )
        scaling = network.scaling
        if scaling is not None and not scaling.is_fitted:
            raise ValueError(
                "the network's scaling must be determined; network.train(X, y, epochs=0, ...) with "
                "some of the samples does it"
            )
        shape = network.layer_sizes, network.bias, network.activations, network.dtype
        terms = cls(*shape, scaling, loss, reduction, derivative_at, l2)
        terms.objective  # noqa: B018, which raises
        return terms

    def match(self, others: Terms) -> bool:
        """Return whether sums of these terms can be added to sums of the others."""
        if self.scaling is None or others.scaling is None:
            return self == others and self.scaling is others.scaling
        scalings = vars(self.scaling).values(), vars(others.scaling).values()
        return self == others and all(map(np.array_equal, *scalings))

    @property
    def objective(self) -> _core.ObjectivePlan:
        """The core's terms."""
        return make_objective(
            self.activations, self.dtype, self.loss, self.reduction, self.derivative_at, self.l2
        )

    @property
    def output_activation(self) -> Activation:
        return self.activations[-1]

    def new_core(self) -> CoreNetwork:
        """Return a network of the core's of this shape, whose parameters are 0."""
        return NetworkParameters(self.layer_sizes, self.bias, self.activations, self.dtype).core

    def read(
        self,
        X: Any,
        y: Any,
        weight: ArrayLike | None,
        names: tuple[str, str, str] = ("X", "y", "sample_weight"),
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Return the samples as the core takes them; raise a ValueError for what it cannot take.

        There may be none. X and y are contiguous.
        """
        for name, value in zip(names, (X, y)):
            _checks.require_rows(name, value)
        if len(X) == 0 == len(y):
            sizes = self.layer_sizes
            shapes = (0, sizes[0]), (0, sizes[-1])
            X, y = (np.empty(shape, self.dtype) for shape in shapes)
            return X, y, None if weight is None else np.empty(0, self.dtype)
        X, y, _ = read_samples(self, self.loss, X, y, self.scaling, names[:2])
        for name, array in zip(names, (X, y)):
            _checks.require_finite(name, array)
        check_targets(self.loss, y, names[1])
        if weight is not None:
            weight = _checks.some_weights(weight, len(X), self.dtype, names[2])
        return np.ascontiguousarray(X), np.ascontiguousarray(y), weight

    def make(
        self,
        X: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        first_block: int,
        threads: int = 1,
    ) -> Run:
        """Return the Run of samples that were read, whole blocks from this one on."""
        return Run(self, X, y, weight, first_block, threads)
