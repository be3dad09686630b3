"""``python -m bench``: measures what denseloop and its peers cost on this machine.

Every section runs in a process of its own for each CPU target and number of threads. This module
has the options, collects and prints the results, and saves them.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from bench.harness import terminal
from bench.harness.child import messages
from bench.harness.job import Job
from bench.harness.pin import usable_cpus
from bench.harness.save import NAME, save
from bench.harness.text import count_threads
from bench.sections import SECTIONS, measurements

WITH_PEERS = (
    "epochs",
    "growth",
    "solution",
    "published",
)  # measured with bench.peers, if they are installed
# By default on one and on all CPUs.
ON_ALL_CPUS = ("epochs", "published", "estimators", "shapes", "many")
DTYPES = ("float64", "float32")
# By default in both dtypes.
IN_BOTH = ("exports", "epochs", "published", "functions", "shapes", "many")
ROUNDS, TURN = 11, 0.1
QUICK_ROUNDS, QUICK_TURN = 3, 0.03
BASELINE = "baseline"  # the target for CPUs that nobody measures; not measured by default
SAVE_HELP = (
    "write results.json into a folder for each target, and the report; named SECTIONs replace only "
    "theirs in FOLDER"
)


def parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.split("\n\n")[0])
    sections = f"named before the options; by default all: {', '.join(SECTIONS)}"
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=sections)
    parser.add_argument("--case", nargs="+", metavar="PART", help="only cases whose name has it")
    parser.add_argument("--peer", nargs="+", metavar="PART", help="only peers whose name has it")
    parser.add_argument("--dtype", nargs="+", choices=DTYPES, help="by default as a section needs")
    targets = "CPU targets; by default all but the baseline, with --quick the widest"
    parser.add_argument("--target", nargs="+", metavar="NAME", help=targets)
    parser.add_argument(
        "--threads",
        nargs="+",
        type=int,
        metavar="N",
        help="by default 1, and in some sections all CPUs",
    )
    parser.add_argument("--rounds", type=int, metavar="N", help=f"{ROUNDS} by default")
    parser.add_argument("--quick", action="store_true", help="takes some minutes in all")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help=SAVE_HELP)
    options = parser.parse_args(arguments)
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"SECTION must be one of {', '.join(SECTIONS)}; got {', '.join(unknown)}")
    if options.rounds is not None and options.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {options.rounds}")
    selected = options.case or options.peer or options.dtype or options.threads
    if options.save and selected and any(options.save.glob(f"*/{NAME}")):
        parser.error(
            f"--save with --case, --peer, --dtype or --threads needs a folder without a {NAME}: "
            f"the sections of the run in {options.save} would lose their other entries"
        )
    for threads in options.threads or ():
        if not 1 <= threads <= n_cpus():
            parser.error(f"--threads must be from 1 to {n_cpus()}, the CPUs here; got {threads}")
    return options


def n_cpus():
    return len(usable_cpus() or ()) or os.cpu_count() or 1


def chosen_targets(options):
    """Return the targets to measure, the one with the most instructions first."""
    available = conditions(options)["targets"]
    if unknown := set(options.target or ()) - set(available):
        sys.exit(f"--target must be of {', '.join(available)} here; got {', '.join(unknown)}")
    if options.target:
        return options.target
    found = [name for name in reversed(available) if name != BASELINE] or [BASELINE]
    return found[:1] if options.quick else found


def jobs(options, target):
    """Yield the jobs of a run on one target in their order."""
    for section in options.sections or SECTIONS:
        all_dtypes = section in IN_BOTH and not options.quick
        all_threads = section in ON_ALL_CPUS and not options.quick
        for threads in options.threads or sorted({1, n_cpus()} if all_threads else {1}):
            yield Job(
                section,
                threads,
                target,
                dtypes=tuple(options.dtype or (DTYPES if all_dtypes else DTYPES[:1])),
                rounds=n_rounds(options),
                turn=QUICK_TURN if options.quick else TURN,
                quick=options.quick,
                cases=options.case and tuple(options.case),
                peers=options.peer and tuple(options.peer),
            )


def n_rounds(options):
    return options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)


def run(options, target):
    """Run all jobs on one target, print their results, and return the data of the run."""
    start = time.monotonic()

    def say(text):
        seconds = int(time.monotonic() - start)
        print(f"\n[{seconds // 60}:{seconds % 60:02}] {text}")

    terminal.print_load()
    results = {"conditions": conditions(options, target)}
    results |= {section: [] for section in SECTIONS} | {"start": {}}
    rates, n_ratios, n_wide, failures = {}, 0, 0, []
    terminal.print_conditions(results["conditions"])
    for job in jobs(options, target):
        for kind, data in messages(job, measurements):
            if kind == "begin":
                number, total, label = data
                settings = f"{job.section}, {count_threads(job.threads)}"
                say(f"{settings}, {number} of {total}: {label}")
            elif kind == "failure":
                failures.append(data)
                print(f"  failed: {data}")
            elif job.section == "start":
                results["start"] = data
                terminal.print_start(data)
            else:
                move_rates(data, rates)
                results[job.section].append(data)
                missing = results["conditions"]["missing"] if job.section in WITH_PEERS else {}
                found = terminal.print_entry(data, missing)
                n_ratios, n_wide = n_ratios + found[0], n_wide + found[1]
    if not any(results[section] for section in SECTIONS):
        sys.exit("nothing was measured: no case of these sections has what --case names")
    results["roofline"] = list(rates.values())
    say(f"done; {n_wide} of {n_ratios} ratios spread too wide, {len(failures)} failures")
    for failure in failures:
        print(f"  {failure}")
    return results


def conditions(options, target=None):
    """Return the conditions of the run; a child finds those that need the libraries."""
    found = {"cpus": n_cpus(), "quick": options.quick, "rounds": n_rounds(options)}
    for kind, data in messages(Job("conditions", target=target), measurements):
        if kind == "failure":
            sys.exit(f"the benchmark cannot run here: {data}")
        if kind == "result":
            found |= data
    return found


def move_rates(entry, rates):
    """Move an entry's rates of the roofline to those of its dtype and number of threads."""
    if found := entry.pop("rates", None):
        kind = {"dtype": entry["dtype"], "threads": entry["threads"]}
        kept = rates.setdefault(tuple(kind.values()), kind | {name: [] for name in found})
        for name, values in found.items():
            kept[name] += values


def main(arguments=None):
    options = parse(arguments)
    sys.stdout.reconfigure(line_buffering=True)  # shows each case when it is done, in a file too
    try:
        for target in chosen_targets(options):
            results = run(options, target)
            if options.save:
                save(results, options.save / target, options.sections)
    except KeyboardInterrupt:
        sys.exit("\nstopped; only targets that were finished are saved")
    if options.save:
        from bench import report  # imports libraries, which must wait until all is measured

        report.write(options.save)


if __name__ == "__main__":
    main()
