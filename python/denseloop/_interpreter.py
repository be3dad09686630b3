"""Refuses a subinterpreter, in which importing the core would wait for ever."""

import sys

if sys.version_info < (3, 12):  # later ones refuse by themselves
    try:
        import _xxsubinterpreters as _interpreters
    except ImportError:  # then there are none
        _interpreters = None
    if _interpreters and _interpreters.get_current() != _interpreters.get_main():
        raise ImportError("denseloop works in the main interpreter of a process alone")
