"""The layers of a network as a table."""

from collections.abc import Iterator, Sequence

from denseloop._display.html import table
from denseloop.activations import Activation
from denseloop.parameters import core_layout

__all__ = ["layers_html", "layers_text", "n_parameters"]

HEADER = ("layer", "activation", "weights", "biases", "parameters")
NUMERIC = (True, False, False, False, True)


def n_parameters(layer_sizes: Sequence[int], bias: bool, activations: Sequence[Activation]) -> int:
    """Return how many parameters a network has.

    Examples
    --------
    >>> from denseloop._display.layers_table import n_parameters
    >>> n_parameters([2, 4, 1], True, ["tanh", "sigmoid"])
    17
    """
    return _layers(layer_sizes, bias, activations)[-1].end


def layers_text(layer_sizes: Sequence[int], bias: bool, activations: Sequence[Activation]) -> str:
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
    total = ("total", "", "", "", f"{n_parameters(layer_sizes, bias, activations):,}")
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


def layers_html(layer_sizes: Sequence[int], bias: bool, activations: Sequence[Activation]) -> str:
    """Return the table as HTML, for the arguments of `layers_text`.

    Examples
    --------
    >>> from denseloop._display.layers_table import layers_html
    >>> "<td>(2, 1)</td>" in layers_html([2, 1], False, ["sigmoid"])
    True
    """
    return table(HEADER, _rows(layer_sizes, bias, activations))


def _rows(layer_sizes, bias, activations) -> Iterator[tuple[str, ...]]:
    layers = _layers(layer_sizes, bias, activations)
    for number, (layer, activation) in enumerate(zip(layers, activations), 1):
        biases = f"({layer.shape[1]},)" if bias else "none"
        count = f"{layer.end - layer.weights:,}"
        yield str(number), str(activation), str(layer.shape), biases, count


def _layers(layer_sizes, bias, activations):
    return core_layout(tuple(layer_sizes), bias, tuple(activations))[1]
