"""The contenders, a module or package each; a new one is found by lying here.

Each has

NAME : str
    For the table.
LIBRARIES : list of str
    The distributions whose versions the table names.
variants(case, threads) -> dict of str to callable
    The ways in which it can do the case's work, by a short label; empty where it cannot. The
    fastest correct one is timed. A way is a function ``run(times)`` that starts from the case's
    parameters, trains for so many epochs (or makes so many calls) and returns the loss of each,
    before its update, and the arrays of the end: the weights and then the biases of all layers, or
    without updates their gradients. Whatever is compiled is compiled by the first ``run(times)``.

It imports its library at its head: where that is missing the peer is absent. Labels of variants
that a quick run has no time to compile are in SLOW, if it has such.
"""

import importlib
import pkgutil


def load():
    """The modules in order of their names, and for those that miss a library its name."""
    found, missing = [], {}
    for info in pkgutil.iter_modules(__path__):
        try:
            found.append(importlib.import_module(f"{__name__}.{info.name}"))
        except ImportError as error:
            missing[info.name] = str(error)
    return found, missing


def chosen(job):
    """The modules whose peers the job asks for."""
    return [peer for peer in load()[0] if job.has_peer(peer.NAME)]
