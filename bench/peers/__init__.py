"""The contenders: one module or package each, which `load` finds in this folder.

Each has

NAME : str
    For the tables.
LIBRARIES : list of str
    The distributions whose versions the report names.
SLOW : list of str, optional
    Labels of the variants that take too long to compile for a quick run.
variants(case, threads) -> dict of str to callable
    The forms in which it can do the case's work, by a short label; empty if it cannot. The fastest
    correct one is timed. Each is a function ``run(times)`` that starts from the case's parameters
    and trains for `times` epochs, or makes `times` calls. It returns the losses, each from before
    its update, and the final arrays: the weights and then the biases of all layers, or without
    updates their gradients. The first ``run(times)`` compiles whatever is compiled.

A module imports its library at the top; if the library is missing, the peer is left out.
"""

import importlib
import pkgutil


def load():
    """Return the modules in order of their names, and for the others why they cannot be imported.

    Returns
    -------
    found : list of module
    missing : dict of str to str
        The message of the ImportError, by the module's name.
    """
    found, missing = [], {}
    for info in pkgutil.iter_modules(__path__):
        try:
            found.append(importlib.import_module(f"{__name__}.{info.name}"))
        except ImportError as error:
            missing[info.name] = str(error)
    return found, missing


def choose(job):
    """Return the modules of the peers that the job asks for."""
    return [peer for peer in load()[0] if job.has_peer(peer.NAME)]
