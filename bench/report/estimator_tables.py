"""The markdown tables of scikit-learn's estimators."""

from bench.harness.names import REFERENCE, SCIKIT_LEARN
from bench.harness.text import DASH, duration, significant, times, with_quartiles
from bench.report.statistics import group_by, ratio, time
from bench.report.tables import BOLD, median, table, untimed

FITS = "data, samples × layers"


def ratio_cell(entry, cell=with_quartiles):
    """Return the ratio of scikit-learn's time to denseloop's, in bold if scikit-learn is faster."""
    if (found := ratio(entry, SCIKIT_LEARN)) is None:
        return untimed(entry, REFERENCE)
    return f"{BOLD}{cell(found, times)}{BOLD}" if found.high < 1 else cell(found, times)


def time_cells(entry, text):
    """Return denseloop's time and scikit-learn's."""
    found = {name: time(entry, name) for name in (REFERENCE, SCIKIT_LEARN)}
    return [
        text(spread.median) if spread else untimed(entry, name) for name, spread in found.items()
    ]


def fits(entries):
    """Return a table with a row for every fit: milliseconds per epoch."""
    rows = []
    for entry in entries:
        scale = 1e3 / entry["epochs"]
        cells = time_cells(entry, lambda seconds, scale=scale: significant(scale * seconds))
        epochs = f"{entry['epochs']:,}"
        rows.append([entry["fit"], entry["activation"], epochs, *cells, ratio_cell(entry)])
    return table([FITS, "activation", "epochs", REFERENCE, SCIKIT_LEARN, "ratio"], rows)


def calls(entries):
    """Return a table with a row for every other entry: the time of one call or search."""
    rows = [[entry["case"], *time_cells(entry, duration), ratio_cell(entry)] for entry in entries]
    return table(["", REFERENCE, SCIKIT_LEARN, "ratio"], rows)


def compact(groups):
    """Return a table of the fits' ratios, with a column for each target and activation.

    `groups` has the fits by the target's title.
    """
    columns, cells = [], {}
    for title, entries in groups.items():
        for (activation,), group in group_by(entries, "activation").items():
            columns.append((title, activation))
            for entry in group:
                cells.setdefault(entry["fit"], {})[columns[-1]] = ratio_cell(entry, median)
    rows = [
        [name, *(found.get(column, DASH) for column in columns)] for name, found in cells.items()
    ]
    return table([FITS, *map("<br>".join, columns)], rows)
