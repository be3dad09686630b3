"""Curves on logarithmic axes: how the time of an epoch grows, and what an element costs."""

from matplotlib.ticker import LogLocator, NullLocator

from bench.report.charts.style import (
    INK,
    color,
    framed,
    legend,
    panels_in,
    shown_as_count,
    shown_as_time,
)
from bench.report.statistics import REFERENCE, Spread, grouped, headline, peers, time
from bench.report.tables import AXES

PANEL = 2.5  # inches, with its title and axis


def growth(run):
    """Three panels: seconds an epoch against samples, width and depth; None without figures."""
    panels = [
        (axis.capitalize(), AXES[axis], "value", entries)
        for (axis,), entries in grouped(headline(run, "growth"), "axis").items()
    ]
    titles = (
        "How the time of an epoch grows",
        "float64 on one core. Medians of the rounds, bands from quartile to quartile.",
    )
    return figure(run, titles, panels, columns=3, divisor=lambda entry: 1)


def functions(run):
    """A panel for every function and dtype: time an element; None without figures."""
    panels = [
        (f"{function.replace('_', ' ')}, {dtype}", "elements", "elements", entries)
        for (function, dtype), entries in grouped(run["functions"], "function", "dtype").items()
        if len(entries) > 1
    ]
    titles = (
        "Elementwise functions: time an element",
        "Arrays, on one core. Medians of the rounds, bands from quartile to quartile.",
    )
    return figure(run, titles, panels, columns=2, divisor=lambda entry: entry["elements"])


def figure(run, titles, panels, columns, divisor):
    """Panels of curves, all with one vertical axis.

    Parameters
    ----------
    run : dict
    titles : (str, str)
        The figure's title and the note below it.
    panels : list of (str, str, str, list of dict)
        Title, label of the horizontal axis, key of its values, entries.
    columns : int
        Panels side by side, at most.
    divisor : callable
        What an entry's seconds are divided by.
    """
    if not panels:
        return None
    rows, columns = -(-len(panels) // columns), min(columns, len(panels))
    fig, area = framed(run, rows * PANEL + 1.15, *titles)
    names = [REFERENCE, *peers([entry for *_, entries in panels for entry in entries])]
    with_roofline = any(entry.get("roofline") for *_, entries in panels for entry in entries)
    area = legend(fig, area, names, with_roofline)
    axes = panels_in(fig, area, rows, columns, sharey=True).ravel()
    for axis, (title, label, key, entries) in zip(axes, panels):
        axis.set_title(title)
        axis.set_xlabel(label)
        axis.set_xscale("log")
        axis.set_yscale("log")
        for name in reversed(names):  # denseloop last, on top
            draw_curve(axis, entries, key, name, divisor)
        draw_roofline(axis, entries, key)
        axis.grid(axis="y")
        axis.yaxis.set_major_locator(LogLocator(numticks=12))
        for scale in (axis.xaxis, axis.yaxis):
            scale.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(shown_as_count)
        axis.yaxis.set_major_formatter(shown_as_time)
    for axis in axes[len(panels) :]:
        axis.remove()
    return fig


def draw_curve(axis, entries, key, name, divisor):
    points = [(e[key], divisor(e), found) for e in entries if (found := time(e, name))]
    if not points:
        return
    x = [value for value, _, _ in points]
    low, middle, high = (
        [getattr(found, which) / by for _, by, found in points]
        for which in ("low", "median", "high")
    )
    width = 2.2 if name == REFERENCE else 1.2
    axis.fill_between(x, low, high, color=color(name), alpha=0.25, linewidth=0)
    axis.plot(x, middle, "o-", color=color(name), linewidth=width, markersize=2.2 * width**0.5)


def draw_roofline(axis, entries, key):
    points = [(e[key], Spread.of(e["roofline"]).median) for e in entries if e.get("roofline")]
    if points:
        axis.plot(*zip(*points), "--", color=INK, linewidth=0.9)
