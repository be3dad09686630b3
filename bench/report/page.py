"""results.md: every table of a run."""

import ast
from pathlib import Path

from bench.report import estimator_tables, tables
from bench.report.statistics import (
    Spread,
    grouped,
    headline,
    starts,
    under_its_conditions,
    versions,
)

PEERS = Path(__file__).parents[1] / "peers"

HEAD = """\
# What the benchmark found

Made by `python -m bench.report` from [results.json](results.json), which has every raw
figure. Unless it says otherwise, a peer's figure is the ratio of its time to denseloop's:
above 1, denseloop is faster. It is the median over the rounds, each with its own ratio, and
the quartiles stand in brackets. A dash: the peer is not installed, or can't do the case."""


def missing(run):
    """The names of the peers that were not installed, from their modules, which can't be imported.

    A peer whose module is no longer there goes by the module's name.
    """
    return {name_in(module): reason for module, reason in run["conditions"]["missing"].items()}


def name_in(module):
    for path in [PEERS / f"{module}.py", PEERS / module / "__init__.py"]:
        if path.exists():
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.Assign) and node.targets[0].id == "NAME":
                    return node.value.value
    return module


def threads(number):
    return f"{number} thread{'' if number == 1 else 's'}"


def condition_rows(run):
    """What the run was made on and with: texts by their titles."""
    found = run["conditions"]
    pinned = found["pinned"]
    rows = {
        "date": found["date"],
        "processor": found["processor"],
        "CPUs that the process may use": str(found["cpus"]),
        "pinned to CPU": ", ".join(map(str, pinned)) if pinned else "none",
        "memory": f"{tables.significant(found['memory'] / 1e9)} GB",
        "system": found["system"],
        "denseloop's target": found["target"],
        "compiler": found["compiler"],
        "its flags": found["compiler_flags"],
        "NumPy's BLAS": found["blas"],
        "rounds": str(found["rounds"]) + (", a quick run" if found["quick"] else ""),
    }
    rows |= versions(run)
    return rows | {name: f"not installed: {reason}" for name, reason in missing(run).items()}


def conditions(run):
    # The first column is text, and so is the second here.
    lines = "\n".join(f"| {name} | {text} |" for name, text in condition_rows(run).items())
    return f"## Conditions\n\n| | |\n|---|---|\n{lines}"


def apart(run, section):
    """A sentence on a section that was measured apart from the others, and what was different."""
    if section not in run.get("apart", {}):
        return ""
    usual, own = condition_rows(run), condition_rows(under_its_conditions(run, section))
    different = [f"{name} {text}" for name, text in own.items() if usual.get(name) != text]
    return f"Measured apart from the rest: {'; '.join(different) or 'the same conditions'}."


def not_timed(entries):
    listed = tables.faults(entries)
    return f"Not timed:\n\n{listed}" if listed else ""


def by_dtype_and_threads(run, make):
    for (dtype, number), entries in grouped(run["epochs"], "dtype", "threads").items():
        yield f"### {dtype}, {threads(number)}"
        yield tables.with_notes(make(entries, missing(run)))


def epochs(run):
    yield "## Time of an epoch"
    if headline(run):
        yield "![Dots with whiskers: the ratio of every peer's time to denseloop's](speed.png)"
    yield from by_dtype_and_threads(run, tables.ratios)
    yield not_timed(run["epochs"])
    yield "## The first run"
    yield (
        "With its compilation, which the times above leave out; and, in brackets, with which "
        "of its ways a peer is timed, the fastest."
    )
    yield from by_dtype_and_threads(run, tables.warm_ups)


