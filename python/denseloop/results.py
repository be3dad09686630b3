"""What the methods of a network return and report."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from denseloop.parameters import Views

if TYPE_CHECKING:
    from denseloop.network import Network

__all__ = ["DivergenceWarning", "Gradients", "History", "Progress"]


class DivergenceWarning(RuntimeWarning):
    """Training stopped because the loss or a weight was about to leave the finite numbers."""


@dataclass(frozen=True, eq=False)
class History:
    """What a call of `Network.train` did.

    Attributes
    ----------
    loss : ndarray of float64, shape (epochs,)
        The loss in each finished epoch: of each batch before its update.
    validation_loss : ndarray of float64, shape (epochs,), or None
        The loss of the `eval_set` after the updates of each finished epoch, if there was one.
    output : ndarray, shape (epochs, n_samples, n_outputs), or None
        The outputs in each finished epoch, of each batch before its update and in the order of X,
        if they were asked for.
    stopped_by : str
        What ended the training: "epochs" that were all done, "stopping" by an `EarlyStopping`, a
        "callback" that returned True, "learning_rate" of an `Adaptive` schedule that became too
        small, "convergence" of `LBFGS` or `LevenbergMarquardt`, "divergence" to numbers that are
        not finite, or "interrupt" by Ctrl-C or another exception.
    """

    loss: np.ndarray
    validation_loss: np.ndarray | None = None
    output: np.ndarray | None = None
    stopped_by: str = "epochs"

    @property
    def diverged(self) -> bool:
        """Whether training ended early because the numbers ceased to be finite."""
        return self.stopped_by == "divergence"

    @property
    def best_epoch(self) -> int | None:
        """The index of the lowest validation loss, if any: that of restored parameters."""
        if self.validation_loss is None or not len(self.validation_loss):
            return None
        losses = np.where(np.isnan(self.validation_loss), np.inf, self.validation_loss)
        best = int(np.argmin(losses))
        return best if losses[best] < np.inf else None


@dataclass(frozen=True, eq=False)
class Progress:
    """What a callback of `Network.train` is given.

    Attributes
    ----------
    epoch : int
        How many epochs of this call are finished.
    loss : float
        Of the last of them, as in `History`.
    validation_loss : float or None
        Likewise; None without an `eval_set`.
    network : Network
        With its present parameters, to be used, copied or pickled; not to be trained.

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
    network: "Network"


@dataclass(frozen=True, eq=False)
class Gradients:
    """Derivatives of a loss, laid out like the network's parameters.

    Attributes
    ----------
    flat : ndarray, shape (n_parameters,)
        All of them, as in `Network.parameters`.
    weights : sequence of ndarray, shape (fan_in, fan_out) each
    biases : sequence of ndarray, shape (fan_out,) each
        Views of `flat`. `biases` is empty for a network without.
    """

    flat: np.ndarray
    weights: Views
    biases: Views
