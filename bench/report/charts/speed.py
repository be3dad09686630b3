"""The README's picture: how many times as long as denseloop everyone takes."""

from matplotlib.ticker import FixedLocator, NullFormatter

from bench.report.charts.style import FAINT, INK, PALE, box_of, color, framed
from bench.report.statistics import REFERENCE, headline, peers, ratio, time
from bench.report.tables import case_name, duration, times

LANE, GAP, NAMES = 0.14, 0.16, 2.0  # inches
TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]


def figure(run):
    """Dots with whiskers, a lane for every peer of a case; None without figures."""
    rows = [
        (entry, [(name, found) for name in peers([entry]) if (found := ratio(entry, name))])
        for entry in headline(run)
    ]
    rows = [(entry, lanes) for entry, lanes in rows if lanes]
    if not rows:
        return None
    heights = [LANE * max(3, len(lanes)) + GAP for _, lanes in rows]
    fig, (left, bottom, right, top) = framed(
        run,
        sum(heights) + 1.25,
        "Time of an epoch, in multiples of denseloop's",
        "float64 on one core, logarithmic axis. Medians of the rounds' ratios, with quartiles.",
    )
    axis = fig.add_axes(box_of(fig, (left + NAMES, bottom + 0.2, right, top - 0.2)))
    prepare(axis, [spread for _, lanes in rows for _, spread in lanes], sum(heights))
    bottom_of_row = 0.0
    for (entry, lanes), height in zip(rows, heights):
        bottom_of_row -= height
        middle = bottom_of_row + height / 2
        draw_case(axis, entry, middle)
        for lane, (name, spread) in enumerate(lanes):
            draw_lane(axis, middle + ((len(lanes) - 1) / 2 - lane) * LANE, name, spread)
        axis.plot(
            [names_at(axis), 1],
            [bottom_of_row] * 2,
            color=FAINT,
            linewidth=0.6,
            transform=axis.get_yaxis_transform(),
            clip_on=False,
        )
    return fig


def prepare(axis, spreads, height):
    """A logarithmic axis with room for the labels at its right, and the line of denseloop."""
    low = min(0.8, min(s.low for s in spreads) / 1.1)
    high = max(2.0, max(s.high for s in spreads))
    high *= (high / low) ** 0.25
    axis.set_xscale("log")
    axis.set_xlim(low, high)
    axis.set_ylim(-height, 0)
    axis.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high / 1.3]))
    axis.xaxis.set_minor_locator(FixedLocator([]))
    axis.xaxis.set_major_formatter("{x:g} ×")
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.yaxis.set_visible(False)
    axis.spines["left"].set_visible(False)
    axis.grid(axis="x")
    axis.axvspan(low, 1, color="#f3f3f3", linewidth=0)
    axis.axvline(1, color=INK, linewidth=1.2)
    label = {"textcoords": "offset points", "size": 7.5, "va": "bottom", "annotation_clip": False}
    axis.annotate("denseloop = 1", (1, 0), (0, 3), ha="center", color=INK, weight="bold", **label)
    axis.annotate("slower than denseloop →", (high, 0), (0, 3), ha="right", color=PALE, **label)


def names_at(axis):
    """Where the column of names begins, in widths of the axes."""
    return -NAMES / (axis.get_position().width * axis.figure.get_figwidth())


def draw_case(axis, entry, middle):
    """What was timed, and denseloop's own time, beside the row."""
    name, *notes = case_name(entry).split(", ", 1)
    place = {"transform": axis.get_yaxis_transform(), "ha": "left"}
    lines = [*notes, f"denseloop {duration(time(entry, REFERENCE).median)}"]
    above = 0.065 * len(lines)
    axis.text(names_at(axis), middle + above, name, va="center", size=8.5, weight="bold", **place)
    for k, line in enumerate(lines):
        axis.text(
            names_at(axis),
            middle + above - 0.14 * (k + 1),
            line,
            va="center",
            size=7.5,
            color=PALE,
            **place,
        )


def draw_lane(axis, y, name, spread):
    shade = color(name)
    axis.plot([1, spread.median], [y, y], color=shade, linewidth=1, alpha=0.45)
    axis.plot([spread.low, spread.high], [y, y], color=shade, linewidth=2.6, solid_capstyle="butt")
    axis.plot(
        [spread.median],
        [y],
        "o",
        color=shade,
        markersize=5,
        markeredgecolor="white",
        markeredgewidth=0.6,
    )
    axis.annotate(
        f"{name}  {times(spread.median)}",
        (max(1.0, spread.high), y),
        (6, -0.5),
        textcoords="offset points",
        va="center",
        size=7.5,
    )
