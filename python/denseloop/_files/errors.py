"""What is raised for a file that is not as it must be."""

__all__ = ["FileError"]


class FileError(ValueError):
    """A file is damaged, of another format, or of a newer version; the message says where."""

    def __init__(self, path: object, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
