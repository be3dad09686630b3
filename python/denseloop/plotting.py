"""Loss curves, drawn by matplotlib, in the manner of scikit-learn's displays.

`LossCurveDisplay.from_history` draws the course of a training, `LossCurveDisplay.from_estimator`
that of an estimator's fit; ``history.plot()`` is short for the former. The decision boundaries of
the estimators are drawn by scikit-learn's own display.

Examples
--------
>>> from sklearn.datasets import make_moons
>>> from sklearn.inspection import DecisionBoundaryDisplay
>>> from denseloop.neural_network import MLPClassifier
>>> X, y = make_moons(100, noise=0.1, random_state=0)
>>> classifier = MLPClassifier((8,), solver="lbfgs", random_state=0).fit(X, y)
>>> display = DecisionBoundaryDisplay.from_estimator(classifier, X, response_method="predict")
>>> points = display.ax_.scatter(X[:, 0], X[:, 1], c=y, edgecolors="black")
"""

from __future__ import annotations  # which help() shows as they are written

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from denseloop._display.loss_curve import is_wide, lowest_epoch
from denseloop._missing import missing

try:
    from matplotlib.axes import Axes
    from matplotlib.cbook import normalize_kwargs
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator
except ImportError as _error:
    raise missing("denseloop.plotting", "matplotlib", _error) from None

__all__ = ["LossCurveDisplay"]


class LossRecord(Protocol):
    """What a display takes from a `denseloop.History`."""

    @property
    def loss(self) -> np.ndarray: ...
    @property
    def validation_loss(self) -> np.ndarray | None: ...
    @property
    def best_epoch(self) -> int | None: ...


