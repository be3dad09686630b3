"""What a library costs before it has done anything: its import, its first call, its memory."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.sections.first_call import LIBRARIES

PROGRAM = Path(__file__).with_name("first_call.py")
ROUNDS = 5
BARE = ""


def points(job):
    """One: all libraries, round by round."""
    names = [name for name in LIBRARIES if name == BARE or job.has_peer(name)]
    rounds = 1 if job.quick else min(ROUNDS, job.rounds)
    return [(", ".join(filter(None, names)), partial(measure, names, rounds))]


def measure(names, rounds):
    """By library: lists of seconds and of bytes above the bare interpreter's, an item a round.

    A library that is not installed is left out.
    """
    found = {name: [] for name in names}
    for _ in range(rounds):
        for name in list(found):
            if cost := once(name):
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


def once(name):
    """What first_call.py prints, run in a fresh interpreter; None if the library is missing."""
    done = subprocess.run([sys.executable, "-P", PROGRAM, name], capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout)
    if "ModuleNotFoundError" in done.stderr:
        return None
    raise RuntimeError(f"first_call.py {name}: {done.stderr.strip().splitlines()[-1]}")
