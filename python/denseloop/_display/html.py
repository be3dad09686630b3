"""Small pieces of HTML, which take the colors and fonts of the page around them."""

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["heading", "table"]


def heading(title: str, facts: Iterable[str]) -> str:
    """Return a paragraph: the title in bold, then the facts.

    Examples
    --------
    >>> from denseloop._display.html import heading
    >>> heading("Network", ["1-1", "loss < 0.1"])
    '<p><strong>Network</strong> 1-1, loss &lt; 0.1</p>'
    """
    return f"<p><strong>{escape(title)}</strong> {escape(', '.join(facts))}</p>"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, whose first column has the names of the rows.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : iterable of sequence of str
        Texts, which are escaped.

    Returns
    -------
    str

    Examples
    --------
    >>> from denseloop._display.html import table
    >>> print(table(["layer", "parameters"], [["1", "12"]]))
    <table>
    <thead><tr><th scope="col">layer</th><th scope="col">parameters</th></tr></thead>
    <tbody>
    <tr><th scope="row">1</th><td>12</td></tr>
    </tbody>
    </table>
    """
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "\n".join(_row(*texts) for texts in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _row(name, *texts):
    cells = "".join(f"<td>{escape(text)}</td>" for text in texts)
    return f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
