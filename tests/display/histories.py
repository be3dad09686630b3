"""Histories of all kinds, and how their HTML is read."""

from xml.etree import ElementTree

import numpy as np
from denseloop import History

SVG = "{http://www.w3.org/2000/svg}"
FALLING = np.geomspace(100.0, 0.01, 50)
TURNING = 1.0 + (np.arange(50) - 20.0) ** 2  # lowest in epoch 20

HISTORIES = {
    "no epochs": History(np.empty(0)),
    "no epochs, validated": History(np.empty(0), np.empty(0), stopped_by="interrupt"),
    "one epoch": History(np.array([0.5])),
    "falling": History(FALLING),
    "validated": History(FALLING, TURNING),
    "constant": History(np.full(5, 0.25)),
    "zeros": History(np.zeros(5)),
    "negative": History(np.linspace(3.0, -2.0, 20)),
    "some not finite": History(np.array([np.nan, 2.0, np.inf, 1.0, 0.5, -np.inf, np.nan])),
    "none finite": History(np.array([np.nan, np.inf, -np.inf]), stopped_by="divergence"),
    "no validation finite": History(FALLING, np.full(50, np.nan)),
    "huge": History(np.array([1e308, -1e308, 1e308])),
    "tiny": History(np.array([5e-324, 1e-323, 0.0])),
    "float32": History(FALLING.astype(np.float32), FALLING.astype(np.float32)),
    "very long": History(np.random.default_rng(0).random(300_000), np.ones(300_000)),
}


def parsed(html):
    """Return the root of HTML that is also XML."""
    return ElementTree.fromstring(html)


def texts(html):
    """Return the texts of all elements, in order."""
    return [text.strip() for text in parsed(html).itertext() if text.strip()]


def cells(html):
    """Return the rows of the only table."""
    (table,) = parsed(html).iter("table")
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def curves(html):
    """Return for each curve its pieces, lists of (x, y): the line's, then single dots."""
    found = []
    for path in list(parsed(html).iter(f"{SVG}path"))[1:]:  # the first are the axes
        pieces = path.get("d").removesuffix("h0").replace("h0M", "M").split("M")[1:]
        pieces = [[tuple(map(float, at.split())) for at in piece.split("L")] for piece in pieces]
        if all(len(piece) == 1 for piece in pieces) and found:
            found[-1] += pieces
        else:
            found.append(pieces)
    return found
