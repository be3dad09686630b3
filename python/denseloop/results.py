"""What the methods of a network return."""

from dataclasses import dataclass

import numpy as np

from denseloop.parameters import Views

__all__ = ["DivergenceWarning", "Gradients", "History"]


class DivergenceWarning(RuntimeWarning):
    """Training stopped because the loss or a weight was about to leave the finite numbers."""


@dataclass(frozen=True, eq=False)
class History:
    """What a call of `Network.train` did.

    Attributes
    ----------
    loss : ndarray of float64, shape (epochs,)
        The loss before each finished update.
    output : ndarray, shape (epochs, n_samples, n_outputs), or None
        The outputs before each finished update, if they were asked for.
    diverged : bool
        Whether training ended early because the numbers ceased to be finite.
    """

    loss: np.ndarray
    output: np.ndarray | None = None
    diverged: bool = False


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
