"""What a child of the benchmark uses; this module imports nothing, since it is imported first."""


def measurements(job):
    return [("instructions", instructions_in_use)]


def instructions_in_use():
    """Return denseloop's target and NumPy's groups of instructions."""
    import numpy as np
    from denseloop import _core

    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return _core.active_target(), found
