"""The report of a run: tables, pictures and the README's figures, all from its results.json."""

import json
from pathlib import Path

from bench.harness.save import NAME
from bench.report import charts
from bench.report.page import page
from bench.report.readme import with_figures

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "bench" / "results"
README = ROOT / "README.md"


def write(folder):
    """Write results.md and the pictures next to results.json.

    Parameters
    ----------
    folder : str or path-like
        Folder of results.json. If it is the repository's bench/results, the marked parts of the
        README are written too.
    """
    folder = Path(folder)
    run = json.loads((folder / NAME).read_text())
    (folder / "results.md").write_text(page(run))
    charts.draw(run, folder)
    if folder.resolve() == RESULTS:
        README.write_text(with_figures(README.read_text(), run))
