"""How many threads a call may use."""

import os
import sys
import threading
from contextlib import contextmanager
from functools import cache
from math import ceil, inf
from pathlib import Path

from denseloop import _checks

MOST = 1024  # more threads help no machine

_own = threading.local()  # its `limit`, of calls in this thread


def allowed(num_threads: int | None, shared: bool = True) -> int:
    """Return `num_threads`, or by default the number that this process may keep busy.

    It is 1 where the work is not `shared`, since asking takes as long as a small network.

    The default is the least of the CPUs it is bound to, the quota of its control group,
    OMP_NUM_THREADS, and a limit by threadpoolctl; in a worker of joblib or Dask it is 1, unless
    that is a process which was given more.
    """
    if num_threads is not None:
        return min(_checks.whole_number("num_threads", num_threads, 1), MOST)
    if not shared:
        return 1
    return 1 if is_nested() else within_limit()


def within_limit() -> int:
    """Return the number that this process may keep busy, within the calling thread's limit."""
    return min(granted(), getattr(_own, "limit", inf))


def limit_this_thread(number: int) -> None:
    """Let calls in this thread take no more by default; what is no limit ends an earlier one."""
    _own.limit = number if number < granted() else inf


@contextmanager
def limited_to(number: int):
    """Let calls in this thread take at most so many by default: others work beside it."""
    before = getattr(_own, "limit", inf)
    _own.limit = min(before, number)
    try:
        yield
    finally:
        _own.limit = before


def granted():
    """Return the number that the system and the environment allow."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return min(count, quota(), openmp() or inf)


def openmp():
    """Return OMP_NUM_THREADS, by which joblib and Dask divide a machine, or None."""
    # A list has one number per nested level of parallelism; ours is the first.
    number = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(number) if number.isdecimal() and int(number) > 0 else None


def is_nested():
    """Return whether this thread works for joblib or Dask beside others, which take the CPUs.

    A worker process that has OMP_NUM_THREADS was given a share of its own.
    """
    active_backend = imported("joblib.parallel", "get_active_backend")
    get_worker = imported("distributed.worker", "get_worker")
    if active_backend is not None and active_backend()[0].nesting_level:
        is_process = threading.current_thread() is threading.main_thread()
    elif get_worker is not None:
        try:
            is_process = get_worker().nanny is not None
        except ValueError:  # no task of Dask's
            return False
    else:
        return False
    return not (is_process and openmp())


def imported(module, name):
    """Return what a module has by a name; None if nobody has imported it, or not to its end."""
    return getattr(sys.modules.get(module), name, None)


@cache
def quota() -> float:
    """Return the CPUs that this process's control group grants, or infinity without a limit."""
    try:
        groups = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except (OSError, ValueError):
        return inf
    root, quotas = Path("/sys/fs/cgroup"), [inf]
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
        return inf


def granted_v1(folder):
    try:
        return cpus(*((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period")))
    except (OSError, ValueError):
        return inf


def cpus(granted, period):
    """Return the CPUs of a quota in microseconds per period; a negative quota is no limit."""
    return max(1, ceil(int(granted) / int(period))) if int(granted) > 0 else inf
