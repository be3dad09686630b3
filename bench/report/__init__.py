"""A run's results.json as tables and pictures."""

import json
from pathlib import Path

from bench.report import charts
from bench.report.page import page
from bench.report.readme import with_figures

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "bench" / "results"
README = ROOT / "README.md"


def write(folder):
    """Writes results.md and the pictures beside results.json.

    Parameters
    ----------
    folder : str or path-like
        Where results.json is. If it is the repository's bench/results, the README's marked parts
        are written too.
    """
    folder = Path(folder)
    run = json.loads((folder / "results.json").read_text())
    (folder / "results.md").write_text(page(run))
    charts.draw(run, folder)
    if folder.resolve() == RESULTS:
        README.write_text(with_figures(README.read_text(), run))
