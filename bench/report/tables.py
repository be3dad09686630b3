"""Figures as text, and the markdown tables of a run's entries."""

import math

from bench.harness.spread import TOO_WIDE
from bench.report.statistics import REFERENCE, Spread, peers, ratio, share, time

CASES = "samples × layers"
DASH = "–"
WIDE = "†"
FAULTY = "‡"
BOLD = "**"
NOTES = {
    BOLD: "Bold: faster than denseloop in three rounds of four.",
    WIDE: f"{WIDE} Too wide a spread: more than {100 * TOO_WIDE:.0f} % between the quartiles.",
    FAULTY: f"{FAULTY} Not timed; the list in results.md says why.",
}

AXES = {
    "samples": "samples through 2-4-1",
    "width": "units in each of 2 hidden layers",
    "depth": "hidden layers of 8 units",
}

UNITS = [(1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")]


def significant(number, digits=3):
    """Rounded to so many digits, but never to fewer than the integer has; thousands by commas."""
    if number == 0:
        return "0"
    rounded = float(f"{number:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded if decimals else number:,.{decimals}f}"


def duration(seconds):
    """
    >>> duration(0.00078), duration(0.9996), duration(75)
    ('780 µs', '1.00 s', '75.0 s')
    """
    rounded = float(f"{seconds:.2e}")
    size, unit = next((u for u in UNITS if rounded >= u[0]), UNITS[-1])
    return f"{significant(seconds / size)} {unit}"


def megabytes(size):
    return f"{significant(size / 1e6)} MB"


def times(number, like=None):
    """A ratio, finer the nearer it is to 1; `like` has another's number of decimals.

    >>> times(0.0123), times(1.066), times(11.23), times(395.4), times(1234)
    ('0.012', '1.07', '11.2', '395', '1,234')
    """
    scale = number if like is None else like
    decimals = 3 if scale < 0.1 else 2 if scale < 1.995 else 1 if scale < 19.95 else 0
    return f"{number:,.{decimals}f}"


def percent(number, like=None):
    """
    >>> percent(0.954), percent(0.0123)
    ('95', '1.2')
    """
    return f"{100 * number:.{0 if (like or number) >= 0.1 else 1}f}"


def quartiles(found: Spread, text):
    """The median with its quartiles, each as `text` writes it, and a mark if they lie far apart."""
    low, middle, high = (text(x, found.median) for x in (found.low, found.median, found.high))
    return f"{middle} ({low}–{high})" + (f" {WIDE}" if found.too_wide else "")


def median(found: Spread, text, mark_by: Spread | None = None):
    """The median, and a mark if the quartiles, or those of `mark_by`, lie far apart."""
    return text(found.median) + (f" {WIDE}" if (mark_by or found).too_wide else "")


def untimed(entry, name):
    """The cell of a peer without seconds."""
    return FAULTY if entry["peers"].get(name, {}).get("faults") else DASH


def table(header, rows):
    """A markdown table: text on the left of the first column, figures on the right of others."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [header, rule, *rows])


def with_notes(text):
    """The table `text` and a line for each mark in it."""
    notes = [note for mark, note in NOTES.items() if mark in text]
    return "\n\n".join([text, "<br>\n".join(notes)] if notes else [text])


def case_name(entry):
    return entry["case"] + (", a call" if entry["repeated"] == "call" else "")


def ratios(entries, missing, name=case_name, first=CASES, cell=quartiles):
    """denseloop's time, and the ratio of every peer's to it, in bold if the peer is faster."""
    others = peers(entries, missing)
    rows = []
    for entry in entries:
        own = time(entry, REFERENCE)
        row = [name(entry), duration(own.median) if own else untimed(entry, REFERENCE)]
        for other in others:
            found = ratio(entry, other)
            text = cell(found, times) if found else untimed(entry, other)
            row.append(f"{BOLD}{text}{BOLD}" if found and found.high < 1 else text)
        rows.append(row)
    return table([first, REFERENCE, *others], rows)


def warm_ups(entries, missing):
    """The first run of every peer, with its compilation, and which of its ways was timed then."""
    names = [REFERENCE, *peers(entries, missing)]
    rows = []
    for entry in entries:
        row = [case_name(entry)]
        for name in names:
            peer = entry["peers"].get(name, {})
            variant = f" ({peer['variant']})" if peer.get("variant") else ""
            timed = peer.get("seconds")
            row.append(duration(peer["warm_up"]) + variant if timed else untimed(entry, name))
        rows.append(row)
    return table([CASES, *names], rows)


def shares(entries, missing):
    """The roofline of every case that has one, and the share of it in every peer's time."""
    entries = [entry for entry in entries if entry.get("roofline")]
    names = [REFERENCE, *peers(entries, missing)]
    rows = []
    for entry in entries:
        row = [case_name(entry), duration(Spread.of(entry["roofline"]).median)]
        for name in names:
            found = share(entry, name)
            row.append(quartiles(found, percent) if found else untimed(entry, name))
        rows.append(row)
    return table([CASES, "roofline", *names], rows)


def solutions(entry, missing):
    """One problem, a row for every peer."""
    rows = []
    for name in [REFERENCE, *peers([entry], missing)]:
        if found := time(entry, name):
            against = DASH if name == REFERENCE else quartiles(ratio(entry, name), times)
            cold = duration(entry["peers"][name]["warm_up"])
            epochs = f"{entry['peers'][name].get('epochs', entry['epochs']):,}"
            rows.append([name, epochs, cold, duration(found.median), against])
        else:
            rows.append([name, *[untimed(entry, name)] * 4])
    return table(["", "epochs", "cold", "warm", "warm, against denseloop"], rows)


def elementwise(entries):
    """Nanoseconds an element."""
    names = [REFERENCE, *peers(entries)]
    rows = []
    for entry in entries:
        row = [f"{entry['elements']:,}"]
        for name in names:
            found = time(entry, name)
            scale = 1e9 / entry["elements"]
            row.append(
                median(found, lambda s, scale=scale: significant(s * scale), ratio(entry, name))
                if found
                else untimed(entry, name)
            )
        rows.append(row)
    return table(["elements", *names], rows)


def starts(start):
    kinds = [("import", duration), ("first_call", duration), ("memory", megabytes)]
    rows = [
        [name, *(median(Spread.of(found[kind]), text) for kind, text in kinds)]
        for name, found in start.items()
    ]
    return table(["", "import", "first call", "memory"], rows)


def faults(entries):
    """Who was not timed and why, a line for each reason."""
    where = {}
    for entry in entries:
        for name, peer in entry["peers"].items():
            for variant, fault in peer["faults"].items():
                key = (f"{name} ({variant})" if variant else name, fault)
                settings = f"{case_name(entry)} ({entry['dtype']}, {entry['threads']})"
                where.setdefault(key, []).append(settings)
    return "\n".join(f"- {who}: {fault}. At {'; '.join(at)}." for (who, fault), at in where.items())
