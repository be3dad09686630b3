"""So many threads for every library: must be called before any of them is imported."""

import os


def pin(threads):
    """Pins the process to `threads` CPUs, and every library's pool to as many threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
    for library in ["OPENBLAS", "MKL", "OMP", "NUMBA", "VECLIB_MAXIMUM"]:
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
    # XLA takes its pool's size from the CPUs that it may run on; this is for its matrix products.
    # Vectors of 64 bytes, where there are such, are not its default and 5 to 20 % faster here.
    os.environ["XLA_FLAGS"] = (
        f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()} --xla_cpu_prefer_vector_width=512"
    )
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"  # no pool of compilers that stays behind
