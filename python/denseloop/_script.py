"""A Python program, run as Python itself would run it."""

import os
import runpy
import sys


def run(path, arguments):
    """Run the script as ``__main__``; what it raises is raised.

    Where nothing catches that, its traceback begins in the script.
    """
    path = os.path.abspath(path)  # as Python makes it, so that a change of folder does not matter
    sys.argv = [path, *arguments]
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    try:
        runpy.run_path(path, run_name="__main__")
    except BaseException as error:
        hook, traceback = sys.excepthook, error.__traceback__
        while traceback and traceback.tb_frame.f_code.co_filename in _OURS:
            traceback = traceback.tb_next
        sys.excepthook = lambda kind, error, _: hook(
            kind, error.with_traceback(traceback), traceback
        )
        raise


_OURS = {run.__code__.co_filename, runpy.run_path.__code__.co_filename}
