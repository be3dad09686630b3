"""Runs a Python program the way Python itself does."""

import importlib.util
import io
import os
import pkgutil
import sys
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from types import ModuleType


def run(program, arguments, *, is_module=False):
    """Run the program as ``__main__``, and let its exceptions through.

    The traceback of an uncaught exception begins in the program.

    Parameters
    ----------
    program : str
        File, or folder or zip archive with a ``__main__.py``; or the name of a module.
    arguments : list of str
    is_module : bool, default False
        Whether `program` is the name of a module or package, as after ``python -m``.

    Raises
    ------
    ProgramNotFound
        If there is no such program.
    """
    try:
        if is_module:
            main, code = _find_module(program)
            sys.argv = [main.__file__, *arguments]
        else:
            sys.argv = [program, *arguments]
            main, code = _find_in_archive(program) or _read_script(program)
        sys.modules["__main__"] = main
        exec(code, vars(main))
    except BaseException as error:
        hook, traceback = sys.excepthook, error.__traceback__
        while traceback and traceback.tb_frame.f_code.co_filename == __file__:
            traceback = traceback.tb_next
        sys.excepthook = lambda kind, error, _: hook(
            kind, error.with_traceback(traceback), traceback
        )
        raise


class ProgramNotFound(Exception):
    """There is no such program; `status` is the exit status of the process."""

    def __init__(self, message, status):
        super().__init__(message)
        self.status = status


def _read_script(path):
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    full_path = os.path.abspath(path)  # Python's __file__ is absolute, too
    try:
        if path.endswith(".pyc"):
            loader = SourcelessFileLoader("__main__", full_path)
            return _main(loader, full_path), loader.get_code("__main__")
        with io.open_code(full_path) as file:  # only once: it may be a pipe
            source = file.read()
    except OSError as error:
        reason = f"[Errno {error.errno}] {error.strerror}"
        raise ProgramNotFound(f"can't open file {path!r}: {reason}", 2) from None
    main = _main(SourceFileLoader("__main__", full_path), full_path)
    return main, compile(source, full_path, "exec", dont_inherit=True)


def _find_in_archive(path):
    """Return the main module of a folder or zip archive, or None if `path` is neither."""
    path = os.path.join(os.getcwd(), path)
    finder = pkgutil.get_importer(path)
    if finder is None:
        return None
    sys.path[:] = [path, *sys.path[0 if sys.flags.safe_path else 1 :]]
    spec = finder.find_spec("__main__")
    if spec is None or spec.loader is None:
        raise ProgramNotFound(f"can't find '__main__' module in {path!r}", 1)
    return _of_spec(spec)


def _find_module(name):
    """Return a module, or the module ``__main__`` of a package."""
    if not sys.flags.safe_path:
        sys.path[0] = os.getcwd()
    sys.argv = ["-m"]  # while the package is imported
    spec = None if name.startswith(".") else _spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        package, spec = spec, _spec(f"{name}.__main__")
        if spec is None:
            raise ProgramNotFound(
                f"No module named {name}.__main__; {package.name!r} is a package and cannot be "
                f"directly executed",
                1,
            )
    if spec is None:
        raise ProgramNotFound(f"No module named {name}", 1)
    return _of_spec(spec)


def _spec(name):
    """Return the spec of a module, or None; an error of a package that it is in passes through."""
    try:
        return importlib.util.find_spec(name)
    except ImportError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
    except (AttributeError, TypeError, ValueError):
        pass
    return None


def _of_spec(spec):
    main = _main(spec.loader, spec.origin, spec)
    code = spec.loader.get_code(spec.name) if hasattr(spec.loader, "get_code") else None
    if code is None:
        raise ProgramNotFound(f"No code object available for {spec.name}", 1)
    return main, code


def _main(loader, path, spec=None):
    main = ModuleType("__main__")
    main.__file__, main.__loader__, main.__spec__ = path, loader, spec
    main.__cached__ = spec and spec.cached
    if spec is not None:
        main.__package__ = spec.parent
    main.__builtins__ = sys.modules["builtins"]
    return main
