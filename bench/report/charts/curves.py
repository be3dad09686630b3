"""Curves on logarithmic axes: the time of an epoch as it grows, and the time per element."""

from matplotlib.ticker import LogLocator, NullLocator

from bench.harness.names import REFERENCE
from bench.harness.spread import Spread
from bench.report.charts.style import (
    INK,
    add_panels,
    color,
    format_count,
    format_time,
    legend,
    make_figure,
)
from bench.report.statistics import group_by, headline, peers, time
from bench.report.tables import AXES

PANEL = 2.5  # inches, with its title and axis


def growth(run):
    """Return three panels: seconds per epoch against samples, width and depth; None if empty."""
    panels = [
        (axis.capitalize(), AXES[axis], "value", entries)
        for (axis,), entries in group_by(headline(run, "growth"), "axis").items()
    ]
    titles = (
        "How the time of an epoch grows",
        "float64 on one core. Medians of the rounds, bands from quartile to quartile.",
    )
    return figure(run, titles, panels, columns=3, divisor=lambda entry: 1)


def functions(run):
    """Return a panel of the time per element for every function and dtype; None if empty."""
    panels = [
        (f"{function.replace('_', ' ')}, {dtype}", "elements", "elements", entries)
        for (function, dtype), entries in group_by(run["functions"], "function", "dtype").items()
        if len(entries) > 1
    ]
    titles = (
        "Elementwise functions: time per element",
        "Arrays, on one core. Medians of the rounds, bands from quartile to quartile.",
    )
    return figure(run, titles, panels, columns=2, divisor=lambda entry: entry["elements"])


def figure(run, titles, panels, columns, divisor):
    """Return panels of curves that share one vertical axis; None without panels.

    Parameters
    ----------
    run : dict
    titles : (str, str)
        Title of the figure and the note below it.
    panels : list of (str, str, str, list of dict)
        Title, label of the horizontal axis, key of its values in an entry, entries.
    columns : int
        Most panels in a row.
    divisor : callable
        Returns what an entry's seconds are divided by.
    """
    if not panels:
        return None
    rows, columns = -(-len(panels) // columns), min(columns, len(panels))
    fig, area = make_figure(run, rows * PANEL + 1.15, *titles)
    names = [REFERENCE, *peers([entry for *_, entries in panels for entry in entries])]
    with_roofline = any(entry.get("roofline") for *_, entries in panels for entry in entries)
    area = legend(fig, area, names, with_roofline)
    axes = add_panels(fig, area, rows, columns, sharey=True).ravel()
    for axis, (title, label, key, entries) in zip(axes, panels):
        axis.set_title(title)
        axis.set_xlabel(label)
        axis.set_xscale("log")
        axis.set_yscale("log")
        for name in reversed(names):  # draws denseloop last, on top
            draw_curve(axis, entries, key, name, divisor)
        draw_roofline(axis, entries, key)
        axis.grid(axis="y")
        axis.yaxis.set_major_locator(LogLocator(numticks=12))
        for scale in (axis.xaxis, axis.yaxis):
            scale.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(format_count)
        axis.yaxis.set_major_formatter(format_time)
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
