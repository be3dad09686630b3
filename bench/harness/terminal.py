"""What a run shows while it goes on."""

import os

from bench.harness.job import REFERENCE
from bench.harness.spread import TOO_WIDE, quartiles, ratio_quartiles, too_wide

BUSY = 0.5  # processes that ran on average in the last minute
UNITS = {"s": 1, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
WIDE = "~"


def readable(seconds):
    unit, size = next(
        ((unit, size) for unit, size in UNITS.items() if seconds >= size), ("ns", 1e-9)
    )
    return f"{seconds / size:.3g} {unit}"


def print_load():
    """Says so if the machine has been busy with something else."""
    if hasattr(os, "getloadavg") and (load := os.getloadavg()[0]) > BUSY:
        print(
            f"The load of the last minute was {load:.1f}: if others are still busy, wait for them"
        )


def print_conditions(found):
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    print(f"{found['processor']}, {found['cpus']} CPUs, target {found['target']}; {versions}")
    for module, why in found["missing"].items():
        print(f"without {module}: {why}")
    print(f"Medians of up to {found['rounds']} interleaved rounds; the ratio, peer / denseloop, is")
    print(
        "taken round by round, with its quartiles. Then the first run, which may compile, and the"
    )
    print(
        "fastest variant. The roofline is the least time for the arithmetic, and denseloop's share."
    )


def print_entry(entry, missing):
    """The table of a case. Returns of how many ratios, and how many of them spread too wide."""
    print(f"\n{entry['case']}, one {entry['repeated']}, {entry['dtype']}, {threads_of(entry)}")
    row = "  {:<16}{:>9}  {:<28}{:>9}  {}".format
    base = entry["peers"].get(REFERENCE, {}).get("seconds")
    spreads = []
    for name, peer in entry["peers"].items():
        if seconds := peer.get("seconds"):
            ratio = ""
            if base and name != REFERENCE:
                quarters = ratio_quartiles(seconds, base)
                spreads.append(too_wide(quarters))
                ratio = ratio_text(quarters)
            time = readable(quartiles(seconds)[1])
            print(row(name, time, ratio, readable(peer["warm_up"]), peer["variant"]).rstrip())
        elif not peer["faults"]:
            print(f"  {name:<16}{'–':>9}")
        for variant, fault in peer["faults"].items():
            print(f"  {name:<16}not timed: {variant}{': ' if variant else ''}{fault}")
    for module in missing:
        print(f"  {module:<16}{'–':>9}")
    if base and (roofline := entry.get("roofline")):
        low, share, high = (f"{100 * q:.0f}" for q in ratio_quartiles(roofline, base))
        share = f"{share} % ({low} to {high})"
        print(row("roofline", readable(quartiles(roofline)[1]), share, "", "").rstrip())
    if any(spreads):
        print(f"  {WIDE} quartiles more than {TOO_WIDE:.0%} of the ratio apart: spread too wide")
    return len(spreads), sum(spreads)


def ratio_text(quarters):
    low, median, high = (f"{q:.3g}" for q in quarters)
    return f"{median} ({low} to {high}){' ' + WIDE if too_wide(quarters) else ''}"


def print_start(costs):
    """The table of the start section: medians."""
    row = "  {:<16}{:>10}{:>12}{:>12}".format
    print("\n" + row("", "import", "first call", "memory"))
    for name, cost in costs.items():
        times = [readable(quartiles(cost[key])[1]) for key in ("import", "first_call")]
        print(row(name, *times, f"{quartiles(cost['memory'])[1] / 2**20:.0f} MiB"))


def threads_of(entry):
    return "1 thread" if entry["threads"] == 1 else f"{entry['threads']} threads"
