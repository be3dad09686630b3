"""The text of results.md: every table of a run."""

import ast
from pathlib import Path

from bench.harness.instructions import HOLDS
from bench.harness.spread import Spread
from bench.harness.text import count_threads, duration, significant
from bench.report import estimator_tables, tables
from bench.report.statistics import (
    TARGETS,
    group_by,
    headline,
    starts,
    versions,
    with_section_conditions,
)

PEERS = Path(__file__).parents[1] / "peers"

HEAD = """\
# What the benchmark found with {}

Made by `python -m bench.report` from [results.json](results.json), which has every raw
figure. Unless a table says otherwise, a peer's figure is the ratio of its time to denseloop's:
above 1, denseloop is faster. The ratio is taken in each round; the figure is the median of the
rounds, with the quartiles in brackets. A dash means that the peer is not installed or cannot do
the case."""


def missing(run):
    """Return the names of the peers that were not installed, with the reason.

    Their modules cannot be imported, so the names are read from the source. A peer whose module no
    longer exists has the module's name.
    """
    return {peer_name(module): reason for module, reason in run["conditions"]["missing"].items()}


def peer_name(module):
    for path in [PEERS / f"{module}.py", PEERS / module / "__init__.py"]:
        if path.exists():
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.Assign) and node.targets[0].id == "NAME":
                    return node.value.value
    return module


def condition_rows(run):
    """Return the machine, the compiler and the versions: texts by their titles."""
    found = run["conditions"]
    pinned = found["pinned"]
    rows = {
        "date": found["date"],
        "processor": found["processor"],
        "CPUs that the process may use": str(found["cpus"]),
        "pinned to CPU": ", ".join(map(str, pinned)) if pinned else "none",
        "memory": f"{significant(found['memory'] / 1e9)} GB",
        "system": found["system"],
        "denseloop's target": found["target"],
        "targets of this machine": ", ".join(found.get("targets", ["not recorded"])),
        "compiler": found["compiler"],
        "compiler flags": found["compiler_flags"],
        "NumPy's BLAS": found["blas"],
        "rounds": str(found["rounds"]) + (", a quick run" if found["quick"] else ""),
    }
    rows |= versions(run)
    return rows | {name: f"not installed: {reason}" for name, reason in missing(run).items()}


def conditions(run):
    # Not `tables.table`, which aligns the second column to the right.
    lines = "\n".join(f"| {name} | {text} |" for name, text in condition_rows(run).items())
    return f"## Conditions\n\n| | |\n|---|---|\n{lines}"


def held(run):
    """Return how every library was held to the instructions of the target."""
    found = run["conditions"]
    if "held" not in found:
        return "Every library chose its instructions by itself."
    target = TARGETS[found["target"]]
    lines = "\n".join(
        f"| {HOLDS[name]} | `{name}={text}` |" for name, text in found["held"].items()
    )
    said = "; ".join(f"{name}: {text}" for name, text in found["instructions"].items())
    return (
        f"### How every library is held to {target}\n\n"
        f"| | |\n|---|---|\n{lines}\n\n"
        f"What they say that they use: {said}.{held_back(found)}"
    )


def held_back(found):
    """Return a sentence if the machine has no more instructions than the target."""
    better = [name for name in TARGETS if name in found["targets"]]
    if found["target"] != better[0]:
        return ""
    return " The CPU has no more than that, so nothing was kept from using more."


def separate_note(run, section):
    """Return a sentence on the conditions of a section that was measured separately."""
    if section not in run.get("apart", {}):
        return ""
    usual, own = condition_rows(run), condition_rows(with_section_conditions(run, section))
    different = [f"{name} {text}" for name, text in own.items() if usual.get(name) != text]
    return f"Measured separately: {'; '.join(different) or 'the same conditions'}."


def not_timed(entries):
    listed = tables.faults(entries)
    return f"Not timed:\n\n{listed}" if listed else ""


def by_dtype_and_threads(run, make):
    for (dtype, number), entries in group_by(run["epochs"], "dtype", "threads").items():
        yield f"### {dtype}, {count_threads(number)}"
        yield tables.with_notes(make(entries, missing(run)))


def epochs(run):
    yield "## Time of an epoch"
    if headline(run):
        yield "![Dots with whiskers: the ratio of every peer's time to denseloop's](speed.png)"
    yield from by_dtype_and_threads(run, tables.ratios)
    yield not_timed(run["epochs"])
    yield "## The first run"
    yield (
        "The time of the first run, with compilation, which the times above leave out. In "
        "brackets: the variant that is timed, which is the fastest one."
    )
    yield from by_dtype_and_threads(run, tables.first_runs)


