"""The machine, the compiler and the versions of the libraries, as plain data."""

import datetime
import os
import platform
from functools import partial
from importlib import metadata

import numpy as np
from denseloop import _core

from bench import peers
from bench.harness.calls import import_if_installed
from bench.harness.instructions import variables
from bench.harness.pin import usable_cpus

FUNCTIONS_LIBRARY = "scipy"  # a contender of functions.py only, so no module of the peers names it


def measurements(job):
    return [("conditions", partial(conditions, job.target))]


def conditions(held_to=None):
    """Return the conditions, without those that the parent process knows.

    `held_to` is the target to whose instructions this process is held, if it is.
    """
    found, missing = peers.load()
    libraries = sorted({name for peer in found for name in peer.LIBRARIES} | {FUNCTIONS_LIBRARY})
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    flags = dict(line.split(": ", 1) for line in _core.target_flags.splitlines())
    target = _core.active_target()
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.platform(),
        "target": target,
        "targets": _core.available_targets(),
        "held": variables(held_to) if held_to else {},
        "instructions": instructions(),
        "compiler": _core.compiler,
        "compiler_flags": f"{_core.compiler_flags} {flags.get(target, '')}".strip(),
        "versions": {"Python": platform.python_version()} | versions(libraries),
        "missing": missing,
        "blas": f"{blas['name']} {blas['version']}",
        "pinned": usable_cpus(),  # this process is pinned as a job on one thread is
    }


def instructions():
    """Return what the libraries say about the instructions that they use, by their names."""
    found = {"NumPy": " ".join(np.show_config(mode="dicts")["SIMD Extensions"].get("found", []))}
    if pools := import_if_installed("threadpoolctl"):
        cores = {
            pool["architecture"]
            for pool in pools.threadpool_info()
            if pool["internal_api"] == "openblas"
        }
        found["OpenBLAS"] = ", ".join(sorted(cores))
    if torch := import_if_installed("torch"):
        found["PyTorch"] = torch.backends.cpu.get_cpu_capability()
    return {name: text or "no more than its baseline" for name, text in found.items()}


def versions(libraries):
    found = {}
    for name in libraries:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            name = next(line for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
    return name.split(": ")[1].strip()
