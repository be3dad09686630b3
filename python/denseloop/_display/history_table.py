"""The course of a training in one line, and as HTML."""

from collections.abc import Mapping

import numpy as np

from denseloop._display.html import heading, table
from denseloop._display.loss_curve import loss_curve, lowest_epoch, number

__all__ = ["history_html", "history_text"]

HEADER = ("", "first", "last", "lowest", "in epoch")


def history_text(curves: Mapping[str, np.ndarray], stopped_by: str) -> str:
    """Return one line about a training.

    Parameters
    ----------
    curves : mapping of str to ndarray, shape (epochs,) each
        Names and losses.
    stopped_by : str

    Returns
    -------
    str

    Examples
    --------
    >>> import numpy as np
    >>> from denseloop._display.history_table import history_text
    >>> history_text({"loss": np.array([0.5, 0.25])}, "epochs")
    "<History: 2 epochs, loss 0.5 to 0.25, stopped_by='epochs'>"
    """
    parts = [_epochs(curves)]
    parts += [
        f"{name} {number(curve[0])} to {number(curve[-1])}"
        for name, curve in curves.items()
        if len(curve)
    ]
    return f"<History: {', '.join(parts)}, stopped_by={stopped_by!r}>"


def history_html(
    curves: Mapping[str, np.ndarray], stopped_by: str, best_epoch: int | None = None
) -> str:
    """Return a table of the losses and their curves, as HTML.

    Parameters
    ----------
    curves, stopped_by
        As for `history_text`.
    best_epoch : int, optional
        Index of the epoch that a circle marks on the last curve.

    Returns
    -------
    str

    Examples
    --------
    >>> import numpy as np
    >>> from denseloop._display.history_table import history_html
    >>> print(history_html({"loss": np.empty(0)}, "callback"))
    <div>
    <p><strong>History</strong> 0 epochs, stopped_by=&#x27;callback&#x27;</p>
    </div>
    """
    parts = [heading("History", [_epochs(curves), f"stopped_by={stopped_by!r}"])]
    if any(map(len, curves.values())):
        names = zip(curves, ("", " (dashed)"))  # as the curves are drawn
        rows = [_row(name + line, curves[name]) for name, line in names]
        parts += [table(HEADER, rows), loss_curve(curves, best_epoch)]
    return "\n".join(["<div>", *parts, "</div>"])


def _epochs(curves):
    epochs = max(map(len, curves.values()))
    return f"{epochs:,} epoch{'' if epochs == 1 else 's'}"


def _row(name, curve):
    lowest = lowest_epoch(curve)
    best = ("none", "") if lowest is None else (number(curve[lowest]), f"{lowest:,}")
    return name, number(curve[0]), number(curve[-1]), *best