def roofline(run):
    yield "## Roofline"
    yield (
        "The roofline is the least time that one core could take for the multiply-adds and "
        "sigmoids of the case. It uses the rates of C++ loops that do nothing else, measured in "
        "the same rounds:"
    )
    rows = []
    for entry in run["roofline"]:
        flops = 2 * Spread.of(entry["multiply_adds_per_second"]).median
        sigmoid = 1 / Spread.of(entry["sigmoids_per_second"]).median
        speed = f"{significant(flops / 1e9)} GFLOP/s"
        rows.append([entry["dtype"], count_threads(entry["threads"]), speed, duration(sigmoid)])
    yield tables.table(["", "", "multiply-adds", "one sigmoid"], rows)
    with_roofline = [entry for entry in run["epochs"] if entry.get("roofline")]
    for (dtype,), entries in group_by(with_roofline, "dtype").items():
        yield f"### Roofline as a share of the time in %, {dtype}, 1 thread"
        yield tables.with_notes(tables.shares(entries, missing(run)))


def growth(run):
    yield "## How the time of an epoch grows"
    yield "![Seconds per epoch against samples, width and depth, on logarithmic axes](growth.png)"
    for (axis, dtype, number), entries in group_by(
        run["growth"], "axis", "dtype", "threads"
    ).items():
        yield f"### {axis.capitalize()}, {dtype}, {count_threads(number)}"
        table = tables.ratios(
            entries, missing(run), lambda e: f"{e['value']:,}", first=tables.AXES[axis]
        )
        yield tables.with_notes(table)
    yield not_timed(run["growth"])


def solution(run):
    yield "## Time to solution"
    yield (
        "From the call until the loss has reached the goal. Cold is the first call of a newly made "
        "contender, including compilation but not the import; warm is a later call."
    )
    yield "![Cold and warm seconds of every peer on three problems](solution.png)"
    for entry in run["solution"]:
        settings = f"{entry['dtype']}, {count_threads(entry['threads'])}"
        yield f"### {entry['problem'].capitalize()}: {entry['goal']}, {settings}"
        yield tables.with_notes(tables.solutions(entry, missing(run)))
    yield not_timed(run["solution"])


def functions(run):
    yield "## Functions, nanoseconds per element"
    yield "The mark for too wide a spread refers to the ratio to denseloop's time."
    yield "![Nanoseconds per element against elements](functions.png)"
    for (function, dtype), entries in group_by(run["functions"], "function", "dtype").items():
        yield f"### {function.replace('_', ' ')}, {dtype}"
        yield tables.with_notes(tables.elementwise(entries))
    yield not_timed(run["functions"])


def estimators(run):
    yield "## scikit-learn's estimators"
    yield (
        "`MLPClassifier` of `denseloop.neural_network` against scikit-learn's, with the same "
        "parameters. A fit makes a fixed number of epochs. The losses of both must agree to 1e-9 "
        "(relative) over the first 50 epochs. Its time is that of the whole call."
    )
    yield "![Bars: the ratio of scikit-learn's time to denseloop's](estimators.png)"
    fits = [entry for entry in run["estimators"] if entry["repeated"] == "fit"]
    if fits:
        yield "### Fit, milliseconds per epoch, float64, 1 thread"
        yield tables.with_notes(estimator_tables.fits(fits))
    others = [entry for entry in run["estimators"] if entry["repeated"] != "fit"]
    if others:
        yield "### Short calls and a grid search"
        yield tables.with_notes(estimator_tables.calls(others))
    yield not_timed(run["estimators"])


def shapes(run):
    yield "## Odd shapes"
    yield (
        "The perceptrons of `denseloop.neural_network` against scikit-learn's, with the same "
        "parameters: rows × layers, and for sparse matrices the share of the numbers that they "
        "store. A fit makes one or a few epochs; its time is that of the whole call. The losses "
        "of fits and the outputs of predictions must agree to 1e-9 (relative) in float64 and to "
        "1e-5 in float32."
    )
    for (dtype, number), entries in group_by(run["shapes"], "dtype", "threads").items():
        yield f"### Times of a call, {dtype}, {count_threads(number)}"
        yield tables.with_notes(estimator_tables.calls(entries))
    yield not_timed(run["shapes"])


