"""The README's picture: the ratio of every peer's time to denseloop's."""

from bench.harness.names import REFERENCE
from bench.harness.text import duration, times
from bench.report.charts.ratio_axis import set_up_axis
from bench.report.charts.style import FAINT, INK, PALE, box, color, make_figure
from bench.report.statistics import TARGETS, headline, peers, ratio, time
from bench.report.tables import case_name

LANE, GAP, NAMES = 0.14, 0.16, 2.0  # inches


def figure(run):
    """Return dots with whiskers, a lane for every peer of a case; None without figures."""
    rows = [
        (entry, [(name, found) for name in peers([entry]) if (found := ratio(entry, name))])
        for entry in headline(run)
    ]
    rows = [(entry, lanes) for entry, lanes in rows if lanes]
    if not rows:
        return None
    target = TARGETS[run["conditions"]["target"]]
    heights = [LANE * max(3, len(lanes)) + GAP for _, lanes in rows]
    fig, (left, bottom, right, top) = make_figure(
        run,
        sum(heights) + 1.25,
        f"Time of an epoch with {target}, in multiples of denseloop's",
        "float64 on one core, logarithmic axis. Medians of the rounds' ratios, with quartiles.",
    )
    axis = fig.add_axes(box(fig, (left + NAMES, bottom + 0.2, right, top - 0.2)))
    spreads = [spread for _, lanes in rows for _, spread in lanes]
    set_up_axis(axis, spreads, sum(heights), headroom=0.25, last_tick=1 / 1.3)
    mark_denseloop(axis)
    bottom_of_row = 0.0
    for (entry, lanes), height in zip(rows, heights):
        bottom_of_row -= height
        middle = bottom_of_row + height / 2
        draw_case(axis, entry, middle)
        for lane, (name, spread) in enumerate(lanes):
            draw_lane(axis, middle + ((len(lanes) - 1) / 2 - lane) * LANE, name, spread)
        axis.plot(
            [name_column(axis), 1],
            [bottom_of_row] * 2,
            color=FAINT,
            linewidth=0.6,
            transform=axis.get_yaxis_transform(),
            clip_on=False,
        )
    return fig


def mark_denseloop(axis):
    """Draw the line of denseloop, and on which side of it a peer is slower."""
    low, high = axis.get_xlim()
    axis.axvspan(low, 1, color="#f3f3f3", linewidth=0)
    axis.axvline(1, color=INK, linewidth=1.2)
    label = {"textcoords": "offset points", "size": 7.5, "va": "bottom", "annotation_clip": False}
    axis.annotate("denseloop = 1", (1, 0), (0, 3), ha="center", color=INK, weight="bold", **label)
    axis.annotate("slower than denseloop →", (high, 0), (0, 3), ha="right", color=PALE, **label)


def name_column(axis):
    """Return where the column of names begins, in widths of the axes."""
    return -NAMES / (axis.get_position().width * axis.figure.get_figwidth())


def draw_case(axis, entry, middle):
    """Write what was timed and denseloop's own time next to the row."""
    name, *notes = case_name(entry).split(", ", 1)
    options = {"transform": axis.get_yaxis_transform(), "ha": "left"}
    lines = [*notes, f"denseloop {duration(time(entry, REFERENCE).median)}"]
    x, above = name_column(axis), 0.065 * len(lines)
    axis.text(x, middle + above, name, va="center", size=8.5, weight="bold", **options)
    for k, line in enumerate(lines):
        y = middle + above - 0.14 * (k + 1)
        axis.text(x, y, line, va="center", size=7.5, color=PALE, **options)


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
