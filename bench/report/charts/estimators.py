"""How many times as long as denseloop's the estimators of scikit-learn take."""

from matplotlib.colors import to_rgb
from matplotlib.ticker import FixedLocator, NullLocator

from bench.report.charts.speed import TICKS
from bench.report.charts.style import INK, PALE, box_of, color, framed
from bench.report.estimator_tables import PEER
from bench.report.statistics import REFERENCE, ratio, time
from bench.report.tables import duration, times

LANE, GAP, NAMES = 0.2, 0.14, 3.9  # inches


def figure(run):
    """A bar for every fit, those of a network side by side, and for the rest; None without any."""
    groups = {}
    for entry in run.get("estimators", []):
        if found := ratio(entry, PEER):
            groups.setdefault(entry.get("fit", entry["case"]), []).append((entry, found))
    if not groups:
        return None
    height = sum(LANE * max(2, len(bars)) + GAP for bars in groups.values())
    fig, (left, bottom, right, top) = framed(
        run,
        height + 1.1,
        "scikit-learn's estimators, in multiples of denseloop's time",
        "float64, logarithmic axis. Medians of the rounds' ratios, with quartiles. "
        "Before each bar: denseloop's time of an epoch or a call.",
    )
    axis = fig.add_axes(box_of(fig, (left + NAMES, bottom + 0.2, right, top)))
    prepare(axis, [found for bars in groups.values() for _, found in bars], height)
    y = 0.0
    for name, bars in groups.items():
        lanes = LANE * max(2, len(bars))
        middle = y - GAP / 2 - lanes / 2
        draw_name(axis, middle, name)
        for lane, (entry, found) in enumerate(bars):
            draw_bar(axis, middle + ((len(bars) - 1) / 2 - lane) * LANE, entry, found)
        y -= lanes + GAP
    return fig


def prepare(axis, spreads, height):
    """A logarithmic axis, and the line of denseloop, from which the bars go."""
    low = min(0.8, min(found.low for found in spreads) / 1.1)
    high = max(2.0, max(found.high for found in spreads))
    high *= (high / low) ** 0.1
    axis.set_xscale("log")
    axis.set_xlim(low, high)
    axis.set_ylim(-height, 0)
    axis.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter("{x:g} ×")
    axis.yaxis.set_visible(False)
    axis.spines["left"].set_visible(False)
    axis.grid(axis="x")
    axis.axvline(1, color=INK, linewidth=1.2, zorder=3)


def draw_name(axis, middle, name):
    """What was timed: the data in bold, then the rest."""
    data, rest = name.split(", ", 1)
    left, place = -72 * NAMES, beside(axis)
    axis.annotate(data, (0, middle), (left, 6), size=8.5, weight="bold", **place)
    axis.annotate(rest, (0, middle), (left, -5), size=7.5, color=PALE, **place)


def beside(axis):
    return {
        "textcoords": "offset points",
        "annotation_clip": False,
        "xycoords": axis.get_yaxis_transform(),
        "va": "center",
    }


def draw_bar(axis, y, entry, found):
    """Paler for relu; before it denseloop's time, at its end the ratio."""
    shade = to_rgb(color(PEER))
    if entry.get("activation") == "relu":
        shade = [(1 + part) / 2 for part in shade]
    axis.barh(y, found.median - 1, left=1, height=0.86 * LANE, color=shade)
    axis.plot([found.low, found.high], [y, y], color="white", linewidth=2.2)
    axis.plot([found.low, found.high], [y, y], color=INK, linewidth=0.9)
    own = duration(time(entry, REFERENCE).median / entry.get("epochs", 1))
    text = ", ".join(filter(None, [entry.get("activation"), own]))
    axis.annotate(text, (0, y), (-4, -0.5), ha="right", size=7.5, **beside(axis))
    place = {"textcoords": "offset points", "va": "center", "size": 7.5}
    axis.annotate(times(found.median), (max(1.0, found.high), y), (5, -0.5), **place)
