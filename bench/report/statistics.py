"""What the raw figures of a run come to: medians with quartiles, and ratios round by round."""

from dataclasses import dataclass

from bench.harness.spread import quartiles, too_wide

REFERENCE = "denseloop"

# In which the peers are shown; whoever is not named here comes after them.
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

# What distributions call themselves in prose.
TITLES = {"numpy": "NumPy", "numba": "Numba", "jax": "JAX", "torch": "PyTorch", "scipy": "SciPy"}


@dataclass(frozen=True)
class Spread:
    """The quartiles of some rounds."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values):
        return cls(*quartiles(values))

    @property
    def too_wide(self):
        return too_wide((self.low, self.median, self.high))


def per_round(numerators, denominators):
    """The spread of the ratios, each of two figures of one round; None where one was not timed."""
    if not numerators or not denominators:
        return None
    return Spread.of([a / b for a, b in zip(numerators, denominators, strict=True)])


def seconds(entry, name):
    """A peer's seconds in every round, or None."""
    return entry["peers"].get(name, {}).get("seconds")


def time(entry, name):
    found = seconds(entry, name)
    return Spread.of(found) if found else None


def ratio(entry, name):
    """How many times as long as denseloop a peer took."""
    return per_round(seconds(entry, name), seconds(entry, REFERENCE))


def share(entry, name):
    """The least time that the core could have taken, over a peer's."""
    return per_round(entry.get("roofline"), seconds(entry, name))


def in_order(names):
    return sorted(names, key=lambda name: (ORDER + [name]).index(name))


def peers(entries, missing=()):
    """Who is shown beside denseloop: those with a result of whatever kind, and those missing."""
    found = set(missing)
    for entry in entries:
        found |= {n for n, peer in entry["peers"].items() if peer.get("seconds") or peer["faults"]}
    return in_order(sorted(found - {REFERENCE}))


def under_its_conditions(run, section):
    """The run with the conditions of one section, if that was measured apart from the others."""
    return run | {"conditions": run.get("apart", {}).get(section, run["conditions"])}


def starts(run):
    """What every library costs to begin with, by its title."""
    found = {TITLES.get(name, name): figures for name, figures in run["start"].items()}
    return {name: found[name] for name in in_order(found)}


def versions(run):
    return {TITLES.get(n, n): version for n, version in run["conditions"]["versions"].items()}


def grouped(entries, *keys):
    """The entries by their values at `keys`, in the order of their first appearance."""
    groups = {}
    for entry in entries:
        groups.setdefault(tuple(entry[key] for key in keys), []).append(entry)
    return groups


def headline(run, section="epochs"):
    """What the README and the pictures show: float64 on one core."""
    return grouped(run.get(section, []), "dtype", "threads").get(("float64", 1), [])
