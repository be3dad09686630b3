"""The ratio of the time of scikit-learn's estimators to that of denseloop's."""

from matplotlib.colors import to_rgb

from bench.harness.names import REFERENCE, SCIKIT_LEARN
from bench.harness.text import duration, times
from bench.report.charts.ratio_axis import set_up_axis
from bench.report.charts.style import INK, PALE, box, color, make_figure
from bench.report.statistics import ratio, time

LANE, GAP, NAMES = 0.2, 0.14, 3.9  # inches


def figure(run):
    """Return bars, those of a network's fits next to each other; None without entries."""
    groups = {}
    for entry in run.get("estimators", []):
        if found := ratio(entry, SCIKIT_LEARN):
            groups.setdefault(entry.get("fit", entry["case"]), []).append((entry, found))
    if not groups:
        return None
    height = sum(LANE * max(2, len(bars)) + GAP for bars in groups.values())
    fig, (left, bottom, right, top) = make_figure(
        run,
        height + 1.1,
        "scikit-learn's estimators, in multiples of denseloop's time",
        "float64, logarithmic axis. Medians of the rounds' ratios, with quartiles. "
        "Before each bar: denseloop's time of an epoch or a call.",
    )
    axis = fig.add_axes(box(fig, (left + NAMES, bottom + 0.2, right, top)))
    spreads = [found for bars in groups.values() for _, found in bars]
    set_up_axis(axis, spreads, height, headroom=0.1)
    axis.axvline(1, color=INK, linewidth=1.2, zorder=3)
    y = 0.0
    for name, bars in groups.items():
        lanes = LANE * max(2, len(bars))
        middle = y - GAP / 2 - lanes / 2
        draw_name(axis, middle, name)
        for lane, (entry, found) in enumerate(bars):
            draw_bar(axis, middle + ((len(bars) - 1) / 2 - lane) * LANE, entry, found)
        y -= lanes + GAP
    return fig


def draw_name(axis, middle, name):
    """Write what was timed: the data in bold, then the rest."""
    data, rest = name.split(", ", 1)
    left, options = -72 * NAMES, label_options(axis)
    axis.annotate(data, (0, middle), (left, 6), size=8.5, weight="bold", **options)
    axis.annotate(rest, (0, middle), (left, -5), size=7.5, color=PALE, **options)


def label_options(axis):
    """Return the options of a text to the left of the axes."""
    return {
        "textcoords": "offset points",
        "annotation_clip": False,
        "xycoords": axis.get_yaxis_transform(),
        "va": "center",
    }


def draw_bar(axis, y, entry, found):
    """Draw a bar, paler for relu, with denseloop's time before it and the ratio at its end."""
    shade = to_rgb(color(SCIKIT_LEARN))
    if entry.get("activation") == "relu":
        shade = [(1 + part) / 2 for part in shade]
    axis.barh(y, found.median - 1, left=1, height=0.86 * LANE, color=shade)
    axis.plot([found.low, found.high], [y, y], color="white", linewidth=2.2)
    axis.plot([found.low, found.high], [y, y], color=INK, linewidth=0.9)
    own = duration(time(entry, REFERENCE).median / entry.get("epochs", 1))
    text = ", ".join(filter(None, [entry.get("activation"), own]))
    axis.annotate(text, (0, y), (-4, -0.5), ha="right", size=7.5, **label_options(axis))
    options = {"textcoords": "offset points", "va": "center", "size": 7.5}
    axis.annotate(times(found.median), (max(1.0, found.high), y), (5, -0.5), **options)