def roofline(run):
    yield "## Share of the roofline"
    yield (
        "The roofline is the least time that one core could take: the multiply-adds and sigmoids "
        "that the mathematics asks for, at the rates of C++ loops that do nothing else, "
        "measured in the same rounds:"
    )
    rows = []
    for entry in run["roofline"]:
        flops = 2 * Spread.of(entry["multiply_adds_per_second"]).median
        sigmoid = 1 / Spread.of(entry["sigmoids_per_second"]).median
        speed = f"{tables.significant(flops / 1e9)} GFLOP/s"
        rows.append([entry["dtype"], threads(entry["threads"]), speed, tables.duration(sigmoid)])
    yield tables.table(["", "", "multiply-adds", "a sigmoid"], rows)
    with_roofline = [entry for entry in run["epochs"] if entry.get("roofline")]
    for (dtype,), entries in grouped(with_roofline, "dtype").items():
        yield f"### Roofline / time in %, {dtype}, 1 thread"
        yield tables.with_notes(tables.shares(entries, missing(run)))


def growth(run):
    yield "## How the time of an epoch grows"
    yield "![Seconds an epoch against samples, width and depth, on logarithmic axes](growth.png)"
    for (axis, dtype, number), entries in grouped(
        run["growth"], "axis", "dtype", "threads"
    ).items():
        yield f"### {axis.capitalize()}, {dtype}, {threads(number)}"
        table = tables.ratios(
            entries, missing(run), lambda e: f"{e['value']:,}", first=tables.AXES[axis]
        )
        yield tables.with_notes(table)
    yield not_timed(run["growth"])


def solution(run):
    yield "## Time to solution"
    yield (
        "From the call until the loss is at the goal. Cold is the first call of a contender made "
        "anew, with what it compiles but without the import; warm is a later one."
    )
    yield "![Cold and warm seconds of every peer on three problems](solution.png)"
    for entry in run["solution"]:
        settings = f"{entry['dtype']}, {threads(entry['threads'])}"
        yield f"### {entry['problem'].capitalize()}: {entry['goal']}, {settings}"
        yield tables.with_notes(tables.solutions(entry, missing(run)))
    yield not_timed(run["solution"])


def functions(run):
    yield "## Functions, nanoseconds an element"
    yield "Where a spread is marked as too wide, it is that of the ratio to denseloop's time."
    yield "![Nanoseconds an element against elements](functions.png)"
    for (function, dtype), entries in grouped(run["functions"], "function", "dtype").items():
        yield f"### {function.replace('_', ' ')}, {dtype}"
        yield tables.with_notes(tables.elementwise(entries))
    yield not_timed(run["functions"])


def estimators(run):
    yield "## scikit-learn's estimators"
    yield (
        "`MLPClassifier` of `denseloop.neural_network` against scikit-learn's, with the same "
        "parameters. A fit makes so many epochs whatever its loss, which must be the other's to "
        "1e-9 (relative) over the first 50 of them; its time is that of the whole call."
    )
    yield "![Bars: the ratio of scikit-learn's time to denseloop's](estimators.png)"
    fits = [entry for entry in run["estimators"] if entry["repeated"] == "fit"]
    if fits:
        yield "### Fit, milliseconds an epoch, float64, 1 thread"
        yield tables.with_notes(estimator_tables.fits(fits))
    others = [entry for entry in run["estimators"] if entry["repeated"] != "fit"]
    if others:
        yield "### One row, and a search"
        yield tables.with_notes(estimator_tables.calls(others))
    yield not_timed(run["estimators"])


def start(run):
    yield "## Import, first call, memory"
    yield (
        "Import: in a fresh interpreter, without the interpreter's own time. First call: an "
        "epoch of 100 × 2-4-1. Memory: the peak after it, above that of a bare interpreter."
    )
    yield "![Import time, first call and memory of every library](start.png)"
    yield tables.with_notes(tables.starts(starts(run)))


SECTIONS = {
    "epochs": epochs,
    "roofline": roofline,
    "growth": growth,
    "solution": solution,
    "functions": functions,
    "estimators": estimators,
    "start": start,
}


def page(run):
    """All of results.md; a section that was not measured is not there."""
    parts = [HEAD, conditions(run)]
    for name, section in SECTIONS.items():
        if run.get(name):
            title, *rest = section(under_its_conditions(run, name))
            parts += filter(None, [title, apart(run, name), *rest])
    return "\n\n".join(parts) + "\n"
