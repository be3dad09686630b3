"""The pictures of a run, one module for each kind of chart."""

import io

import matplotlib
from PIL import Image

from bench.report.charts import curves, estimators, pairs, speed, start
from bench.report.charts.style import RC
from bench.report.statistics import under_its_conditions

PICTURES = {  # of which section, and by what
    "speed.png": ("epochs", speed.figure),
    "growth.png": ("growth", curves.growth),
    "functions.png": ("functions", curves.functions),
    "solution.png": ("solution", pairs.figure),
    "estimators.png": ("estimators", estimators.figure),
    "start.png": ("start", start.figure),
}


def save(figure, path):
    """A PNG with a palette, of a third of the size, and without matplotlib's version in it."""
    pixels = io.BytesIO()
    figure.savefig(pixels, metadata={"Software": None})
    picture = Image.open(pixels).convert("RGB")
    # This method keeps the colours of small marks, which the default drops for shades of the text.
    picture.quantize(256, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)


def draw(run, folder):
    """Writes every picture that the run has figures for, and removes the others."""
    for name, (section, make) in PICTURES.items():
        path = folder / name
        with matplotlib.rc_context(RC):
            figure = make(under_its_conditions(run, section))
            if figure is None:
                path.unlink(missing_ok=True)
            else:
                save(figure, path)
