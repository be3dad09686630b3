"""What a callback sees of a training."""

from __future__ import annotations  # which help() shows as they are written

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from denseloop.derivatives import DifferentiableModel

if TYPE_CHECKING:
    from denseloop._types import Report

__all__ = ["Progress"]


@dataclass(frozen=True, eq=False)
class Progress:
    """The state of a training, as a callback of `Network.train` receives it.

    Attributes
    ----------
    epoch : int
        Number of finished epochs of this call.
    loss : float
        Loss of the last of them, as in `History`.
    validation_loss : float or None
        Validation loss of the last of them; None without an `eval_set`.
    network : Network
        The network with its present parameters, to be used, copied or pickled, but not trained.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], weights=[[[0.0]]])
    >>> history = net.train(
    ...     [[2.0]], [[1.0]], learning_rate=0.5, epochs=1000, callback=lambda p: p.loss < 0.01
    ... )
    >>> history.stopped_by, history.loss[-2:].round(4)
    ('callback', array([0.0106, 0.0098]))
    """

    epoch: int
    loss: float
    validation_loss: float | None
    network: DifferentiableModel  # without its training


def report_to(
    callback: Callable[[Progress], bool | None] | None, network: DifferentiableModel
) -> Report | None:
    """Return what calls a callback of the user's with a `Progress`, or None without one.

    It returns whether the training is to end.
    """
    if callback is None:
        return None
    if not callable(callback):
        raise TypeError(f"callback must be a function, got {callback!r}")

    def report(epoch: int, loss: float, validation_loss: float | None) -> bool:
        return is_true(callback(Progress(epoch, loss, validation_loss, network=network)))

    return report


def is_true(answer: object) -> bool:
    """Return whether a callback answered True, and not something else that is true."""
    return isinstance(answer, (bool, np.bool_)) and bool(answer)
