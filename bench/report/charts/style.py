"""What the charts share: colours, frame, legend and ticks."""

import math
import textwrap

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.harness.names import REFERENCE
from bench.harness.text import duration
from bench.report.statistics import ORDER, versions

INK, PALE, FAINT = "#222222", "#6b6b6b", "#d9d9d9"

# Okabe and Ito's palette for the colour-blind, without its yellow, which is too pale on white.
COLORS = dict(
    zip(
        ORDER,
        [
            INK,  # denseloop
            "#8c8c8c",  # NumPy listing
            "#e69f00",  # NumPy
            "#009e73",  # Numba
            "#0072b2",  # JAX
            "#d55e00",  # PyTorch
            "#cc79a7",  # scikit-learn
            "#56b4e9",  # SciPy
            "#8c8c8c",  # math
        ],
        strict=True,
    )
)

RC = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "figure.dpi": 120,
    "savefig.dpi": 120,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.linewidth": 0.6,
    "axes.edgecolor": PALE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": PALE,
    "ytick.color": PALE,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "grid.color": FAINT,
    "grid.linewidth": 0.5,
}
WIDTH = 8.0  # inches: 960 pixels; GitHub scales them to about 830
MARGIN = 0.15


def color(name):
    return COLORS.get(name, PALE)


def make_figure(run, height, title, note):
    """Make a figure with a title and a note at the top and the conditions at the bottom.

    Returns
    -------
    figure : matplotlib.figure.Figure
    area : (float, float, float, float)
        Left, bottom, right and top of the space for the axes, in inches.
    """
    figure = Figure(figsize=(WIDTH, height), facecolor="white")
    left, below = MARGIN / WIDTH, footer(run)
    figure.text(left, 1 - 0.14 / height, title, size=11, weight="bold", va="top")
    figure.text(left, 1 - 0.37 / height, note, size=8, color=PALE, va="top")
    figure.text(left, 0.09 / height, below, size=6.5, color=PALE, va="bottom", linespacing=1.4)
    lines = below.count("\n") + 1
    return figure, (MARGIN, 0.15 + 0.13 * lines, WIDTH - MARGIN, height - 0.58)


def footer(run):
    """Return the conditions in lines that are broken between versions."""
    found = run["conditions"]
    libraries = ", ".join(f"{name}\u00a0{version}" for name, version in versions(run).items())
    machine = f"{found['processor']}, {found['target']}, {found['compiler']}"
    quick = ", a quick run" if found["quick"] else ""
    text = f"{machine}. {libraries}. {found['date']}{quick}."
    return textwrap.fill(text, 145, break_on_hyphens=False)


def box(figure, area):
    """Return left, bottom, width and height as fractions of the figure."""
    width, height = figure.get_size_inches()
    left, bottom, right, top = area
    return left / width, bottom / height, (right - left) / width, (top - bottom) / height


def add_panels(figure, area, rows, columns, **options):
    figure.set_layout_engine("constrained", rect=box(figure, area), w_pad=0.08, h_pad=0.06)
    return figure.subplots(rows, columns, squeeze=False, **options)


def legend(figure, area, names, with_roofline):
    """Draw the names of the curves in a line below the note; return the area that is left."""
    left, bottom, right, top = area
    lines = [
        Line2D([], [], color=color(name), linewidth=2.2 if name == REFERENCE else 1.4, label=name)
        for name in names
    ]
    if with_roofline:
        lines.append(Line2D([], [], color=INK, linewidth=0.9, linestyle="--", label="roofline"))
    width, height = figure.get_size_inches()
    figure.legend(
        handles=lines,
        loc="upper left",
        bbox_to_anchor=(left / width, (top + 0.03) / height),
        ncols=len(lines),
        frameon=False,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.5,
        columnspacing=1.4,
    )
    return left, bottom, right, top - 0.22


def format_count(number, _position):
    """Format a tick at a power of ten."""
    exponent = str(round(math.log10(number)))
    superscript = exponent.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{number:,.0f}" if number < 10_000 else f"10{superscript}"


def format_time(seconds, _position):
    """Format a tick, whole numbers without decimals."""
    return duration(seconds).replace(".00 ", " ").replace(".0 ", " ")
