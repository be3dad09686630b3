"""The layers of a network as a table."""

from collections.abc import Iterator, Sequence

from denseloop._display.html import table

__all__ = ["layers_html", "layers_text", "n_parameters"]

HEADER = ("layer", "activation", "weights", "biases", "parameters")
NUMERIC = (True, False, False, False, True)


def n_parameters(layer_sizes: Sequence[int], bias: bool) -> int:
    """Return how many parameters a network has.

    Examples
    --------
    >>> from denseloop._display.layers_table import n_parameters
    >>> n_parameters([2, 4, 1], bias=True)
    17
    """
    return sum((fan_in + bias) * fan_out for fan_in, fan_out in zip(layer_sizes, layer_sizes[1:]))


def layers_text(layer_sizes: Sequence[int], bias: bool, activations: Sequence[object]) -> str:
    """Return the table as text, with a line of the total.

    Parameters
    ----------
    layer_sizes : sequence of int
        Inputs, hidden widths and outputs.
    bias : bool
        Whether the layers have biases.
    activations : sequence of str or LeakyReLU
        One for each layer but the inputs.

    Returns
    -------
    str

    Examples
    --------
    >>> from denseloop._display.layers_table import layers_text
    >>> print(layers_text([2, 1], False, ["sigmoid"]))
    layer  activation  weights  biases  parameters
    -----  ----------  -------  ------  ----------
        1  sigmoid     (2, 1)   none             2
    -----  ----------  -------  ------  ----------
    total                                        2
    """
    rows = list(_rows(layer_sizes, bias, activations))
    total = ("total", "", "", "", _count(n_parameters(layer_sizes, bias)))
    widths = [max(map(len, column)) for column in zip(HEADER, *rows, total)]
    rule = ["-" * width for width in widths]
    lines = []
    for row in (HEADER, rule, *rows, rule, total):
        cells = [
            text.rjust(width) if numeric else text.ljust(width)
            for text, width, numeric in zip(row, widths, NUMERIC)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def layers_html(layer_sizes: Sequence[int], bias: bool, activations: Sequence[object]) -> str:
    """Return the table as HTML, for the arguments of `layers_text`.

    Examples
    --------
    >>> from denseloop._display.layers_table import layers_html
    >>> "<td>(2, 1)</td>" in layers_html([2, 1], False, ["sigmoid"])
    True
    """
    return table(HEADER, _rows(layer_sizes, bias, activations))


def _rows(layer_sizes, bias, activations) -> Iterator[tuple[str, ...]]:
    shapes = zip(layer_sizes, layer_sizes[1:])
    for number, ((fan_in, fan_out), activation) in enumerate(zip(shapes, activations), 1):
        biases = f"({fan_out},)" if bias else "none"
        count = _count((fan_in + bias) * fan_out)
        yield str(number), str(activation), f"({fan_in}, {fan_out})", biases, count


def _count(number):
    return f"{number:,}"
