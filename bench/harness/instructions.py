"""Holds every library to the instructions of one CPU target of denseloop.

Each library chooses its code when it is imported, by the CPU that it finds. On a CPU with AVX-512
it would otherwise use that against denseloop's AVX2. OpenBLAS and PyTorch take orders that the CPU
cannot carry out, so only targets that denseloop finds on this machine may be held.
"""

import os

# NumPy's groups of instructions beyond AVX2; those before version 2.4 have other names.
NUMPY_AVX512 = (
    "X86_V4 AVX512_ICL AVX512_SPR AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL "
    "AVX512_KNL AVX512_KNM"
)

# Environment variables by target. For another target every library chooses for itself.
HELD = {
    "avx2": {
        "OPENBLAS_CORETYPE": "Haswell",  # NumPy's and SciPy's OpenBLAS have no other AVX2 kernels
        "NPY_DISABLE_CPU_FEATURES": NUMPY_AVX512,
        "NUMBA_CPU_FEATURES": "-avx512f",  # the CPU's others stay, and so does its schedule
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "TORCHINDUCTOR_CPP_MARCH": "x86-64-v3",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",  # Intel documents that AMD's CPUs ignore it
    },
    "avx512": {
        "OPENBLAS_CORETYPE": "SkylakeX",
        # Vectors of 64 bytes are not XLA's default, but 5 to 20 % faster.
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX512 --xla_cpu_prefer_vector_width=512",
        "ATEN_CPU_CAPABILITY": "avx512",
        "ONEDNN_MAX_CPU_ISA": "AVX512_CORE",
        "MKL_ENABLE_INSTRUCTIONS": "AVX512",
    },
}

# What each variable holds, for the report.
HOLDS = {
    "OPENBLAS_CORETYPE": "OpenBLAS, in NumPy, SciPy, Numba's products and scikit-learn",
    "NPY_DISABLE_CPU_FEATURES": "NumPy's own loops",
    "NUMBA_CPU_FEATURES": "Numba's compiler",
    "XLA_FLAGS": "JAX's compiler",
    "ATEN_CPU_CAPABILITY": "PyTorch's own kernels, and the vectors of its compiler",
    "TORCHINDUCTOR_CPP_MARCH": "the C++ compiler behind PyTorch's",
    "ONEDNN_MAX_CPU_ISA": "PyTorch's oneDNN",
    "MKL_ENABLE_INSTRUCTIONS": "PyTorch's MKL, on Intel's CPUs",
    "DENSELOOP_TARGET": "denseloop",
}


def variables(target):
    """Return the environment variables that hold the libraries to a target."""
    return HELD.get(target, {}) | {"DENSELOOP_TARGET": target}


def hold(target):
    """Hold this process and its children to a target.

    Call it after `pin` and before any of the libraries is imported. What the caller's environment
    said about instructions no longer counts.
    """
    for name in HOLDS.keys() - {"XLA_FLAGS"}:
        os.environ.pop(name, None)
    chosen = variables(target)
    flags = [os.environ.get("XLA_FLAGS", ""), chosen.get("XLA_FLAGS", "")]
    os.environ.update(chosen | {"XLA_FLAGS": " ".join(filter(None, flags))})
