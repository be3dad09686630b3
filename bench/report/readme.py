"""The figures of the README, each between <!-- bench:NAME --> and <!-- /bench:NAME -->.

They come from the runs of all CPU targets.
"""

import re
import textwrap

from bench.harness.names import REFERENCE, SCIKIT_LEARN
from bench.harness.text import count_threads, duration, percent, times
from bench.report import estimator_tables, tables
from bench.report.page import missing
from bench.report.statistics import (
    TARGETS,
    group_by,
    headline,
    peers,
    ratio,
    share,
    time,
    versions,
    with_section_conditions,
)

WIDTH = 116
PEERS = ("NumPy", "Numba", "JAX", "PyTorch")
PART = re.compile(r"(<!-- bench:(\w+) -->)(.*?)(<!-- /bench:\2 -->)", re.DOTALL)


def speed(runs):
    """Return a table for each target, the pictures and the conditions."""
    runs = {target: with_section_conditions(run, "epochs") for target, run in runs.items()}
    found = []
    for target, run in runs.items():
        known = peers(headline(run), missing(run))
        table = tables.medians(headline(run), [name for name in PEERS if name in known])
        found += [f"With {TARGETS[target]}:", table]
    parts = [tables.with_notes("\n\n".join(found))]
    parts += [
        f"![The ratio of every peer's time to denseloop's, with {TARGETS[target]}]"
        f"(bench/results/{target}/speed.png)"
        for target in runs
    ]
    parts.append("<br>\n".join(wrap(conditions(target, run)) for target, run in runs.items()))
    return "\n" + "\n\n".join(parts) + "\n"


def conditions(target, run):
    found = run["conditions"]
    libraries = ", ".join(f"{name} {version}" for name, version in versions(run).items())
    quick = "a quick run: " if found["quick"] else ""
    return (
        f"{TARGETS[target]}: {found['processor']}, {found['compiler']}, {libraries}; "
        f"{found['date']}; {quick}medians of {found['rounds']} interleaved rounds, after the "
        "result of each contender was checked against the oracle. "
        f"[All tables, with quartiles](bench/results/{target}/results.md)."
    )


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


def for_each_target(runs, text):
    """Return the text of every run, with the names of the targets, as one phrase."""
    return " and ".join(f"{text(run)} with {TARGETS[target]}" for target, run in runs.items())


def float32(runs):
    """Return the time of an epoch in float32 relative to float64."""

    def relative(run):
        return span(ratios(medians(run, "float32", 1), medians(run, "float64", 1)), times)

    return for_each_target(runs, lambda run: f"{relative(run)} times as long")


def threads(runs):
    """Return a sentence on the largest number of threads."""

    def speedup(run):
        many = max(number for _, number in group_by(run["epochs"], "dtype", "threads"))
        if many == 1:
            return "not measured on more than one CPU"
        largest = max(ratios(medians(run, "float64", 1), medians(run, "float64", many)))
        return f"up to {times(largest)} times as fast on {many} threads"

    return f"It is {for_each_target(runs, speedup)}."


def roofline(runs):
    """Return the smallest and the largest share of the roofline, with their cases."""

    def ends(run):
        shares = {e["case"]: found.median for e in headline(run) if (found := share(e, REFERENCE))}
        if not shares:
            raise ValueError("the README needs the roofline of an epoch, but the run has none")
        found = [min(shares, key=shares.get), max(shares, key=shares.get)]
        return " to ".join(f"{percent(shares[case])} % ({case.split(', ')[0]})" for case in found)

    return for_each_target(runs, ends)


def estimators(runs):
    """Return the ratios of scikit-learn's estimators and their conditions, if the runs have any."""
    runs = {t: with_section_conditions(run, "estimators") for t, run in runs.items()}
    runs = {target: run for target, run in runs.items() if run.get("estimators")}
    if not runs:
        return ""
    fits = {TARGETS[t]: of_kind(run, "fit") for t, run in runs.items() if of_kind(run, "fit")}
    parts = []
    if fits:
        explanation = (
            "`MLPClassifier` of `denseloop.neural_network` against scikit-learn's, on one core: "
            "the ratio of scikit-learn's time for a fit to denseloop's. The losses of both agree "
            "to 1e-9:"
        )
        parts += [wrap(explanation), estimator_tables.compact(fits)]
    parts.append("<br>\n".join(wrap(other_estimators(t, run)) for t, run in runs.items()))
    return "\n" + tables.with_notes("\n\n".join(parts)) + "\n"


def many(runs):
    """Return the ratios of trainings of many networks and of the fits, if the runs have any."""
    runs = {target: with_section_conditions(run, "many") for target, run in runs.items()}
    runs = {target: run for target, run in runs.items() if run.get("many")}
    parts = []
    for target, run in runs.items():
        trainings = group_by(run["many"], "repeated", "dtype", "threads")
        if shown := trainings.get(("training", "float64", 1)):
            known = peers(shown)
            others = [name for name in ("one by one", *PEERS) if name in known]
            parts += [f"With {TARGETS[target]}:", tables.medians(shown, others, tables.NETWORKS)]
    parts.append("<br>\n".join(wrap(fits_of_many(t, run)) for t, run in runs.items()))
    return "\n" + tables.with_notes("\n\n".join(parts)) + "\n" if runs else ""


def fits_of_many(target, run):
    """Return sentences on the fits of estimators with many networks, and the conditions."""
    found = run["conditions"]
    fits = [entry for entry in run["many"] if entry["repeated"] == "fit"]
    shown = [e | {"case": f"{e['case']}, {count_threads(e['threads'])}"} for e in fits]
    return " ".join(
        [
            f"{TARGETS[target]}:",
            *(sentence(entry) for entry in shown if ratio(entry, SCIKIT_LEARN)),
            f"({found['processor']}, {found['date']}. [Quartiles, two threads, and first calls with"
            f" compilation](bench/results/{target}/results.md#many-networks).)",
        ]
    )


def of_kind(run, repeated):
    return [entry for entry in run["estimators"] if entry["repeated"] == repeated]


def other_estimators(target, run):
    """Return what is not a fit in sentences, and the conditions of all."""
    found = run["conditions"]
    others = [e for e in run["estimators"] if e["repeated"] != "fit" and ratio(e, SCIKIT_LEARN)]
    quick = ", a quick run" if found["quick"] else ""
    version = found["versions"].get(SCIKIT_LEARN, "")
    return " ".join(
        [
            f"{TARGETS[target]}:",
            *map(sentence, others),
            f"({' '.join([SCIKIT_LEARN, version]).strip()}, {found['date']}{quick}. "
            f"[Milliseconds and quartiles](bench/results/{target}/results.md).)",
        ]
    )


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
    "many": many,
    "estimators": estimators,
}


def with_figures(text, runs):
    """Return the README's `text` with the figures of the runs, which are by target.

    Raises
    ------
    ValueError
        If the marked parts are not those of PARTS, or a run lacks a figure.
    """
    marked = [name for _, name, _, _ in PART.findall(text)]
    if sorted(marked) != sorted(PARTS):
        raise ValueError(f"the README's marked parts must be {sorted(PARTS)}; got {sorted(marked)}")
    return PART.sub(lambda m: m[1] + PARTS[m[2]](runs) + m[4], text)
