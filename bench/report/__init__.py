"""The report of the runs, one for each CPU target: tables, pictures and the README's figures.

All come from the results.json in the folder of each target.
"""

import json
from pathlib import Path

from bench.harness.save import NAME
from bench.report import charts
from bench.report.page import page
from bench.report.readme import with_figures
from bench.report.statistics import TARGETS

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "bench" / "results"
README = ROOT / "README.md"


def load(folder):
    """Return the runs in a folder by their targets, the one with the most instructions first."""
    paths = {target: Path(folder) / target / NAME for target in TARGETS}
    return {t: json.loads(path.read_text()) for t, path in paths.items() if path.exists()}


def write(folder):
    """Write results.md and the pictures next to every results.json.

    Parameters
    ----------
    folder : str or path-like
        Folder with a folder for each target. If it is the repository's bench/results, the marked
        parts of the README are written too.
    """
    folder, runs = Path(folder), load(folder)
    for target, run in runs.items():
        (folder / target / "results.md").write_text(page(run))
        charts.draw(run, folder / target)
    if folder.resolve() == RESULTS:
        README.write_text(with_figures(README.read_text(), runs))
