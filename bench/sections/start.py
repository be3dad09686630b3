"""What a library costs at the start: its import, its first call and its memory."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.sections.first_call import LIBRARIES

PROGRAM = Path(__file__).with_name("first_call.py")
ROUNDS = 5
BARE = ""  # the interpreter without a library


def measurements(job):
    """Return one measurement: all libraries, round by round."""
    names = [name for name in LIBRARIES if name == BARE or job.has_peer(name)]
    rounds = 1 if job.quick else min(ROUNDS, job.rounds)
    return [(", ".join(filter(None, names)), partial(measure_starts, names, rounds))]


def measure_starts(names, rounds):
    """Return for each installed library its seconds, and its bytes beyond the bare interpreter's.

    Each is a list with an item for every round.
    """
    found = {name: [] for name in names}
    for _ in range(rounds):
        for name in list(found):
            if cost := run_first_call(name):
                found[name].append(cost)
            else:
                del found[name]
    bare = found.pop(BARE)
    return {
        name: {
            "import": [cost["import"] for cost in costs],
            "first_call": [cost["first_call"] for cost in costs],
            "memory": [cost["memory"] - b["memory"] for cost, b in zip(costs, bare)],
        }
        for name, costs in found.items()
    }


def run_first_call(name):
    """Return what first_call.py prints in a fresh interpreter; None if the library is missing."""
    done = subprocess.run([sys.executable, "-P", PROGRAM, name], capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout)
    if "ModuleNotFoundError" in done.stderr:
        return None
    raise RuntimeError(f"first_call.py {name}: {done.stderr.strip().splitlines()[-1]}")
