"""``python -m bench``: what an epoch costs in denseloop and in its peers."""

import argparse
import platform
import sys
from importlib import metadata

from bench.pin import pin

REFERENCE = "denseloop"


def parse():
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--case", nargs="+", metavar="SUBSTRING", help="only cases so named")
    parser.add_argument("--peer", nargs="+", metavar="NAME", help="only peers whose name has this")
    parser.add_argument("--dtype", choices=["float64", "float32"], default="float64")
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    parser.add_argument("--rounds", type=int, default=15, metavar="N")
    return parser.parse_args()


def chosen(name, substrings):
    return substrings is None or any(part.lower() in name.lower() for part in substrings)


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            name = next(line for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
    return name.split(": ")[1].strip()


def conditions(peers, options):
    """Machine, versions and settings, as plain data."""
    import denseloop._core

    libraries = sorted({name for peer in peers for name in peer.LIBRARIES})
    return {
        "processor": processor(),
        "system": platform.platform(),
        "target": denseloop._core.active_target(),
        "versions": {"Python": platform.python_version()}
        | {name: metadata.version(name) for name in libraries},
        "dtype": options.dtype,
        "threads": options.threads,
        "rounds": options.rounds,
    }


def readable(seconds):
    unit, factor = ("µs", 1e6) if seconds < 1e-3 else ("ms", 1e3) if seconds < 1 else ("s", 1)
    return f"{seconds * factor:.3g} {unit}"


def print_conditions(found):
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    print(f"{found['processor']}, {found['threads']} thread(s), {found['dtype']}")
    print(f"{versions}; denseloop's target {found['target']}")
    print(f"Medians of {found['rounds']} interleaved rounds; the ratio, peer / denseloop, is taken")
    print(
        "round by round, with its quartiles. Last: the first run, with its compilation; the variant"
    )


def print_case(result, names):
    from bench.measure import quartiles

    print(f"\n{result['case']}, one {result['repeated']}")
    row = "  {:<16}{:>9}  {:<26}{:>9}  {}".format
    base = result["peers"].get(REFERENCE, {}).get("seconds")
    for name in names:
        entry = result["peers"].get(name, {"faults": {}})
        if seconds := entry.get("seconds"):
            ratio = ""
            if base and name != REFERENCE:
                low, median, high = quartiles([a / b for a, b in zip(seconds, base)])
                ratio = f"{median:.3g} ({low:.3g} to {high:.3g})"
            time = readable(quartiles(seconds)[1])
            print(row(name, time, ratio, readable(entry["warm_up"]), entry["variant"]).rstrip())
        elif not entry["faults"]:
            print(row(name, "–", "", "", "").rstrip())
        for variant, fault in entry["faults"].items():
            print(f"  {name:<16}not timed: {variant}{': ' if variant else ''}{fault}")


def main():
    options = parse()
    sys.stdout.reconfigure(line_buffering=True)  # each case when it is done, also into a file
    pin(options.threads)

    # Only now: the libraries read their number of threads when they are imported.
    import numpy as np

    from bench import peers
    from bench.cases import CASES
    from bench.measure import measure

    found, missing = peers.load()
    found = [p for p in found if p.NAME == REFERENCE or chosen(p.NAME, options.peer)]
    names = [peer.NAME for peer in found] + [m for m in missing if chosen(m, options.peer)]
    print_conditions(conditions(found, options))
    for make in CASES:
        case = make(dtype=np.dtype(options.dtype))
        if chosen(case.name, options.case):
            print_case(measure(case, found, options.threads, options.rounds), names)


if __name__ == "__main__":
    main()
