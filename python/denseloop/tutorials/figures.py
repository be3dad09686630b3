"""The tutorials' figures (needs matplotlib)."""

from collections.abc import Mapping, Sequence

import numpy as np

from denseloop.tutorials.replays import Replay

try:
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter
except ImportError:
    raise ImportError("plotting needs matplotlib: pip install denseloop[plot]") from None

__all__ = ["demo_figure", "replay_figure"]

CLASS_COLORS = ["#2a6fb0", "#d1495b", "#3a8f5c"]
LINE_COLOR = "#333333"
GRID = 720  # points along each side of a plane


def replay_figure(replay: Replay) -> Figure:
    """The figures of one tutorial.

    Parameters
    ----------
    replay : denseloop.tutorials.Replay

    Returns
    -------
    matplotlib.figure.Figure
        Prediction and error against the iteration for one sample; the data with the decision
        boundary and the error for points in the plane; the error alone otherwise.
    """
    in_the_plane = replay.X.shape[1] == 2 and len(replay.X) > 1
    panels = 2 if in_the_plane or replay.history.output is not None else 1
    figure = Figure(figsize=(5.2 * panels, 4.2), dpi=120, layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    if in_the_plane:
        draw_boundary(axes[0], replay)
    elif replay.history.output is not None:
        draw_prediction(axes[0], replay)
    draw_error(axes[-1], {replay.name: replay.history.loss})
    figure.suptitle(replay.name)
    return figure


def demo_figure(
    perceptron: Replay, hidden_layer: Replay, listing_errors: Mapping[str, Sequence[float]]
) -> Figure:
    """The moons with both decision boundaries, and the error curves.

    Parameters
    ----------
    perceptron, hidden_layer : denseloop.tutorials.Replay
    listing_errors : dict of str to sequence of float
        For each replay's name, the errors of the NumPy listing as far as it got.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = Figure(figsize=(13.5, 4.3), dpi=120, layout="constrained")
    axes = figure.subplots(1, 3)
    for axis, replay, title in [
        (axes[0], perceptron, "perceptron"),
        (axes[1], hidden_layer, "one hidden layer of 4"),
    ]:
        draw_boundary(axis, replay)
        axis.set_title(f"{title}: error {replay.history.loss[-1]:.4f}")
    curves = {
        "perceptron": perceptron.history.loss,
        "hidden layer": hidden_layer.history.loss,
    }
    draw_error(axes[2], curves)
    for replay in (perceptron, hidden_layer):
        errors = listing_errors[replay.name]
        epochs = spread_over_decades(len(errors))
        label = "NumPy listing" if replay is hidden_layer else None
        axes[2].plot(epochs + 1, np.asarray(errors)[epochs], ":", color=LINE_COLOR, label=label)
    axes[2].legend(frameon=False)
    axes[2].set_title("error, summed over the points")
    return figure


def draw_boundary(axis, replay):
    """The points by class over the network's outputs; for two classes the line of output 1/2."""
    X = replay.X
    low, high = X.min(axis=0) - 0.4, X.max(axis=0) + 0.4
    horizontal = np.linspace(low[0], high[0], GRID)
    vertical = np.linspace(low[1], high[1], GRID)
    grid = np.stack(np.meshgrid(horizontal, vertical), axis=-1)
    outputs = replay.network.forward(grid.reshape(-1, 2)).reshape(GRID, GRID, -1)
    n_classes = max(2, outputs.shape[2])
    colors = ListedColormap(CLASS_COLORS[:n_classes])
    area = {"extent": (low[0], high[0], low[1], high[1]), "origin": "lower", "aspect": "auto"}
    if outputs.shape[2] == 1:
        labels = replay.y[:, 0]
        axis.imshow(outputs[:, :, 0], cmap="RdBu_r", vmin=0, vmax=1, alpha=0.45, **area)
        axis.contour(horizontal, vertical, outputs[:, :, 0], [0.5], colors=LINE_COLOR)
    else:
        labels = replay.y.argmax(axis=1)
        axis.imshow(outputs.argmax(axis=2), cmap=colors, alpha=0.3, **area)
    axis.scatter(X[:, 0], X[:, 1], c=labels, cmap=colors, s=18, edgecolor="white", linewidth=0.4)
    axis.set_xlabel("x₁")
    axis.set_ylabel("x₂")


def draw_prediction(axis, replay):
    """The output for the one sample against the iteration, and its target."""
    output = replay.history.output[:, 0, 0]
    shown = np.unique(np.linspace(0, len(output) - 1, 2000).astype(int))
    marker = "o" if len(shown) == 1 else None
    axis.plot(shown + 1, output[shown], color=CLASS_COLORS[0], label="prediction", marker=marker)
    axis.axhline(replay.y[0, 0], color=LINE_COLOR, linestyle=":", label="target")
    axis.set_xlabel("iteration")
    axis.set_title("prediction")
    axis.legend(frameon=False)


def draw_error(axis, curves):
    """Error curves against the iteration, both axes logarithmic."""
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
    axis.set_title("error")


def spread_over_decades(count):
    """Up to 2000 of the indices below `count`, even on a logarithmic axis."""
    return np.unique(np.geomspace(1, count, 2000).astype(int)) - 1
