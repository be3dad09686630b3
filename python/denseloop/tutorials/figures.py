"""The tutorials' figures (needs matplotlib)."""

from __future__ import annotations  # which help() shows as they are written

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from denseloop._missing import missing
from denseloop.network import Network
from denseloop.results import History

try:
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import FigureCanvasBase
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter
except ImportError as _error:
    raise missing("a picture", "matplotlib", _error) from None

__all__ = ["demo_figure", "many_figure", "replay_figure", "require_savable"]


def require_savable(path: str | os.PathLike[str]) -> None:
    """Raise an error unless a figure can be saved as this file.

    Parameters
    ----------
    path : str or os.PathLike
        File to write.

    Raises
    ------
    ValueError
        If matplotlib knows no format of this ending.
    PermissionError
        If the file, or its folder, cannot be written to.
    """
    path, known = Path(path), FigureCanvasBase.get_supported_filetypes()
    if path.suffix[1:].lower() not in known:
        endings = ", ".join(sorted(known))
        raise ValueError(f"a picture must end in one of {endings}; got {str(path)!r}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(f"no permission to write {str(path)!r}")


CLASS_COLORS = ["#2a6fb0", "#d1495b", "#3a8f5c"]
LINE_COLOR = "#333333"
GRID = 720  # points along each side of a plane
MOST_POINTS = 2000  # of a curve
BINS = 40


def replay_figure(
    name: str, X: np.ndarray, y: np.ndarray, network: Network, history: History
) -> Figure:
    """Draw the figures of one tutorial.

    Samples in the plane are shown with the decision boundary and the error, one sample with its
    prediction and the error, others with the error alone.

    Parameters
    ----------
    name : str
        Title of the figure.
    X, y : ndarray, shape (n_samples, n_inputs) and (n_samples, n_outputs)
        Samples of the training.
    network : Network
        The trained network.
    history : History
        History of the training, with the outputs of its epochs for one sample.

    Returns
    -------
    matplotlib.figure.Figure
    """
    in_the_plane = X.shape[1] == 2 and len(X) > 1
    panels = 2 if in_the_plane or history.output is not None else 1
    figure = Figure(figsize=(5.2 * panels, 4.2), dpi=120, layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    if in_the_plane:
        draw_boundary(axes[0], X, y, network)
    elif history.output is not None:
        draw_prediction(axes[0], history.output[:, 0, 0], y[0, 0])
    draw_error(axes[-1], {name: history.loss})
    figure.suptitle(name)
    return figure


def demo_figure(
    X: np.ndarray,
    y: np.ndarray,
    networks: Mapping[str, Network],
    losses: Mapping[str, np.ndarray],
    listing_errors: Mapping[str, ArrayLike],
) -> Figure:
    """Draw the moons with the decision boundaries of two networks, and the error curves.

    Parameters
    ----------
    X, y : ndarray, shape (n_samples, 2) and (n_samples, 1)
        Samples of the training.
    networks : dict of str to Network
        The two trained networks by title.
    losses : dict of str to ndarray, shape (epochs,)
        Losses of their trainings by title.
    listing_errors : dict of str to sequence of float
        Errors of the NumPy listings by title, for as many epochs as they ran.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = Figure(figsize=(13.5, 4.3), dpi=120, layout="constrained")
    *planes, curves = figure.subplots(1, 3)
    for axis, (title, network) in zip(planes, networks.items()):
        draw_boundary(axis, X, y, network)
        axis.set_title(f"{title}: error {losses[title][-1]:.4f}")
    draw_error(curves, losses)
    for title, label in zip(networks, [None, "NumPy listing"]):
        errors = np.asarray(listing_errors[title])
        epochs = spread_over_decades(len(errors))
        curves.plot(epochs + 1, errors[epochs], ":", color=LINE_COLOR, label=label)
    curves.legend(frameon=False)
    curves.set_title("error, summed over the points")
    return figure


def many_figure(
    errors: np.ndarray,
    epochs: int,
    x: np.ndarray,
    y: np.ndarray,
    shown: np.ndarray,
    mean: np.ndarray,
    std: np.ndarray,
    members: int,
) -> Figure:
    """Draw the errors that one network reaches from many starts, and an ensemble's band.

    Parameters
    ----------
    errors : ndarray, shape (n_starts,)
        Last errors of the trainings.
    epochs : int
        Number of epochs of each of them.
    x, y : ndarray, shape (n_points,)
        Points that the ensemble was fitted to.
    shown, mean, std : ndarray, shape (n_shown,)
        Where the ensemble predicts, the means of its members' outputs and their standard
        deviations.
    members : int
        Number of the members.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = Figure(figsize=(11.0, 4.3), dpi=120, layout="constrained")
    histogram, curve = figure.subplots(1, 2)
    # A few starts end far above the others, and would leave no room for them.
    highest = 1.2 * np.quantile(errors, 0.95)
    bins = np.linspace(0, highest, BINS + 1)
    histogram.hist(np.minimum(errors, highest), bins, color=CLASS_COLORS[0], edgecolor="white")
    histogram.axvline(errors.min(), color=LINE_COLOR, linestyle=":", label="lowest error")
    histogram.set_xlabel("error, summed over the points")
    histogram.set_ylabel("starts")
    histogram.set_title(f"moons, 2-4-1: {len(errors)} starts, {epochs:,} epochs each")
    histogram.legend(frameon=False)
    curve.fill_between(
        shown,
        mean - 2 * std,
        mean + 2 * std,
        color=CLASS_COLORS[0],
        alpha=0.25,
        linewidth=0,
        label="two standard deviations",
    )
    curve.plot(shown, mean, color=CLASS_COLORS[0], label="mean")
    curve.plot(x, y, ".", color=LINE_COLOR, label="points")
    curve.set_xlabel("x")
    curve.set_ylabel("y")
    low, high = y.min(), y.max()
    curve.set_ylim(low - (high - low) / 2, high + (high - low) / 2)
    curve.set_title(f"an ensemble of {members} networks, 1-8-1")
    curve.legend(frameon=False)
    return figure


def draw_boundary(axis: Axes, X: np.ndarray, y: np.ndarray, network: Network) -> None:
    """Draw the samples over the network's outputs, for one output with the line where it is 1/2."""
    low, high = X.min(axis=0) - 0.4, X.max(axis=0) + 0.4
    horizontal = np.linspace(low[0], high[0], GRID)
    vertical = np.linspace(low[1], high[1], GRID)
    grid = np.stack(np.meshgrid(horizontal, vertical), axis=-1)
    outputs = network.forward(grid.reshape(-1, 2)).reshape(GRID, GRID, -1)
    n_classes = max(2, outputs.shape[2])
    colors = ListedColormap(CLASS_COLORS[:n_classes])
    area: dict[str, Any] = {
        "extent": (low[0], high[0], low[1], high[1]),
        "origin": "lower",
        "aspect": "auto",
    }
    if outputs.shape[2] == 1:
        labels = y[:, 0]
        axis.imshow(outputs[:, :, 0], cmap="RdBu_r", vmin=0, vmax=1, alpha=0.45, **area)
        axis.contour(horizontal, vertical, outputs[:, :, 0], [0.5], colors=LINE_COLOR)
        axis.plot([], [], color=LINE_COLOR, label="output 1/2")
    else:
        labels = y.argmax(axis=1)
        axis.imshow(outputs.argmax(axis=2), cmap=colors, alpha=0.3, **area)
    for label in range(n_classes):
        x, y = X[labels == label].T
        points: dict[str, Any] = {
            "s": 18,
            "edgecolor": "white",
            "linewidth": 0.4,
            "label": f"class {label}",
        }
        axis.scatter(x, y, color=CLASS_COLORS[label], **points)
    axis.set_xlabel("x₁")
    axis.set_ylabel("x₂")
    axis.set_title("decision boundary")
    axis.legend(fontsize="small")


def draw_prediction(axis: Axes, outputs: np.ndarray, target: float) -> None:
    """Draw the outputs (epochs,) for one sample against the iteration, and the target."""
    shown = np.unique(np.linspace(0, len(outputs) - 1, MOST_POINTS).astype(int))
    marker = "o" if len(shown) == 1 else None
    axis.plot(shown + 1, outputs[shown], color=CLASS_COLORS[0], label="prediction", marker=marker)
    axis.axhline(target, color=LINE_COLOR, linestyle=":", label="target")
    axis.set_xlabel("iteration")
    axis.set_ylabel("prediction")
    axis.set_title("prediction before each update")
    axis.legend(frameon=False)


def draw_error(axis: Axes, curves: Mapping[str, np.ndarray]) -> None:
    """Draw error curves against the iteration, on logarithmic axes."""
    for (label, errors), color in zip(curves.items(), CLASS_COLORS):
        epochs = spread_over_decades(len(errors))
        marker = "o" if len(epochs) == 1 else None
        axis.plot(epochs + 1, errors[epochs], color=color, label=label, marker=marker)
    axis.set_xscale("log")
    axis.set_yscale("log")
    if max(e.max() / e.min() for e in curves.values()) < 100:
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_formatter(NullFormatter())
    axis.set_xlabel("iteration")
    axis.set_ylabel("error")
    axis.set_title("error before each update")


def spread_over_decades(count: int) -> np.ndarray:
    """Return indices below `count` that are even on a logarithmic axis, at most MOST_POINTS."""
    return np.unique(np.geomspace(1, count, MOST_POINTS).astype(int)) - 1
