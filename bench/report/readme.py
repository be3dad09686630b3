"""The figures of the README, each between <!-- bench:NAME --> and <!-- /bench:NAME -->."""

import re
import textwrap

from bench.harness.names import REFERENCE, SCIKIT_LEARN
from bench.harness.text import count_threads, duration, percent, times
from bench.report import estimator_tables, tables
from bench.report.page import missing
from bench.report.statistics import (
    group_by,
    headline,
    ratio,
    share,
    time,
    versions,
    with_section_conditions,
)

WIDTH = 116
PART = re.compile(r"(<!-- bench:(\w+) -->)(.*?)(<!-- /bench:\2 -->)", re.DOTALL)


def speed(run):
    """Return the table, the picture and the conditions."""
    run = with_section_conditions(run, "epochs")
    found = run["conditions"]
    libraries = ", ".join(f"{name} {version}" for name, version in versions(run).items())
    quick = "a quick run: " if found["quick"] else ""
    conditions = (
        f"({found['processor']}, target {found['target']}, {found['compiler']}, {libraries}; "
        f"{found['date']}; {quick}medians of {found['rounds']} interleaved rounds, after the "
        "result of each contender was checked against the oracle. "
        "[All tables, with quartiles](bench/results/results.md).)"
    )
    parts = [
        tables.with_notes(tables.ratios(headline(run), missing(run), cell=tables.median)),
        "![The ratio of every peer's time to denseloop's](bench/results/speed.png)",
        wrap(conditions),
    ]
    return "\n" + "\n\n".join(parts) + "\n"


def wrap(text):
    return textwrap.fill(text, WIDTH, break_on_hyphens=False, break_long_words=False)


def span(numbers, text):
    """Return the smallest and the largest number as text, or one text if both have the same."""
    low, high = text(min(numbers)), text(max(numbers))
    return low if low == high else f"{low} to {high}"


def medians(run, dtype, threads):
    """Return denseloop's median seconds by case.

    Raises
    ------
    ValueError
        If the run has none.
    """
    entries = group_by(run["epochs"], "dtype", "threads").get((dtype, threads), [])
    found = {e["case"]: spread.median for e in entries if (spread := time(e, REFERENCE))}
    if not found:
        raise ValueError(
            f"the README needs epochs in {dtype} on {count_threads(threads)}, but the run has none"
        )
    return found


def ratios(numerators, denominators):
    """Return the ratios for the cases that both have."""
    return [numerators[case] / denominators[case] for case in numerators if case in denominators]


def float32(run):
    """Return the time of an epoch in float32 relative to float64."""
    relative = ratios(medians(run, "float32", 1), medians(run, "float64", 1))
    return f"{span(relative, times)} times as long"


def threads(run):
    """Return a sentence on the largest number of threads."""
    many = max(number for _, number in group_by(run["epochs"], "dtype", "threads"))
    if many == 1:
        return "All of this was measured on one CPU."
    largest = max(ratios(medians(run, "float64", 1), medians(run, "float64", many)))
    return f"On {many} threads it is up to {times(largest)} times as fast."


def roofline(run):
    """Return the smallest and the largest share of the roofline, with their cases."""
    shares = {e["case"]: found.median for e in headline(run) if (found := share(e, REFERENCE))}
    if not shares:
        raise ValueError("the README needs the roofline of an epoch, but the run has none")
    ends = [min(shares, key=shares.get), max(shares, key=shares.get)]
    return " to ".join(f"{percent(shares[case])} % ({case.split(', ')[0]})" for case in ends)


def estimators(run):
    """Return the ratios of scikit-learn's estimators and their conditions, if the run has any."""
    run = with_section_conditions(run, "estimators")
    entries = run.get("estimators", [])
    if not entries:
        return ""
    parts, found = [], run["conditions"]
    if fits := [entry for entry in entries if entry["repeated"] == "fit"]:
        explanation = (
            "`MLPClassifier` of `denseloop.neural_network` against scikit-learn's, on one core: "
            "the ratio of scikit-learn's time for a fit to denseloop's. The losses of both agree "
            "to 1e-9:"
        )
        parts += [wrap(explanation), estimator_tables.compact(fits)]
    others = [sentence(e) for e in entries if e["repeated"] != "fit" and ratio(e, SCIKIT_LEARN)]
    quick = ", a quick run" if found["quick"] else ""
    version = found["versions"].get(SCIKIT_LEARN, "")
    others.append(
        f"({' '.join([SCIKIT_LEARN, version]).strip()}, {found['date']}{quick}. "
        "[Milliseconds and quartiles](bench/results/results.md).)"
    )
    parts.append(wrap(" ".join(others)))
    return "\n" + tables.with_notes("\n\n".join(parts)) + "\n"


def sentence(entry):
    """Return a sentence on the times of an entry."""
    own, theirs = (duration(time(entry, name).median) for name in (REFERENCE, SCIKIT_LEARN))
    found = tables.median(ratio(entry, SCIKIT_LEARN), times)
    return f"{entry['case'].capitalize()}: {own} instead of {theirs} ({found})."


PARTS = {
    "speed": speed,
    "float32": float32,
    "threads": threads,
    "roofline": roofline,
    "estimators": estimators,
}


def with_figures(text, run):
    """Return the README's `text` with the figures of `run`.

    Raises
    ------
    ValueError
        If the marked parts are not those of PARTS, or `run` lacks a figure.
    """
    marked = [name for _, name, _, _ in PART.findall(text)]
    if sorted(marked) != sorted(PARTS):
        raise ValueError(f"the README's marked parts must be {sorted(PARTS)}; got {sorted(marked)}")
    return PART.sub(lambda m: m[1] + PARTS[m[2]](run) + m[4], text)
