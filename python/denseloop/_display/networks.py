"""One or many networks, as text and as HTML."""

from collections.abc import Sequence, Sized
from typing import Protocol

import numpy as np

from denseloop import _core
from denseloop._display.html import heading
from denseloop._display.layers_table import layers_html, layers_text, n_parameters
from denseloop.activations import Activation

__all__ = ["Layers", "network_html", "network_text"]


class Layers(Protocol):
    """What is shown of a `Network` or `Networks`; `len` says how many the latter are."""

    @property
    def layer_sizes(self) -> Sequence[int]: ...
    @property
    def bias(self) -> bool: ...
    @property
    def activations(self) -> Sequence[Activation]: ...
    @property
    def dtype(self) -> np.dtype: ...


def network_text(network: Layers) -> str:
    """Return a line of facts and the table of the layers.

    The text is the same on every machine.

    Examples
    --------
    >>> import denseloop as dl
    >>> from denseloop._display.networks import network_text
    >>> network_text(dl.Networks([2, 1], count=100)).partition("\\n")[0]
    'Networks: 100 of 2-1, 3 parameters each, float64'
    """
    table = layers_text(network.layer_sizes, network.bias, network.activations)
    return f"{type(network).__name__}: {', '.join(_facts(network))}\n{table}"


def network_html(network: Layers) -> str:
    """Return the same as HTML, with the CPU target in use and the latest training.

    Examples
    --------
    >>> import denseloop as dl
    >>> from denseloop._display.networks import network_html
    >>> print(network_html(dl.Network([2, 1])).splitlines()[1])  # doctest: +ELLIPSIS
    <p><strong>Network</strong> 2-1, 3 parameters, float64, CPU target ...</p>
    """
    facts = [*_facts(network), f"CPU target {_core.active_target()}"]
    table = layers_html(network.layer_sizes, network.bias, network.activations)
    parts = ["<div>", heading(type(network).__name__, facts), table]
    history = getattr(network, "history", None)  # many networks have none in common
    if history is not None:
        parts.append(history._repr_html_())
    return "\n".join([*parts, "</div>"])


def _facts(network):
    sizes = "-".join(map(str, network.layer_sizes))
    count = n_parameters(network.layer_sizes, network.bias, network.activations)
    parameters, dtype = f"{count:,} parameter{'' if count == 1 else 's'}", network.dtype.name
    if isinstance(network, Sized):
        sizes, parameters = f"{len(network):,} of {sizes}", f"{parameters} each"
    facts = [sizes, parameters, dtype]
    scaling = getattr(network, "scaling", None)
    return facts if scaling is None else [*facts, f"{scaling.method} scaling"]
