"""How many threads a call may use."""

import os
from functools import cache
from math import ceil
from pathlib import Path

from denseloop import _checks


def allowed(num_threads: int | None) -> int:
    """`num_threads`, or by default as many as this process may keep busy.

    That is the least of the CPUs it is bound to, the quota of its control group, and
    OMP_NUM_THREADS, by which joblib and other libraries share a machine out.
    """
    if num_threads is not None:
        return _checks.whole_number("num_threads", num_threads, 1)
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    # A list is for nested levels of parallelism, the first being this one.
    openmp = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    limits = [count, quota()]
    if openmp.isdecimal() and int(openmp) > 0:
        limits.append(int(openmp))
    return min(limits)


@cache
def quota() -> float:
    """CPUs that the control group of this process grants, infinity where nothing limits them."""
    try:
        group = Path("/proc/self/cgroup").read_text().splitlines()[-1].split(":")[2].lstrip("/")
    except (OSError, IndexError):
        return float("inf")
    root = Path("/sys/fs/cgroup")
    quotas = [float("inf")]
    for folder in (root / group, *(root / group).parents):
        if root not in (folder, *folder.parents):
            break
        try:  # version 2: "max 100000" or "150000 100000"
            granted, period = (folder / "cpu.max").read_text().split()
        except (OSError, ValueError):
            continue
        if granted != "max":
            quotas.append(max(1, ceil(int(granted) / int(period))))
    try:  # version 1
        granted = int((root / "cpu" / "cpu.cfs_quota_us").read_text())
        period = int((root / "cpu" / "cpu.cfs_period_us").read_text())
        if granted > 0:
            quotas.append(max(1, ceil(granted / period)))
    except (OSError, ValueError):
        pass
    return min(quotas)
