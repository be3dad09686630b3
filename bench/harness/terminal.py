"""What a run prints while it goes on."""

import os

from bench.harness.names import REFERENCE
from bench.harness.spread import TOO_WIDE, Spread
from bench.harness.text import (
    DASH,
    WIDE,
    count_threads,
    duration,
    megabytes,
    percent,
    times,
    with_quartiles,
)

BUSY = 0.5  # average number of running processes in the last minute


def print_load():
    """Warn if the machine was busy before the run."""
    if hasattr(os, "getloadavg") and (load := os.getloadavg()[0]) > BUSY:
        print(f"The load of the last minute was {load:.1f}: let other programs finish first")


def print_conditions(found):
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    print(f"{found['processor']}, {found['cpus']} CPUs, target {found['target']}; {versions}")
    for module, why in found["missing"].items():
        print(f"without {module}: {why}")
    print(
        f"Each row: the median time of up to {found['rounds']} interleaved rounds; the ratio of\n"
        "this time to denseloop's, taken round by round, with its quartiles; the time of the\n"
        "first run, which may compile; and the fastest variant. The roofline is the least time\n"
        "that one core could take for the arithmetic; its row has its share of denseloop's time."
    )


def print_entry(entry, missing):
    """Print the table of a case; return how many ratios it has, and how many spread too wide."""
    settings = f"{entry['dtype']}, {count_threads(entry['threads'])}"
    print(f"\n{entry['case']}, one {entry['repeated']}, {settings}")
    row = "  {:<16}{:>9}  {:<28}{:>9}  {}".format
    base = entry["peers"].get(REFERENCE, {}).get("seconds")
    spreads = []
    for name, peer in entry["peers"].items():
        if seconds := peer.get("seconds"):
            ratio = ""
            if base and name != REFERENCE:
                spreads.append(Spread.of_ratios(seconds, base))
                ratio = with_quartiles(spreads[-1], times)
            time = duration(Spread.of(seconds).median)
            print(row(name, time, ratio, duration(peer["warm_up"]), peer["variant"]).rstrip())
        elif not peer["faults"]:
            print(f"  {name:<16}{DASH:>9}")
        for variant, fault in peer["faults"].items():
            print(f"  {name:<16}not timed: {variant}{': ' if variant else ''}{fault}")
    for module in missing:
        print(f"  {module:<16}{DASH:>9}")
    if base and (roofline := entry.get("roofline")):
        share = f"{with_quartiles(Spread.of_ratios(roofline, base), percent)} %"
        print(row("roofline", duration(Spread.of(roofline).median), share, "", "").rstrip())
    n_wide = sum(spread.too_wide for spread in spreads)
    if n_wide:
        print(f"  {WIDE} too wide a spread: more than {TOO_WIDE:.0%} between the quartiles")
    return len(spreads), n_wide


def print_start(costs):
    """Print the table of the start section: medians."""
    row = "  {:<16}{:>10}{:>12}{:>12}".format
    print("\n" + row("", "import", "first call", "memory"))
    texts = {"import": duration, "first_call": duration, "memory": megabytes}
    for name, cost in costs.items():
        print(row(name, *(text(Spread.of(cost[key]).median) for key, text in texts.items())))
