"""So many threads for every library: must be called before any of them is imported."""

import os


def usable_cpus():
    """The CPUs that this process may use; None where the platform cannot tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def pin(threads):
    """Pins the process to `threads` CPUs, and every library's pool to as many threads."""
    if cpus := usable_cpus():
        os.sched_setaffinity(0, cpus[-threads:])
    for library in ["OPENBLAS", "MKL", "OMP", "NUMBA", "VECLIB_MAXIMUM"]:
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
    # XLA takes its pool's size from the CPUs that it may run on; this is for its matrix products.
    # Vectors of 64 bytes, where there are such, are not its default and 5 to 20 % faster here.
    os.environ["XLA_FLAGS"] = (
        f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()} --xla_cpu_prefer_vector_width=512"
    )
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"  # no pool of compilers that stays behind
    # What an earlier run compiled would make this one's first calls look fast.
    os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
