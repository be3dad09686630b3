"""Losses with a parameter; those without have names, which `Network.train` lists."""

from dataclasses import dataclass

from denseloop import _checks

__all__ = ["Huber", "Quantile"]


@dataclass(frozen=True)
class Huber:
    """Squared near the target and linear away from it, so that outliers pull with bounded force.

    With the error e = a - y, the loss of an output is e**2 / 2 where abs(e) <= delta, and
    delta * (abs(e) - delta / 2) elsewhere [1]_. Its derivative, e clipped to [-delta, delta],
    is continuous.

    Parameters
    ----------
    delta : float, default 1.0
        Above 0, in units of the targets.

    Raises
    ------
    ValueError, TypeError
        For a number out of range, and what is no number.

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

    delta: float = 1.0

    def __post_init__(self):
        _checks.set_number(self, "delta", above=0)


@dataclass(frozen=True)
class Quantile:
    """The pinball loss: its minimum is a quantile of the targets rather than their mean.

    The loss of an output is ``level * (y - a)`` where y > a and ``(1 - level) * (a - y)`` elsewhere
    [1]_; its derivative at a = y counts as 0. At level 0.5 it is half the absolute error.

    Parameters
    ----------
    level : float, default 0.5
        Above 0 and below 1: the share of the targets that lies below the minimum.

    Raises
    ------
    ValueError, TypeError
        For a number out of range, and what is no number.

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

    level: float = 0.5

    def __post_init__(self):
        _checks.set_number(self, "level", above=0, below=1)
