"""The pictures of a run, one module for each kind of chart."""

import io

import matplotlib
from PIL import Image

from bench.charts import curves, pairs, speed, start
from bench.charts.style import RC

PICTURES = {
    "speed.png": speed.figure,
    "growth.png": curves.growth,
    "functions.png": curves.functions,
    "solution.png": pairs.figure,
    "start.png": start.figure,
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
    for name, make in PICTURES.items():
        path = folder / name
        with matplotlib.rc_context(RC):
            figure = make(run)
            if figure is None:
                path.unlink(missing_ok=True)
            else:
                save(figure, path)
