"""Medians, quartiles and ratios of the raw figures of a run."""

from bench.harness.names import REFERENCE
from bench.harness.spread import Spread

# The order in which contenders are shown; those not named here come last.
ORDER = [
    REFERENCE,
    "NumPy listing",
    "NumPy",
    "Numba",
    "JAX",
    "PyTorch",
    "scikit-learn",
    "SciPy",
    "math",
]

# How prose spells the names of CPU targets, those with the most instructions first.
TARGETS = {"avx512": "AVX-512", "avx2": "AVX2", "neon": "NEON", "baseline": "the baseline"}

# How prose spells the names of distributions.
TITLES = {"numpy": "NumPy", "numba": "Numba", "jax": "JAX", "torch": "PyTorch", "scipy": "SciPy"}


def seconds(entry, name):
    """Return a contender's seconds in every round; None if it was not timed."""
    return entry["peers"].get(name, {}).get("seconds")


def time(entry, name):
    """Return the spread of a contender's seconds; None if it was not timed."""
    found = seconds(entry, name)
    return Spread.of(found) if found else None


def spread_of_ratios(numerators, denominators):
    """Return the spread of the ratios round by round; None if one of the two was not timed."""
    return Spread.of_ratios(numerators, denominators) if numerators and denominators else None


def ratio(entry, name):
    """Return the spread of a contender's time over denseloop's; None if one was not timed."""
    return spread_of_ratios(seconds(entry, name), seconds(entry, REFERENCE))


def share(entry, name):
    """Return the spread of the roofline over a contender's time; None if one was not timed."""
    return spread_of_ratios(entry.get("roofline"), seconds(entry, name))


def in_order(names):
    return sorted(names, key=lambda name: (ORDER + [name]).index(name))


def peers(entries, missing=()):
    """Return the names to show next to denseloop: those with a result or fault, and `missing`."""
    found = set(missing)
    for entry in entries:
        found |= {n for n, peer in entry["peers"].items() if peer.get("seconds") or peer["faults"]}
    return in_order(sorted(found - {REFERENCE}))


def with_section_conditions(run, section):
    """Return the run with the conditions of this section, which may be measured separately."""
    return run | {"conditions": run.get("apart", {}).get(section, run["conditions"])}


def starts(run):
    """Return the results of the start section by the libraries' titles, in order."""
    found = {TITLES.get(name, name): figures for name, figures in run["start"].items()}
    return {name: found[name] for name in in_order(found)}


def versions(run):
    return {TITLES.get(n, n): version for n, version in run["conditions"]["versions"].items()}


def group_by(entries, *keys):
    """Return lists of entries by their values at `keys`, in the order of first appearance."""
    groups = {}
    for entry in entries:
        groups.setdefault(tuple(entry[key] for key in keys), []).append(entry)
    return groups


def headline(run, section="epochs"):
    """Return the entries that the README and the pictures show: float64 on one core."""
    return group_by(run.get(section, []), "dtype", "threads").get(("float64", 1), [])