def many(run):
    yield "## Many networks"
    yield (
        "The same networks trained by `Networks.train` in one call, by `Network.train` one by one, "
        "and in other libraries; their last losses must agree with the oracle's to 1e-9 (relative) "
        "in float64 and to 1e-3 in float32. The loop alone is a prepared training of one network; "
        "its time, and that of scikit-learn's fits by joblib, is scaled to all networks. JAX "
        "compiles the whole training under `vmap`; PyTorch computes the gradients of all networks "
        "by `torch.func` in each epoch."
    )
    trainings = [entry for entry in run["many"] if entry["repeated"] == "training"]
    for (dtype, number), entries in group_by(trainings, "dtype", "threads").items():
        yield f"### {dtype}, {count_threads(number)}"
        table = tables.ratios(entries, {}, first=tables.NETWORKS)
        yield tables.with_notes(table)
        yield "The first call, with compilation, in brackets the variant that is timed:"
        yield tables.with_notes(tables.first_runs(entries, {}))
    fits = [entry for entry in run["many"] if entry["repeated"] == "fit"]
    for (number,), entries in group_by(fits, "threads").items():
        yield f"### Estimators with many networks, a fit and a prediction, {count_threads(number)}"
        yield tables.with_notes(estimator_tables.calls(entries))
    yield not_timed(run["many"])


def exports(run):
    yield "## Networks that have left Python"
    yield (
        "One row of inputs through our C header and emlearn's C, which GCC compiles with `-O3`, "
        "each call waiting for the one before; and through `Network.forward` and ONNX Runtime, "
        "called from Python. Our outputs must have the bits of `forward`, the others may differ by "
        "1e-4."
    )
    for (dtype,), entries in group_by(run["exports"], "dtype").items():
        yield f"### A row, {dtype}"
        yield tables.with_notes(tables.ratios(entries, {}, lambda e: e["case"]))
    yield not_timed(run["exports"])


def published(run):
    yield "## Published cases"
    yield (
        "Cases for which other libraries publish figures. The published times were not measured "
        "here, but by the named sources on the named machines; what is different about their work "
        "is said below each table."
    )
    for (case,), entries in group_by(run["published"], "case").items():
        first = entries[0]
        yield f"### {case}, {first['dtype']}"
        table = tables.ratios(
            entries, missing(run), lambda e: count_threads(e["threads"]), first="measured here"
        )
        yield tables.with_notes(table)
        yield tables.published(entries)
        yield first["difference"]
    yield not_timed(run["published"])


def listings(run):
    yield "## The tutorials' listings with imported functions"
    yield (
        "The time of an iteration of a listing, without its print: with the functions that it "
        "defines in NumPy, and with denseloop's imported in their place."
    )
    yield tables.with_notes(tables.listings(run["listings"]))
    yield not_timed(run["listings"])


def calls(run):
    yield "## Short calls"
    yield (
        "Calls in which the Python around the work decides. A peer's call for an epoch starts from "
        "the initial parameters. The estimators' calls are in their section, the loss with its "
        "gradients, by a call and by the prepared objective, is among the times of an epoch."
    )
    table = tables.ratios(run["calls"], missing(run), lambda e: e["case"], first="call")
    yield tables.with_notes(table)
    yield not_timed(run["calls"])


def start(run):
    yield "## Import, first call, memory"
    yield (
        "Import: in a fresh interpreter, without the interpreter's own start. First call: one "
        "epoch of 100 × 2-4-1. Memory: the peak after that call, beyond that of a bare interpreter."
    )
    yield "![Import time, first call and memory of every library](start.png)"
    yield tables.with_notes(tables.starts(starts(run)))


SECTIONS = {
    "epochs": epochs,
    "roofline": roofline,
    "growth": growth,
    "solution": solution,
    "published": published,
    "functions": functions,
    "listings": listings,
    "calls": calls,
    "estimators": estimators,
    "shapes": shapes,
    "many": many,
    "exports": exports,
    "start": start,
}


def page(run):
    """Return the text of results.md, without the sections that were not measured."""
    parts = [HEAD.format(TARGETS[run["conditions"]["target"]]), conditions(run), held(run)]
    for name, section in SECTIONS.items():
        if run.get(name):
            title, *rest = section(with_section_conditions(run, name))
            parts += filter(None, [title, separate_note(run, name), *rest])
    return "\n\n".join(parts) + "\n"
