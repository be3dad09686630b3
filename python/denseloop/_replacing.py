"""Writing a file as a whole: whatever happens, the path has the old file or the new one."""

import errno
import os
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress

DEFAULT_MODE = 0o666  # from which the system takes the process's umask


def replace_file(path: str | os.PathLike[str], parts: Iterable[bytes | memoryview]) -> None:
    """Write the parts, one after the other, to a new file that then gets the name `path`.

    The new file lies in the same folder under a temporary name until it is on the disk. A symbolic
    link stays one: what it leads to is replaced. The new file has the old one's permissions.

    Raises
    ------
    OSError
        If the file cannot be written. The old one is unchanged then, and the new one is removed.
    """
    path = os.fsdecode(path)
    target = os.path.realpath(path)
    mode = _mode_of(target)
    temporary = os.path.join(os.path.dirname(target), f".denseloop-{secrets.token_hex(8)}.tmp")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with open(os.open(temporary, flags, DEFAULT_MODE), "wb") as file:
            if mode is not None:
                os.chmod(file.fileno(), mode)
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        reason = os.strerror(error.errno or 0)  # which every error of the system has
        problem = f"{reason}, so nothing has changed"
        if not os.path.isdir(os.path.dirname(target)):
            problem = f"{reason}: its folder is missing"
        raise OSError(error.errno, problem, path) from error
    finally:
        with suppress(OSError):  # after the renaming there is none
            os.unlink(temporary)
    _sync_folder(os.path.dirname(target))


def _mode_of(target):
    """Return the permissions of an old file that may be replaced, None without one."""
    try:
        mode = os.stat(target).st_mode
    except OSError:  # which is said when the new file is made
        return None
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        problem = f"expected the path of a file to write, got {kind}"
        raise OSError(errno.EINVAL, problem, target)
    if not os.access(target, os.W_OK):
        problem = "expected a file that may be written, got a read-only one"
        raise PermissionError(errno.EACCES, problem, target)
    return stat.S_IMODE(mode)


def _sync_folder(folder):
    """Put the new name on the disk, where the system can do so for a folder."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
