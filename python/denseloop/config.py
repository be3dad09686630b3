"""What this build is, and what it runs on."""

import platform

import numpy as np

from denseloop import _core, _threads

__all__ = ["show_config"]


def show_config() -> None:
    """Print the version, the CPU targets, the threads by default, and how the core was compiled.

    Examples
    --------
    >>> import denseloop
    >>> denseloop.show_config()  # doctest: +ELLIPSIS
    denseloop: ...
    CPU target: ... (of ...)
    threads: ...
    compiler: ...
    """
    flags = dict(line.split(": ", 1) for line in _core.target_flags.splitlines())
    active = _core.active_target()
    lines = {
        "denseloop": _core.version,
        "CPU target": f"{active} (of {', '.join(_core.available_targets())})",
        "threads": f"{_threads.allowed(None)}, where a batch is large enough",
        "compiler": _core.compiler,
        "flags": _core.compiler_flags,
        "flags of the target": flags.get(active, "").strip() or "none",
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "NumPy": np.__version__,
    }
    for name, value in lines.items():
        print(f"{name}: {value}")
