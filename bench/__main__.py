"""``python -m bench``: what denseloop costs, beside its peers, on this machine.

Every section at every number of threads runs in a process of its own; here are the options, what
is shown of their data, and where it is saved.
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

SECTIONS = ("epochs", "growth", "solution", "functions", "estimators", "start")
WITH_PEERS = ("epochs", "growth", "solution")  # of bench.peers, of which some may be missing
ON_ALL_CPUS = ("epochs", "estimators")  # as well as on one, by default
DTYPES = ("float64", "float32")
IN_BOTH = ("epochs", "functions")  # dtypes, by default
ROUNDS, TURN = 11, 0.1
QUICK_ROUNDS, QUICK_TURN = 3, 0.03
HELP_OF_SAVE = "results.json and the report; SECTIONs alone replace those of the run that is there"


def parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--case", nargs="+", metavar="PART", help="only cases with it in the name")
    parser.add_argument("--peer", nargs="+", metavar="PART", help="only peers with it in the name")
    parser.add_argument("--dtype", nargs="+", choices=DTYPES)
    parser.add_argument("--threads", nargs="+", type=int, metavar="N")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"{ROUNDS} by default")
    parser.add_argument("--quick", action="store_true", help="some minutes in all")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help=HELP_OF_SAVE)
    options = parser.parse_args(arguments)
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"SECTION must be of {', '.join(SECTIONS)}; got {', '.join(unknown)}")
    if options.rounds is not None and options.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {options.rounds}")
    selected = options.case or options.peer or options.dtype or options.threads
    if options.save and selected and (options.save / NAME).exists():
        parser.error(
            f"--save with --case, --peer, --dtype or --threads is for a folder without {NAME}: "
            f"the sections of the run in {options.save} would lose their other entries"
        )
    for threads in options.threads or ():
        if not 1 <= threads <= n_cpus():
            parser.error(f"--threads must be from 1 to {n_cpus()}, the CPUs here; got {threads}")
    return options


def n_cpus():
    return len(usable_cpus() or ()) or os.cpu_count() or 1


def jobs(options):
    """All that is to be done, in order."""
    for section in options.sections or SECTIONS:
        all_dtypes = section in IN_BOTH and not options.quick
        all_threads = section in ON_ALL_CPUS and not options.quick
        for threads in options.threads or sorted({1, n_cpus()} if all_threads else {1}):
            yield Job(
                section,
                threads,
                tuple(options.dtype or (DTYPES if all_dtypes else DTYPES[:1])),
                rounds_of(options),
                QUICK_TURN if options.quick else TURN,
                options.quick,
                options.case and tuple(options.case),
                options.peer and tuple(options.peer),
            )


def rounds_of(options):
    return options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)


def run(options):
    """Runs and shows all jobs. Returns the data of the run."""
    start = time.monotonic()

    def say(text):
        seconds = int(time.monotonic() - start)
        print(f"\n[{seconds // 60}:{seconds % 60:02}] {text}")

    terminal.print_load()
    results = {"conditions": conditions(options)}
    results |= {section: [] for section in SECTIONS} | {"start": {}}
    rates, ratios, wide, failures = {}, 0, 0, []
    terminal.print_conditions(results["conditions"])
    for job in jobs(options):
        for kind, data in messages(job):
            if kind == "point":
                number, total, label = data
                say(
                    f"{job.section}, {terminal.threads_of(vars(job))}, {number} of {total}: {label}"
                )
            elif kind == "failure":
                failures.append(data)
                print(f"  failed: {data}")
            elif job.section == "start":
                results["start"] = data
                terminal.print_start(data)
            else:
                add_rates(rates, data)
                results[job.section].append(data)
                missing = results["conditions"]["missing"] if job.section in WITH_PEERS else {}
                found = terminal.print_entry(data, missing)
                ratios, wide = ratios + found[0], wide + found[1]
    results["roofline"] = list(rates.values())
    say(f"done; {wide} of {ratios} ratios spread too wide, {len(failures)} failures")
    for failure in failures:
        print(f"  {failure}")
    return results


def conditions(options):
    """Of the run; what only the libraries know, a child tells."""
    found = {"cpus": n_cpus(), "quick": options.quick, "rounds": rounds_of(options)}
    for kind, data in messages(Job("conditions")):
        if kind == "failure":
            sys.exit(f"the benchmark cannot run here: {data}")
        if kind == "result":
            found |= data
    return found


def add_rates(rates, entry):
    """Moves an entry's rates of the roofline to those of all entries of its kind."""
    if found := entry.pop("rates", None):
        kind = {"dtype": entry["dtype"], "threads": entry["threads"]}
        kept = rates.setdefault(tuple(kind.values()), kind | {name: [] for name in found})
        for name, values in found.items():
            kept[name] += values


def main(arguments=None):
    options = parse(arguments)
    sys.stdout.reconfigure(line_buffering=True)  # each case when it is done, also into a file
    try:
        results = run(options)
    except KeyboardInterrupt:
        sys.exit("\nstopped; nothing is saved")
    if options.save:
        from bench import report  # which imports libraries, when all is measured

        save(results, options.save, options.sections)
        report.write(options.save)


if __name__ == "__main__":
    main()
