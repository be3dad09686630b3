"""What is raised for a file that is not as it must be."""

__all__ = ["FileError"]


class FileError(ValueError):
    """A file is damaged, of another format, or of a newer version; the message says where.

    Examples
    --------
    >>> import denseloop as dl
    >>> dl.load(dl.__file__)
    Traceback (most recent call last):
    denseloop.FileError: ...: the length of the header, at byte 0, must be at most ...
    """

    __module__ = "denseloop"

    def __init__(self, path: object, problem: str) -> None:
        super().__init__(str(path), problem)  # which a pickle gives back

    def __str__(self) -> str:
        return ": ".join(self.args)
