"""Cold and warm time to solution."""

from matplotlib.ticker import LogLocator, NullLocator

from bench.harness.names import REFERENCE
from bench.harness.text import DASH, duration
from bench.report.charts.style import INK, PALE, add_panels, color, format_time, make_figure
from bench.report.statistics import headline, peers, seconds, time

LANE = 0.24  # inches


def figure(run):
    """Return a panel for every problem with a lane for every contender; None without figures."""
    problems = headline(run, "solution")
    if not problems:
        return None
    names = [
        name
        for name in [REFERENCE, *peers(problems)]
        if any(seconds(entry, name) for entry in problems)
    ]
    fig, area = make_figure(
        run,
        LANE * len(names) + 1.75,
        "Time to solution: from the call until the loss has reached the goal",
        "float64 on one core, logarithmic axes. Filled: warm. Hollow: cold, including compilation.",
    )
    axes = add_panels(fig, area, 1, len(problems), sharey=True)[0]
    for axis, entry in zip(axes, problems):
        axis.set_title(f"{entry['problem']}: {entry['goal']}")
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(numticks=6))
        axis.xaxis.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(format_time)
        axis.set_yticks(range(len(names)), names, size=8)
        axis.set_ylim(len(names) - 0.4, -0.7)
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
        axis.grid(axis="x")
        axis.margins(x=0.15)
        for y, name in enumerate(names):
            draw_pair(axis, y, entry, name)
    axes[0].get_yticklabels()[0].set_weight("bold")
    return fig


def draw_pair(axis, y, entry, name):
    warm = time(entry, name)
    if warm is None:
        axis.text(0.02, y, DASH, transform=axis.get_yaxis_transform(), color=PALE, va="center")
        return
    shade, cold = color(name), entry["peers"][name]["warm_up"]
    axis.plot([warm.median, cold], [y, y], color=shade, linewidth=1.2, alpha=0.5)
    axis.plot(cold, y, "o", color="white", markeredgecolor=shade, markersize=5, markeredgewidth=1.2)
    axis.plot(warm.median, y, "o", color=shade, markersize=5.5)
    label = {"textcoords": "offset points", "ha": "center", "size": 6.5, "color": INK}
    axis.annotate(duration(warm.median), (warm.median, y), (0, 4.5), **label)
    if cold > 3 * warm.median:  # otherwise the two labels would overlap
        axis.annotate(duration(cold), (cold, y), (0, 4.5), **label)
