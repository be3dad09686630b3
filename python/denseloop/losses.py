"""The losses that `Network.train` minimizes: names, and classes for those with a parameter.

They are summed over the outputs a with their targets y:

======================== ========================================================================
"half_squared_error"     (a - y)**2 / 2
"squared_error"          (a - y)**2
"absolute_error"         abs(a - y), with the derivative 0 at a = y
"binary_cross_entropy"   -y log(a) - (1 - y) log(1 - a); a sigmoid output, y from 0 to 1
"cross_entropy"          -y log(a); a softmax output, y from 0 to 1 and of sum 1
"poisson"                a - y log(a); an exp output, y at least 0
Huber(delta)             (a - y)**2 / 2 up to an error of delta, then linear
Quantile(level)          level * (y - a) where a < y, else (1 - level) * (a - y)
======================== ========================================================================

The names "huber" and "quantile" stand for ``Huber()`` and ``Quantile()``. The cross entropies and
the Poisson loss are computed from the pre-activation, so that no logarithm overflows.

Any other loss is a function of the outputs (n, n_outputs) and the targets of a batch that returns
its value and the derivatives by the outputs, for each batch at the price of a return to Python and
a second forward pass:

>>> import numpy as np
>>> import denseloop as dl
>>> def log_cosh(outputs, targets):
...     errors = outputs - targets
...     return np.log(np.cosh(errors)).sum(), np.tanh(errors)
...
>>> net = dl.Network([1, 1], output_activation="identity", weights=[[[0.0]]])
>>> net.train([[1.0], [2.0]], [1.0, 3.0], loss=log_cosh, learning_rate=0.1, epochs=2).loss.round(4)
array([2.7431, 1.7352])
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np

from denseloop import _checks

__all__ = ["DerivativeAt", "Huber", "Loss", "LossFunction", "Quantile", "Reduction"]

Reduction = Literal["sum", "mean"]
DerivativeAt = Literal["pre_activation", "output"]


@dataclass(frozen=True)
class Huber:
    """Penalize small errors quadratically and large ones linearly.

    Outliers therefore pull with bounded force. With the error e = a - y, the loss of an output is
    e**2 / 2 where abs(e) <= delta, and delta * (abs(e) - delta / 2) elsewhere [1]_. Its derivative,
    e clipped to [-delta, delta], is continuous.

    Parameters
    ----------
    delta : float, default 1.0
        Error at which the loss becomes linear, above 0, in units of the targets.

    Raises
    ------
    ValueError, TypeError
        If the value is out of range or not a number.

    References
    ----------
    .. [1] P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical
       Statistics 35 (1964).

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], output_activation="identity", weights=[[[0.0]]])
    >>> loss, gradients = net.loss_and_gradients([[1.0]], [[5.0]], loss=dl.Huber(delta=2.0))
    >>> loss, gradients.biases[0]
    (8.0, array([-2.]))
    """

    core_name: ClassVar[str] = "huber"

    delta: float = 1.0

    def __post_init__(self) -> None:
        _checks.set_number(self, "delta", above=0)

    @property
    def parameter(self) -> float:
        """The number that the core computes with."""
        return self.delta


@dataclass(frozen=True)
class Quantile:
    """Fit a quantile of the targets instead of their mean: the pinball loss.

    The loss of an output is ``level * (y - a)`` where y > a and ``(1 - level) * (a - y)`` elsewhere
    [1]_; its derivative at a = y counts as 0. At level 0.5 it is half the absolute error.

    Parameters
    ----------
    level : float, default 0.5
        Fraction of the targets that lies below the minimum, above 0 and below 1.

    Raises
    ------
    ValueError, TypeError
        If the value is out of range or not a number.

    References
    ----------
    .. [1] R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46 (1978).

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], output_activation="identity", weights=[[[0.0]]])
    >>> loss, gradients = net.loss_and_gradients([[1.0]], [[5.0]], loss=dl.Quantile(0.75))
    >>> loss, gradients.biases[0]
    (3.75, array([-0.75]))
    """

    core_name: ClassVar[str] = "quantile"

    level: float = 0.5

    def __post_init__(self) -> None:
        _checks.set_number(self, "level", above=0, below=1)

    @property
    def parameter(self) -> float:
        """The number that the core computes with."""
        return self.level


ParametricLoss = Huber | Quantile
# What the name alone of a loss with a parameter stands for.
DEFAULT_LOSSES = {kind.core_name: kind() for kind in get_args(ParametricLoss)}
LossName = Literal[
    "squared_error",
    "half_squared_error",
    "absolute_error",
    "huber",
    "quantile",
    "binary_cross_entropy",
    "cross_entropy",
    "poisson",
]
# The loss of a batch and its derivatives by the outputs, from the outputs and the targets.
LossFunction = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]
Loss = LossName | ParametricLoss | LossFunction
