"""The markdown tables of a run's entries."""

from bench.harness.names import REFERENCE
from bench.harness.spread import TOO_WIDE, Spread
from bench.harness.text import (
    DASH,
    WIDE,
    count_threads,
    duration,
    megabytes,
    percent,
    significant,
    times,
    with_quartiles,
)
from bench.report.statistics import peers, ratio, share, time

NETWORKS = "networks × (samples × layers)"
CASES = "samples × layers"
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


def median(found: Spread, text, mark_by: Spread | None = None):
    """Return the median, marked if the quartiles, or those of `mark_by`, lie far apart."""
    return text(found.median) + (f" {WIDE}" if (mark_by or found).too_wide else "")


def untimed(entry, name):
    """Return the cell of a contender that was not timed."""
    return FAULTY if entry["peers"].get(name, {}).get("faults") else DASH


def table(header, rows):
    """Return a markdown table: the first column aligned to the left, the others to the right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [header, rule, *rows])


def with_notes(text):
    """Return the table `text` with a line for each mark in it."""
    notes = [note for mark, note in NOTES.items() if mark in text]
    return "\n\n".join([text, "<br>\n".join(notes)] if notes else [text])


def case_name(entry):
    return entry["case"] + (", a call" if entry["repeated"] == "call" else "")


def ratios(entries, missing, name=case_name, first=CASES, cell=with_quartiles):
    """Return denseloop's time and every peer's ratio to it."""
    others = peers(entries, missing)
    rows = [[name(entry), *ratio_cells(entry, others, cell)] for entry in entries]
    return table([first, REFERENCE, *others], rows)


def ratio_cells(entry, others, cell):
    """Return denseloop's time and the ratios of the `others`, in bold if a peer is faster."""
    own = time(entry, REFERENCE)
    cells = [duration(own.median) if own else untimed(entry, REFERENCE)]
    for other in others:
        found = ratio(entry, other)
        text = cell(found, times) if found else untimed(entry, other)
        cells.append(f"{BOLD}{text}{BOLD}" if found and found.high < 1 else text)
    return cells


def medians(entries, others, first=CASES):
    """Return denseloop's time and the ratios of the peers `others`, without their quartiles."""
    rows = [[case_name(entry), *ratio_cells(entry, others, median)] for entry in entries]
    return table([first, REFERENCE, *others], rows)


def published(entries):
    """Return the published figures of a case, next to denseloop's time on most threads."""
    most = max(entries, key=lambda entry: entry["threads"])
    own = time(most, REFERENCE)
    rows = []
    for found in entries[0]["published"]:
        against = times(found["seconds"] / own.median) if own else untimed(most, REFERENCE)
        source = f"[{found['library']}]({found['source']})"
        rows.append([source, found["machine"], duration(found["seconds"]), against])
    title = f"against denseloop here on {count_threads(most['threads'])}"
    return table(["published by", "machine", "time", title], rows)


def listings(entries):
    """Return the time of an iteration with the listing's own functions and with denseloop's."""
    rows = []
    for entry in entries:
        (own,) = entry["peers"].keys() - {REFERENCE}
        found = ratio(entry, own)
        cells = [
            duration(spread.median) if (spread := time(entry, name)) else untimed(entry, name)
            for name in (own, REFERENCE)
        ]
        rows.append([entry["case"], *cells, with_quartiles(found, times) if found else FAULTY])
    return table(["listing", "own functions", "denseloop's", "ratio"], rows)


def first_runs(entries, missing):
    """Return the time of every contender's first run, and the variant that was timed."""
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
    """Return the roofline of every case that has one, and its share of every contender's time."""
    entries = [entry for entry in entries if entry.get("roofline")]
    names = [REFERENCE, *peers(entries, missing)]
    rows = []
    for entry in entries:
        row = [case_name(entry), duration(Spread.of(entry["roofline"]).median)]
        for name in names:
            found = share(entry, name)
            row.append(with_quartiles(found, percent) if found else untimed(entry, name))
        rows.append(row)
    return table([CASES, "roofline", *names], rows)


def solutions(entry, missing):
    """Return the table of one problem, with a row for every contender."""
    rows = []
    for name in [REFERENCE, *peers([entry], missing)]:
        if found := time(entry, name):
            against = DASH if name == REFERENCE else with_quartiles(ratio(entry, name), times)
            cold = duration(entry["peers"][name]["warm_up"])
            epochs = f"{entry['peers'][name].get('epochs', entry['epochs']):,}"
            rows.append([name, epochs, cold, duration(found.median), against])
        else:
            rows.append([name, *[untimed(entry, name)] * 4])
    return table(["", "epochs", "cold", "warm", "warm, against denseloop"], rows)


def elementwise(entries):
    """Return nanoseconds per element."""
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
    """Return a line for each reason why a contender was not timed, with the cases."""
    cases = {}
    for entry in entries:
        for name, peer in entry["peers"].items():
            for variant, fault in peer["faults"].items():
                key = (f"{name} ({variant})" if variant else name, fault)
                settings = f"{case_name(entry)} ({entry['dtype']}, {entry['threads']})"
                cases.setdefault(key, []).append(settings)
    return "\n".join(f"- {who}: {fault}. At {'; '.join(at)}." for (who, fault), at in cases.items())
