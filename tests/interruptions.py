"""Interrupts a call at a chosen bytecode, as a signal might."""

import dis
import sys
from pathlib import Path

import denseloop

# CPython looks for no signal there, and an exception would leave the handled one behind for ever.
HANDLING = {dis.opmap[name] for name in ("PUSH_EXC_INFO", "POP_EXCEPT")}
PACKAGE = str(Path(denseloop.__file__).parent)


class Interruption:
    """Raises KeyboardInterrupt at bytecode number `at` of the package's Python, counted from 0."""

    def __init__(self, at):
        self.left = at
        self.happened = False

    def __call__(self, frame, event, argument):
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and frame.f_code.co_code[frame.f_lasti] not in HANDLING:
            self.left -= 1
            if self.left < 0:
                sys.settrace(None)
                self.happened = True
                raise KeyboardInterrupt
        return self


def interrupted(at, call, *arguments, **options):
    """Call with an interruption; return whether there was one."""
    interruption = Interruption(at)
    sys.settrace(interruption)
    try:
        call(*arguments, **options)
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(None)
    return interruption.happened
