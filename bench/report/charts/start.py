"""What a library costs at the start."""

from bench.harness.spread import Spread
from bench.harness.text import duration, megabytes
from bench.report.charts.style import INK, add_panels, color, make_figure
from bench.report.statistics import starts

LANE = 0.24  # inches
PANELS = [
    ("import", "Import", duration),
    ("first_call", "First call", duration),
    ("memory", "Memory", megabytes),
]


def figure(run):
    """Return a panel of bars each for import, first call and memory; None without figures."""
    start = starts(run)
    if not start:
        return None
    fig, area = make_figure(
        run,
        LANE * len(start) + 1.35,
        "Import, first call and memory",
        "Beyond a bare interpreter. First call: one epoch of 100 × 2-4-1. Memory: the peak.",
    )
    for axis, (key, title, text) in zip(add_panels(fig, area, 1, 3, sharey=True)[0], PANELS):
        axis.set_title(title)
        axis.set_yticks(range(len(start)), start, size=8)
        axis.set_ylim(len(start) - 0.4, -0.6)
        axis.tick_params(axis="y", length=0)
        axis.xaxis.set_visible(False)
        axis.spines["bottom"].set_visible(False)
        spreads = {name: Spread.of(found[key]) for name, found in start.items()}
        for y, (name, found) in enumerate(spreads.items()):
            axis.barh(y, found.median, height=0.62, color=color(name))
            axis.plot([found.low, found.high], [y, y], color="white", linewidth=2.2)
            axis.plot([found.low, found.high], [y, y], color=INK, linewidth=0.9)
            axis.annotate(
                text(found.median),
                (max(found.median, found.high), y),
                (4, -0.5),
                textcoords="offset points",
                va="center",
                size=7.5,
            )
        axis.set_xlim(0, 1.3 * max(found.high for found in spreads.values()))
    return fig
