"""The results of a network's methods."""

from __future__ import annotations  # which help() shows as they are written

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from denseloop._packing import pack, unpack
from denseloop.parameters import LayerSpan, Views, layer_views

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from denseloop.plotting import LossCurveDisplay

__all__ = ["DivergenceWarning", "Gradients", "History", "TrainingWarning"]

NUMBERS = ("loss", "_rate", "validation_loss", "damping")  # of a history, in float64


class DivergenceWarning(RuntimeWarning):
    """Training stopped because the loss or a weight was about to leave the finite numbers."""


class TrainingWarning(UserWarning):
    """A training goes wrong without an error; the message names the cause and what to try."""


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """The course of a call of `Network.train` or `Trainer.run`.

    Attributes
    ----------
    loss : ndarray of float64, shape (epochs,)
        Loss of each finished epoch, taken from each batch before its update.
    validation_loss : ndarray of float64, shape (epochs,), or None
        Loss of the `eval_set`, if there was one, after the updates of each finished epoch; NaN for
        the last one if Ctrl-C came while its validation was computed.
    output : ndarray, shape (epochs, n_samples, n_outputs), or None
        Outputs of each finished epoch, if they were asked for: in the order of X, from each batch
        before its update.
    stopped_by : str
        Reason for the end: "epochs" (all done), "stopping" or "goal" (by an `EarlyStopping`),
        "callback" (it returned True), "learning_rate" (an `Adaptive` one became too small),
        "convergence" (of `LBFGS` or `LevenbergMarquardt`), "divergence" (to numbers that are not
        finite), or "interrupt" (by Ctrl-C or another exception).
    learning_rate : ndarray of float64, shape (epochs,), or None
        Learning rate of each finished epoch, if the optimizer has one.
    damping : ndarray of float64, shape (epochs,), or None
        Damping mu of each finished step of `LevenbergMarquardt`.
    """

    loss: np.ndarray
    validation_loss: np.ndarray | None = None
    output: np.ndarray | None = None
    stopped_by: str = "epochs"
    damping: np.ndarray | None = None
    _rate: float | np.ndarray | None = None

    @property
    def learning_rate(self) -> np.ndarray | None:
        if isinstance(self._rate, float):
            return np.full(len(self.loss), self._rate)
        return self._rate

    @property
    def diverged(self) -> bool:
        """Whether training ended because a number would not have been finite."""
        return self.stopped_by == "divergence"

    @property
    def best_epoch(self) -> int | None:
        """The index of the lowest validation loss, to which restored parameters belong, if any."""
        if self.validation_loss is None or not len(self.validation_loss):
            return None
        losses = np.where(np.isnan(self.validation_loss), np.inf, self.validation_loss)
        best = int(np.argmin(losses))
        return best if losses[best] < np.inf else None

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> LossCurveDisplay:
        """Draw the losses by matplotlib: ``LossCurveDisplay.from_history(self, ax=ax, **kwargs)``.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes to draw on; by default those of a new figure.
        **kwargs
            As for `denseloop.plotting.LossCurveDisplay.plot`.

        Returns
        -------
        denseloop.plotting.LossCurveDisplay
            With the axes as its `ax_`.

        Raises
        ------
        ImportError
            Without matplotlib.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([2, 3, 1], seed=0)
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> display = net.train(X, y, learning_rate=2.0, epochs=500).plot(name="xor")
        >>> display.ax_.get_xlabel()
        'Epoch'
        """
        from denseloop.plotting import LossCurveDisplay  # matplotlib takes time

        return LossCurveDisplay.from_history(self, ax=ax, **kwargs)

    def _curves(self) -> dict[str, np.ndarray]:
        curves = {"loss": self.loss}
        if self.validation_loss is not None:
            curves["validation_loss"] = self.validation_loss
        return curves

    def __repr__(self) -> str:
        from denseloop._display.history_table import history_text  # few need it, it takes time

        return history_text(self._curves(), self.stopped_by)

    def _repr_html_(self) -> str:
        from denseloop._display.history_table import history_html

        return history_html(self._curves(), self.stopped_by, self.best_epoch)

    def __getstate__(self) -> tuple[Any, ...]:
        return self.stopped_by, self.output, *(pack(getattr(self, name)) for name in NUMBERS)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        stopped_by, output, *numbers = state
        numbers = {name: unpack(packed, "d") for name, packed in zip(NUMBERS, numbers)}
        vars(self).update(numbers, stopped_by=stopped_by, output=output)


class Gradients:
    """Derivatives of a loss, laid out like the network's parameters.

    Attributes
    ----------
    flat : ndarray, shape (n_parameters,)
        All derivatives, in the order of `Network.parameters`.
    weights : sequence of ndarray, shape (fan_in, fan_out) each
    biases : sequence of ndarray, shape (fan_out,) each
        Views of `flat`. `biases` is empty for a network without.
    """

    __slots__ = ("_flat", "_layers", "_views")

    def __init__(self, flat: np.ndarray, layers: tuple[LayerSpan, ...]) -> None:
        self._flat, self._layers = flat, layers
        self._views: tuple[Views, Views] | None = None

    @property
    def flat(self) -> np.ndarray:
        return self._flat

    @property
    def weights(self) -> Views:
        return self._own_views()[0]

    @property
    def biases(self) -> Views:
        return self._own_views()[1]

    def _own_views(self) -> tuple[Views, Views]:
        if self._views is None:
            self._views = layer_views(self._flat, self._layers)
        return self._views

    def __repr__(self) -> str:
        return f"Gradients({self._flat!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Gradients, (self._flat, self._layers)
