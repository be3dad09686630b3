"""The markdown tables of scikit-learn's estimators."""

from bench.report.statistics import REFERENCE, grouped, ratio, time
from bench.report.tables import (
    BOLD,
    DASH,
    duration,
    median,
    quartiles,
    significant,
    table,
    times,
    untimed,
)

PEER = "scikit-learn"
FITS = "data, samples × layers"


def ratio_cell(entry, cell=quartiles):
    """The ratio of scikit-learn's time to denseloop's, in bold if scikit-learn is faster."""
    if (found := ratio(entry, PEER)) is None:
        return untimed(entry, REFERENCE)
    return f"{BOLD}{cell(found, times)}{BOLD}" if found.high < 1 else cell(found, times)


def time_cells(entry, text):
    """denseloop's time and scikit-learn's."""
    found = {name: time(entry, name) for name in (REFERENCE, PEER)}
    return [
        text(spread.median) if spread else untimed(entry, name) for name, spread in found.items()
    ]


def fits(entries):
    """A row for every fit, with the milliseconds of an epoch."""
    rows = []
    for entry in entries:
        scale = 1e3 / entry["epochs"]
        cells = time_cells(entry, lambda seconds, scale=scale: significant(scale * seconds))
        epochs = f"{entry['epochs']:,}"
        rows.append([entry["fit"], entry["activation"], epochs, *cells, ratio_cell(entry)])
    return table([FITS, "activation", "epochs", REFERENCE, PEER, "ratio"], rows)


def calls(entries):
    """A row for everything else, with the time of one."""
    rows = [[entry["case"], *time_cells(entry, duration), ratio_cell(entry)] for entry in entries]
    return table(["", REFERENCE, PEER, "ratio"], rows)


def compact(entries):
    """The ratios of the fits, a column for each activation."""
    activations = list(dict.fromkeys(entry["activation"] for entry in entries))
    rows = []
    for (name,), of_a_fit in grouped(entries, "fit").items():
        by_activation = {entry["activation"]: ratio_cell(entry, median) for entry in of_a_fit}
        rows.append([name, *(by_activation.get(a, DASH) for a in activations)])
    return table([FITS, *activations], rows)
