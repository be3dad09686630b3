"""Scaling of inputs and targets by the network itself.

==========  ==========================================  ================================
method      center                                      scale
==========  ==========================================  ================================
standard    mean                                        standard deviation
minmax      middle of the smallest and the largest      half of their distance
robust      median                                      distance of the quartiles, or the
                                                        standard deviation if that is 0
==========  ==========================================  ================================

Each input x becomes (x - center) / scale. A column without spread has scale 1.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

__all__ = ["Scaling", "ScalingMethod"]

ScalingMethod = Literal["standard", "minmax", "robust"]


def _standard(columns):
    return columns.mean(axis=0), columns.std(axis=0)


def _minmax(columns):
    low, high = columns.min(axis=0), columns.max(axis=0)
    return low / 2 + high / 2, high / 2 - low / 2


def _robust(columns):
    low, middle, high = np.percentile(columns, [25, 50, 75], axis=0)
    # Most values of a column may be equal.
    return middle, np.where(high > low, high - low, columns.std(axis=0))


METHODS: dict[ScalingMethod, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "standard": _standard,
    "minmax": _minmax,
    "robust": _robust,
}
# The rounding errors of a constant column's deviation stay below this fraction of its values.
NO_SPREAD = 1e-12


@dataclass(frozen=True, eq=False)
class Scaling:
    """The scaling of a `Network`, which the samples of its first training determine.

    The network divides by it before its first layer and multiplies by it after its last, so that
    its users see inputs, outputs and derivatives in their own units. The numbers are computed in
    float64, without regard to sample weights. Until the first training, which may have no epochs,
    nothing is scaled. Targets are scaled if the output activation is "identity"; those of a
    function as loss also need a number for each output, and the function gets both in the users'
    units.

    Attributes
    ----------
    method : {"standard", "minmax", "robust"}
        The rule, see `denseloop.scaling`.
    input_center, input_scale : ndarray of float64, shape (n_inputs,), or None
        None before the first training.
    output_center, output_scale : ndarray of float64, shape (n_outputs,), or None
        None if the outputs are not scaled.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], output_activation="identity", scaling="minmax", seed=0)
    >>> history = net.train([[0.0], [2000.0]], [[10.0], [50.0]], optimizer="lm", epochs=20)
    >>> net.scaling.input_center, net.scaling.output_scale
    (array([1000.]), array([20.]))
    >>> net.forward([[1500.0]]).round(6)
    array([[40.]])
    """

    method: ScalingMethod
    input_center: np.ndarray | None = None
    input_scale: np.ndarray | None = None
    output_center: np.ndarray | None = None
    output_scale: np.ndarray | None = None

    @property
    def is_fitted(self) -> bool:
        """Whether samples have determined the numbers."""
        return self.input_scale is not None

    def fitted(self, X: np.ndarray, y: np.ndarray | None) -> "Scaling":
        """Return the scaling that these samples determine.

        Parameters
        ----------
        X : ndarray of float64, shape (n_samples, n_inputs)
        y : ndarray of float64, shape (n_samples, n_outputs), or None
            Targets, if the outputs are to be scaled.

        Raises
        ------
        ValueError
            If a column's spread is too large for a float64.
        """
        fitted = replace(self, **dict(zip(("input_center", "input_scale"), self._fit("X", X))))
        if y is None:
            return fitted
        return replace(fitted, **dict(zip(("output_center", "output_scale"), self._fit("y", y))))

    def _fit(self, name, columns):
        columns = np.ascontiguousarray(columns)  # NumPy's sums depend on the order in memory
        with np.errstate(over="ignore", invalid="ignore"):
            center, scale = METHODS[self.method](columns)
        if not (np.isfinite(center).all() and np.isfinite(scale).all()):
            raise ValueError(
                f"{name} must have a spread that is finite in float64 to be scaled, got values up "
                f"to {np.abs(columns).max():g}"
            )
        return center, np.where(scale > NO_SPREAD * np.abs(center), scale, 1.0)

    def scale_inputs(self, X: np.ndarray) -> np.ndarray:
        """Return the inputs as the first layer takes them."""
        return X if self.input_scale is None else (X - self.input_center) / self.input_scale

    def scale_targets(self, y: np.ndarray) -> np.ndarray:
        """Return the targets of the last layer's outputs."""
        return y if self.output_scale is None else (y - self.output_center) / self.output_scale

    def restore_outputs(self, outputs: np.ndarray) -> np.ndarray:
        """Return the last layer's outputs in the units of the targets, in their dtype."""
        if self.output_scale is None:
            return outputs
        return (outputs * self.output_scale + self.output_center).astype(outputs.dtype)

    def restore_derivatives(self, derivatives: np.ndarray, *, by_inputs: bool) -> np.ndarray:
        """Return derivatives (n_samples, n_outputs, n_variables) in the users' units."""
        restored = derivatives
        if self.output_scale is not None:
            restored = restored * self.output_scale[:, None]
        if by_inputs and self.input_scale is not None:
            restored = restored / self.input_scale
        return restored.astype(derivatives.dtype, copy=False)

    def scale_derivatives(self, derivatives: np.ndarray) -> np.ndarray:
        """Return derivatives by the last layer's outputs, for those by the users' outputs."""
        return derivatives if self.output_scale is None else derivatives * self.output_scale