class LossCurveDisplay:
    """The loss of a training by epoch, and that of its validation samples.

    Make one by `from_history` or `from_estimator`. Epochs are counted from 0, as the items of
    `History.loss` are.

    Parameters
    ----------
    loss : array_like, shape (epochs,)
        Training losses. Those that are not finite leave gaps.
    validation_loss : array_like, shape (epochs,), optional
    best_epoch : int, optional
        Index of the lowest validation loss, which is marked.
    name : str, optional
        Name of the training, for the legend.

    Attributes
    ----------
    loss, validation_loss : ndarray of float64, or None
    best_epoch, name
        As given.
    ax_ : matplotlib.axes.Axes
    figure_ : matplotlib.figure.Figure
        What was drawn on.
    line_ : matplotlib.lines.Line2D
        The training losses.
    validation_line_, best_epoch_line_ : matplotlib.lines.Line2D or None
        The validation losses, and the mark of the best epoch, which is one point.

    Examples
    --------
    >>> from denseloop.plotting import LossCurveDisplay
    >>> display = LossCurveDisplay(loss=[1.0, 0.5, 0.3], name="by hand").plot()
    >>> display.line_.get_label()
    'by hand: training'
    """

    def __init__(
        self,
        *,
        loss: ArrayLike,
        validation_loss: ArrayLike | None = None,
        best_epoch: int | None = None,
        name: str | None = None,
    ) -> None:
        self.loss: np.ndarray = np.asarray(loss, np.float64)
        self.validation_loss: np.ndarray | None = (
            None if validation_loss is None else np.asarray(validation_loss, np.float64)
        )
        self.best_epoch: int | None = best_epoch
        self.name: str | None = name

    def plot(
        self, ax: Axes | None = None, *, name: str | None = None, **kwargs: Any
    ) -> LossCurveDisplay:
        """Draw the curves.

        The axis of the losses is logarithmic if all on it are positive, and the highest is at least
        ten times the lowest; ``display.ax_.set_yscale("linear")`` changes that.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes to draw on, with the curves of other trainings, say; by default those of a new
            figure.
        name : str, optional
            Name for the legend; by default that of the display.
        **kwargs
            Options of both lines, for `matplotlib.axes.Axes.plot`. The validation losses have the
            color of the training's, and dashes unless there is a `linestyle`.

        Returns
        -------
        LossCurveDisplay
            The display itself.
        """
        if ax is None:
            from matplotlib import pyplot  # which chooses a backend

            ax = pyplot.figure(layout="constrained").subplots()
        name = self.name if name is None else name
        kwargs = normalize_kwargs(kwargs, Line2D)  # "c" is "color"
        prefix = "" if name is None else f"{name}: "
        self.ax_: Axes = ax
        self.figure_: Figure | SubFigure = ax.figure
        self.line_: Line2D = self._line(self.loss, f"{prefix}training", kwargs)
        self.validation_line_: Line2D | None = None
        self.best_epoch_line_: Line2D | None = None
        dependent = {"linestyle": "--", **kwargs, "color": self.line_.get_color()}
        if self.validation_loss is not None:
            label = f"{prefix}validation"
            self.validation_line_ = self._line(self.validation_loss, label, dependent)
            if self.best_epoch is not None:
                mark = {"color": dependent["color"], "marker": "o", "linestyle": "none"}
                label = f"{prefix}best epoch, {self.best_epoch}"
                self.best_epoch_line_ = self._line(
                    self.validation_loss[[self.best_epoch]], label, mark, self.best_epoch
                )
        ax.set(xlabel="Epoch", ylabel="Loss")
        ax.set_yscale("log" if is_wide(*_curves_on(ax)) else "linear")
        ax.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
        ax.legend()
        return self

    def _line(self, losses, label, options, first=0):
        drawn = np.where(np.isfinite(losses), losses, np.nan)
        (line,) = self.ax_.plot(np.arange(first, first + len(drawn)), drawn, label=label, **options)
        return line

    @classmethod
    def from_history(
        cls, history: LossRecord, *, ax: Axes | None = None, name: str | None = None, **kwargs: Any
    ) -> LossCurveDisplay:
        """Draw the losses of a training, and mark its best epoch.

        Parameters
        ----------
        history : denseloop.History
            What `Network.train` has returned.
        ax, name, **kwargs
            As for `plot`.

        Returns
        -------
        LossCurveDisplay

        Raises
        ------
        TypeError
            If `history` is something else.

        Examples
        --------
        >>> import denseloop as dl
        >>> from denseloop.plotting import LossCurveDisplay
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> ax = None
        >>> for rate in (0.5, 2.0):
        ...     net = dl.Network([2, 3, 1], seed=0)
        ...     history = net.train(X, y, learning_rate=rate, epochs=500)
        ...     ax = LossCurveDisplay.from_history(history, ax=ax, name=f"rate {rate}").ax_
        >>> [line.get_label() for line in ax.get_lines()]
        ['rate 0.5: training', 'rate 2.0: training']
        """
        if not all(hasattr(history, each) for each in ("loss", "validation_loss", "best_epoch")):
            raise TypeError(
                f"history must be a History, as net.train returns one, got {history!r}; for "
                "several, call from_history for each with the same ax"
            )
        display = cls(
            loss=history.loss,
            validation_loss=history.validation_loss,
            best_epoch=history.best_epoch,
            name=name,
        )
        return display.plot(ax, **kwargs)

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, ax: Axes | None = None, name: str | None = None, **kwargs: Any
    ) -> LossCurveDisplay:
        """Draw the losses of an estimator's fit.

        Parameters
        ----------
        estimator : MLPClassifier or MLPRegressor
            A fitted estimator of `denseloop.neural_network`, with any solver but "lbfgs", or any
            other with a `loss_curve_`. Its `validation_loss_curve_` is drawn if its fit had an
            `eval_set`; the scores of `early_stopping` are no losses, and are not drawn.
        ax, **kwargs
            As for `plot`.
        name : str, optional
            Name for the legend; by default that of the estimator's class.

        Returns
        -------
        LossCurveDisplay

        Raises
        ------
        ValueError
            If the estimator has no `loss_curve_`.

        Examples
        --------
        >>> from denseloop.neural_network import MLPRegressor
        >>> from denseloop.plotting import LossCurveDisplay
        >>> regressor = MLPRegressor(solver="rprop", random_state=0)
        >>> regressor = regressor.fit([[0.0], [0.5], [1.0]], [0.0, 0.25, 1.0])
        >>> LossCurveDisplay.from_estimator(regressor).line_.get_label()
        'MLPRegressor: training'
        """
        loss = getattr(estimator, "loss_curve_", None)
        if loss is None:
            raise ValueError(
                "estimator must have a loss_curve_, as a fitted MLPClassifier or MLPRegressor has "
                f"with any solver but 'lbfgs'; got {estimator!r}"
            )
        validation = getattr(estimator, "validation_loss_curve_", None)
        validation = np.asarray([] if validation is None else validation)
        display = cls(
            loss=loss,
            validation_loss=validation if len(validation) else None,
            best_epoch=lowest_epoch(validation),
            name=type(estimator).__name__ if name is None else name,
        )
        return display.plot(ax, **kwargs)


def _curves_on(ax):
    lines = [line for line in ax.get_lines() if line.get_transform() == ax.transData]
    return [np.asarray(line.get_ydata(), np.float64) for line in lines]
