"""Limits every library to the same number of threads."""

import os


def usable_cpus():
    """Return the CPUs that this process may use; None where the platform cannot tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def pin(threads):
    """Pin the process to `threads` CPUs, and set every library's thread pool to that size.

    Call it before any of the libraries is imported: they read these settings at import.
    """
    if cpus := usable_cpus():
        os.sched_setaffinity(0, cpus[-threads:])
    for library in ["OPENBLAS", "MKL", "OMP", "NUMBA", "VECLIB_MAXIMUM"]:
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
    # XLA sizes its pool by the usable CPUs; the flag is for its matrix products.
    os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}"
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"  # its pool of compilers would stay behind
    # Compiled code kept from an earlier run would make the first calls look fast.
    os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
