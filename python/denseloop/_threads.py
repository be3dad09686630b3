"""How many threads a call may use."""

import os
import threading
from contextlib import contextmanager
from functools import cache
from math import ceil
from pathlib import Path

from denseloop import _checks

MOST = 1024  # more threads help no machine


class Limit(threading.local):
    """The largest default number of the calls that a thread makes."""

    threads = MOST


limit = Limit()


@contextmanager
def limited_to(threads: int):
    """Let the calls of this thread take at most so many threads by default.

    It is for a thread beside which others train, so that they share the machine.
    """
    before, limit.threads = limit.threads, threads
    try:
        yield
    finally:
        limit.threads = before


def allowed(num_threads: int | None, shared: bool = True) -> int:
    """Return `num_threads`, or by default the number that this process may keep busy.

    It is 1 where the work is not `shared`, since asking takes as long as a small network.

    The default is the least of the CPUs it is bound to, the quota of its control group,
    OMP_NUM_THREADS, by which joblib and other libraries divide a machine, and the number that this
    thread is `limited_to`.
    """
    if num_threads is not None:
        return min(_checks.whole_number("num_threads", num_threads, 1), MOST)
    if not shared:
        return 1
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    # A list has one number per nested level of parallelism; ours is the first.
    openmp = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    limits = [count, quota(), limit.threads]
    if openmp.isdecimal() and int(openmp) > 0:
        limits.append(int(openmp))
    return min(limits)


@cache
def quota() -> float:
    """Return the CPUs that this process's control group grants, or infinity without a limit."""
    try:
        groups = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except (OSError, ValueError):
        return float("inf")
    root, quotas = Path("/sys/fs/cgroup"), [float("inf")]
    for _, controllers, group in groups:
        if not controllers:  # version 2
            quotas += [granted_v2(folder) for folder in upwards(root, group)]
        elif "cpu" in controllers.split(","):  # version 1
            quotas += [granted_v1(folder) for folder in upwards(root / "cpu", group)]
    return min(quotas)


def upwards(root, group):
    """Return the folders of a control group and of its parents."""
    folder = root / group.lstrip("/")
    return [each for each in (folder, *folder.parents) if each.is_relative_to(root)]


def granted_v2(folder):
    """Read cpu.max, which is like "max 100000" or "150000 100000"."""
    try:
        return cpus(*(folder / "cpu.max").read_text().split())
    except (OSError, TypeError, ValueError):
        return float("inf")


def granted_v1(folder):
    try:
        return cpus(*((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period")))
    except (OSError, ValueError):
        return float("inf")


def cpus(granted, period):
    """Return the CPUs of a quota in microseconds per period; a negative quota is no limit."""
    return max(1, ceil(int(granted) / int(period))) if int(granted) > 0 else float("inf")
