"""Values of which each of many networks gets its own."""

from __future__ import annotations  # which help() shows as they are written

from collections.abc import Iterable
from typing import Any

__all__ = ["Each", "each"]


class Each:
    """An option of `train_many` with one value for each network, made by `each`.

    Attributes
    ----------
    values : tuple
    """

    __slots__ = ("values",)

    def __init__(self, values: Iterable[Any]) -> None:
        self.values: tuple[Any, ...] = tuple(values)

    def __repr__(self) -> str:
        return f"each({list(self.values)!r})"


def each(values: Iterable[Any]) -> Each:
    """Mark the values of an option of `train_many` as one for each network.

    Parameters
    ----------
    values : iterable
        As many values as there are networks.

    Returns
    -------
    Each

    Examples
    --------
    >>> import denseloop as dl
    >>> dl.each([0.1, 0.5])
    each([0.1, 0.5])
    """
    return Each(values)
