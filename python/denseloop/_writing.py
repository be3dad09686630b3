"""Files that are written whole or not at all."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_file(path, parts):
    """Write a file, in the place of one of this name if there is one.

    A crash, or an error, leaves the old file as it was.

    Parameters
    ----------
    path : str or os.PathLike
    parts : iterable of bytes-like
        What the file shall have, one after another.
    """
    path = Path(os.fspath(path))
    if path.exists() and not path.is_file():
        raise OSError(f"{str(path)!r} is no regular file, and cannot be replaced by one")
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(descriptor)
        os.chmod(name, _mode_of(path))
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _mode_of(path):
    """Return the rights of the file that is replaced, or those of a new one."""
    with suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
