"""The pictures of a run: one module for each kind of chart."""

import io

import matplotlib
from PIL import Image

from bench.report.charts import curves, estimators, pairs, speed, start
from bench.report.charts.style import RC
from bench.report.statistics import with_section_conditions

PICTURES = {  # section, and the function that draws its figure
    "speed.png": ("epochs", speed.figure),
    "growth.png": ("growth", curves.growth),
    "functions.png": ("functions", curves.functions),
    "solution.png": ("solution", pairs.figure),
    "estimators.png": ("estimators", estimators.figure),
    "start.png": ("start", start.figure),
}


def save(figure, path):
    """Write a PNG with a palette, a third of the size, and without matplotlib's version."""
    pixels = io.BytesIO()
    figure.savefig(pixels, metadata={"Software": None})
    picture = Image.open(pixels).convert("RGB")
    # The default method drops the colours of small marks in favour of shades of the text.
    picture.quantize(256, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)


def draw(run, folder):
    """Write every picture that the run has figures for, and remove the others."""
    for name, (section, make) in PICTURES.items():
        path = folder / name
        with matplotlib.rc_context(RC):
            figure = make(with_section_conditions(run, section))
            if figure is None:
                path.unlink(missing_ok=True)
            else:
                save(figure, path)
