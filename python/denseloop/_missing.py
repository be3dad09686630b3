"""What to say when a package is missing that a part of denseloop needs."""


def missing(part: str, package: str, error: ImportError) -> ImportError:
    """Return the error to raise instead of `error`.

    It names the package and not an extra of denseloop, whose installation takes another command in
    a checkout than with a package index.

    Parameters
    ----------
    part : str
        What needs the package.
    package : str
        Name of the package for pip.
    error : ImportError
        The error of its import.

    Returns
    -------
    ImportError

    Examples
    --------
    >>> from denseloop._missing import missing
    >>> str(missing("LBFGS", "scipy", ImportError("No module named 'scipy'")))
    "LBFGS needs scipy: pip install scipy (No module named 'scipy')"
    """
    return ImportError(f"{part} needs {package}: pip install {package} ({error})")
