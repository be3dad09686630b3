"""Loss curves as small SVG pictures, without matplotlib."""

from collections.abc import Iterator, Mapping
from html import escape

import numpy as np

__all__ = ["is_wide", "loss_curve", "lowest_epoch", "number"]

# In CSS pixels. The labels stand left of the curve and below it.
WIDTH, HEIGHT = 360, 132
LEFT, RIGHT, TOP, BOTTOM = 72, 10, 8, 22
COLUMNS = 150  # of a curve; each is drawn by its lowest and its highest loss
DECADE = 10.0
DASHES = ("", ' stroke-dasharray="5 3"')


def number(value: float) -> str:
    """Return a loss as text of four digits.

    Examples
    --------
    >>> from denseloop._display.loss_curve import number
    >>> number(0.123456), number(float("inf"))
    ('0.1235', 'inf')
    """
    return f"{value:.4g}"


def lowest_epoch(losses: np.ndarray) -> int | None:
    """Return the index of the lowest finite loss, if there is one.

    Examples
    --------
    >>> import numpy as np
    >>> from denseloop._display.loss_curve import lowest_epoch
    >>> lowest_epoch(np.array([2.0, 1.0, np.nan]))
    1
    """
    finite = np.isfinite(losses)
    return int(np.argmin(np.where(finite, losses, np.inf))) if finite.any() else None


def is_wide(*curves: np.ndarray) -> bool:
    """Return whether losses are shown on a logarithmic scale.

    They are if all finite ones are positive, and the highest is at least ten times the lowest.

    Parameters
    ----------
    *curves : ndarray, shape (epochs,) each

    Returns
    -------
    bool

    Examples
    --------
    >>> import numpy as np
    >>> from denseloop._display.loss_curve import is_wide
    >>> is_wide(np.array([5.0, 0.5])), is_wide(np.array([5.0, 0.0])), is_wide(np.array([5.0, 4.0]))
    (True, False, False)
    """
    finite = _finite(curves)
    if not len(finite) or finite.min() <= 0.0:
        return False
    return bool(finite.max() / DECADE >= finite.min())


def loss_curve(curves: Mapping[str, np.ndarray], best_epoch: int | None = None) -> str:
    """Return a picture of one or two curves over the epochs.

    It is drawn in the color of the text around it. Losses that are not finite leave gaps, and long
    curves are thinned so that peaks stay.

    Parameters
    ----------
    curves : mapping of str to ndarray, shape (epochs,) each
        Names and losses. The second one is dashed.
    best_epoch : int, optional
        Index of the epoch that a circle marks on the last curve.

    Returns
    -------
    str
        An element `svg`, or a paragraph if no loss is finite.

    Examples
    --------
    >>> import numpy as np
    >>> from denseloop._display.loss_curve import loss_curve
    >>> loss_curve({"loss": np.array([np.nan])})
    '<p>No loss is finite.</p>'
    >>> loss_curve({"loss": np.array([3.0, 1.0])})[:4]
    '<svg'
    """
    losses = list(curves.values())
    finite = _finite(losses)
    if not len(finite):
        return "<p>No loss is finite.</p>"
    place = _Place(max(map(len, losses)), finite, is_wide(*losses))
    lines = []
    for curve, dashes in zip(losses, DASHES):
        pieces = list(_pieces(curve, place))
        line = "".join(f"M{'L'.join(piece)}" for piece in pieces if len(piece) > 1)
        dots = "".join(f"M{piece[0]}h0" for piece in pieces if len(piece) == 1)
        lines += [_stroke(line, 1.5, dashes)] if line else []
        lines += [_stroke(dots, 4)] if dots else []
    if best_epoch is not None:
        x, y = place.at(best_epoch, losses[-1][best_epoch])
        lines.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="none" stroke="currentColor"/>')
    parts = [_open(f"{' and '.join(curves)} by epoch"), *_frame(place, finite), *lines, "</svg>"]
    return "\n".join(parts)


class _Place:
    """Where the losses of the epochs lie in the picture."""

    def __init__(self, epochs: int, finite: np.ndarray, logarithmic: bool) -> None:
        self.epochs, self.logarithmic = epochs, logarithmic
        # Divided by the largest, since the span of huge losses may not be finite.
        self._unit = float(np.abs(finite).max()) or 1.0
        heights = self._heights(finite)
        self._low, self._span = heights.min(), np.ptp(heights)

    def _heights(self, losses):
        return np.log10(losses) if self.logarithmic else losses / self._unit

    def at(self, epochs, losses):
        """Return the rounded x and y of some epochs or of one."""
        x_share = epochs / max(self.epochs - 1, 1)
        rise = self._heights(losses) - self._low
        y_share = rise / self._span if self._span else rise + 0.5
        x = LEFT + x_share * (WIDTH - LEFT - RIGHT)
        y = HEIGHT - BOTTOM - y_share * (HEIGHT - TOP - BOTTOM)
        return np.round(x, 1), np.round(y, 1)


def _finite(curves):
    losses = np.concatenate([np.asarray(curve, np.float64) for curve in curves] or [np.empty(0)])
    return losses[np.isfinite(losses)]


def _drawn(losses) -> Iterator[np.ndarray]:
    """Yield the epochs to draw: those of each column, none where no loss is finite."""
    for column in np.array_split(np.arange(len(losses)), min(len(losses), COLUMNS)):
        finite = column[np.isfinite(losses[column])]
        if len(finite):
            ends = {finite[np.argmin(losses[finite])], finite[np.argmax(losses[finite])]}
            yield np.array(sorted(ends))
        else:
            yield finite


def _pieces(losses, place) -> Iterator[list[str]]:
    """Yield the pieces of a curve between its gaps, as the points of a path."""
    piece: list[str] = []
    for epochs in _drawn(losses):
        if not len(epochs) and piece:
            yield piece
            piece = []
        piece += [f"{x:g} {y:g}" for x, y in zip(*place.at(epochs, losses[epochs]))]
    if piece:
        yield piece


def _stroke(commands, width, dashes=""):
    return (
        f'<path d="{commands}" fill="none" stroke="currentColor" stroke-width="{width}" '
        f'stroke-linecap="round" stroke-linejoin="round"{dashes}/>'
    )


def _open(title):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-size="11" fill="currentColor">\n'
        f"<title>{escape(title)}</title>"
    )


def _frame(place, finite):
    """Yield the two axes, and the numbers at their ends."""
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    yield (
        f'<path d="M{LEFT - 4} {TOP}V{floor + 4}H{right}" fill="none" stroke="currentColor" '
        'stroke-opacity="0.4"/>'
    )
    highest, lowest = number(finite.max()), number(finite.min())
    if highest == lowest:
        labels = [(LEFT - 8, (TOP + floor) // 2 + 4, "end", highest)]
    else:
        labels = [(LEFT - 8, TOP + 8, "end", highest), (LEFT - 8, floor, "end", lowest)]
    labels.append((LEFT, HEIGHT - 5, "start", "epoch 0"))
    if place.epochs > 1:
        labels.append((right, HEIGHT - 5, "end", f"{place.epochs - 1:,}"))
    if place.logarithmic:
        labels.append(((LEFT + right) // 2, HEIGHT - 5, "middle", "logarithmic"))
    for x, y, anchor, text in labels:
        yield f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
