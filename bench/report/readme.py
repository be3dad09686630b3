"""The README's figures: each stands between <!-- bench:NAME --> and <!-- /bench:NAME -->."""

import re
import textwrap

from bench.report import estimator_tables, tables
from bench.report.estimator_tables import PEER
from bench.report.page import missing
from bench.report.statistics import (
    REFERENCE,
    grouped,
    headline,
    ratio,
    share,
    time,
    under_its_conditions,
    versions,
)

WIDTH = 116
PART = re.compile(r"(<!-- bench:(\w+) -->)(.*?)(<!-- /bench:\2 -->)", re.DOTALL)


def speed(run):
    """The table, the picture and under which conditions."""
    run = under_its_conditions(run, "epochs")
    found = run["conditions"]
    libraries = ", ".join(f"{name} {version}" for name, version in versions(run).items())
    quick = "a quick run: " if found["quick"] else ""
    conditions = (
        f"({found['processor']}, target {found['target']}, {found['compiler']}, {libraries}; "
        f"{found['date']}; {quick}medians of {found['rounds']} interleaved rounds, the result of "
        "each contender compared with the oracle's before. "
        "[All tables, with quartiles](bench/results/results.md).)"
    )
    parts = [
        tables.with_notes(tables.ratios(headline(run), missing(run), cell=tables.median)),
        "![The ratio of every peer's time to denseloop's](bench/results/speed.png)",
        filled(conditions),
    ]
    return "\n" + "\n\n".join(parts) + "\n"


def filled(text):
    return textwrap.fill(text, WIDTH, break_on_hyphens=False, break_long_words=False)


def span(numbers, text):
    """The smallest and the largest, or one text for both."""
    low, high = text(min(numbers)), text(max(numbers))
    return low if low == high else f"{low} to {high}"


def medians(run, dtype, threads):
    """denseloop's seconds by case.

    Raises
    ------
    ValueError
        If there are none.
    """
    entries = grouped(run["epochs"], "dtype", "threads").get((dtype, threads), [])
    found = {e["case"]: spread.median for e in entries if (spread := time(e, REFERENCE))}
    if not found:
        raise ValueError(f"the README needs epochs in {dtype} on {threads} thread(s): found none")
    return found


def gains(slow, fast):
    return [slow[case] / fast[case] for case in slow if case in fast]


def float32(run):
    """What an epoch takes in float32, against float64."""
    shares = gains(medians(run, "float32", 1), medians(run, "float64", 1))
    return f"{span(shares, tables.times)} times as long"


def threads(run):
    """A sentence on the largest number of threads."""
    many = max(number for _, number in grouped(run["epochs"], "dtype", "threads"))
    if many == 1:
        return "All of it was measured on one CPU."
    largest = max(gains(medians(run, "float64", 1), medians(run, "float64", many)))
    return f"On {many} threads it is up to {tables.times(largest)} times as fast."


def roofline(run):
    """The shares of the roofline, the least and the largest."""
    shares = {e["case"]: found.median for e in headline(run) if (found := share(e, REFERENCE))}
    if not shares:
        raise ValueError("the README needs the share of the roofline: found none")
    ends = [min(shares, key=shares.get), max(shares, key=shares.get)]
    return " to ".join(f"{tables.percent(shares[case])} % ({case.split(', ')[0]})" for case in ends)


def estimators(run):
    """The ratios of scikit-learn's estimators and under which conditions, if the run has any."""
    run = under_its_conditions(run, "estimators")
    entries = run.get("estimators", [])
    if not entries:
        return ""
    parts, found = [], run["conditions"]
    if fits := [entry for entry in entries if entry["repeated"] == "fit"]:
        explanation = (
            "`MLPClassifier` of `denseloop.neural_network` against scikit-learn's, on one core: "
            "the ratio of scikit-learn's time for a fit to denseloop's. The losses of both are the "
            "same to 1e-9:"
        )
        parts += [filled(explanation), estimator_tables.compact(fits)]
    others = [instead(e) for e in entries if e["repeated"] != "fit" and ratio(e, PEER)]
    quick = ", a quick run" if found["quick"] else ""
    version = found["versions"].get(PEER, "")
    others.append(
        f"({' '.join([PEER, version]).strip()}, {found['date']}{quick}. "
        "[Milliseconds and quartiles](bench/results/results.md).)"
    )
    parts.append(filled(" ".join(others)))
    return "\n" + tables.with_notes("\n\n".join(parts)) + "\n"


def instead(entry):
    """A sentence on a call that gives the same by both."""
    own, theirs = (tables.duration(time(entry, name).median) for name in (REFERENCE, PEER))
    found = tables.median(ratio(entry, PEER), tables.times)
    return f"{entry['case'].capitalize()}: {own} instead of {theirs} ({found})."


PARTS = {
    "speed": speed,
    "float32": float32,
    "threads": threads,
    "roofline": roofline,
    "estimators": estimators,
}


def with_figures(text, run):
    """The README's `text` with the figures of `run`.

    Raises
    ------
    ValueError
        If its parts are not those of PARTS, or a figure is not in `run`.
    """
    marked = [name for _, name, _, _ in PART.findall(text)]
    if sorted(marked) != sorted(PARTS):
        raise ValueError(f"the README's parts are {sorted(marked)}, expected {sorted(PARTS)}")
    return PART.sub(lambda m: m[1] + PARTS[m[2]](run) + m[4], text)
