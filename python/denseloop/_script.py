"""Runs a Python program the way Python itself does."""

import io
import os
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType


def run(path, arguments):
    """Run the script as ``__main__``, and let its exceptions through.

    The traceback of an uncaught exception begins in the script.
    """
    sys.argv = [path, *arguments]
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    path = os.path.abspath(path)  # Python's __file__ is absolute, too
    main = ModuleType("__main__")
    main.__file__, main.__cached__ = path, None
    main.__loader__ = SourceFileLoader("__main__", path)
    main.__builtins__ = sys.modules["builtins"]
    sys.modules["__main__"] = main
    try:
        with io.open_code(path) as file:
            source = file.read()
        exec(compile(source, path, "exec", dont_inherit=True), vars(main))
    except BaseException as error:
        hook, traceback = sys.excepthook, error.__traceback__
        while traceback and traceback.tb_frame.f_code is run.__code__:
            traceback = traceback.tb_next
        sys.excepthook = lambda kind, error, _: hook(
            kind, error.with_traceback(traceback), traceback
        )
        raise
