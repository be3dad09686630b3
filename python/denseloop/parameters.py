"""The parameters of a network: one buffer, the views of its layers, its binding to the core."""

from __future__ import annotations  # which help() shows as they are written

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from denseloop import _core
from denseloop.activations import Activation, core_activation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from denseloop.scaling import Scaling

__all__ = ["NetworkParameters", "Views"]

CoreNetwork = _core.Network32 | _core.Network64


class Views(tuple[np.ndarray, ...]):
    """Arrays that share one buffer. Assigning to an item copies the values into its array."""

    def __setitem__(self, k: int, values: ArrayLike) -> None:
        self[k][...] = values


class LayerSpan(NamedTuple):
    """Where a layer lies in the flat parameters: its weights, then its bias, up to `end`."""

    weights: int
    bias: int
    end: int
    shape: tuple[int, int]  # of the weights


class NetworkParameters:
    """The parameters of a network in one aligned buffer, bound to the C++ core.

    Parameters
    ----------
    layer_sizes : tuple of int
        Inputs, hidden widths and outputs.
    bias : bool
        Whether the layers have biases.
    activations : tuple of str or LeakyReLU
        One for each layer but the inputs, as `resolve_activation` returns them.
    dtype : numpy.dtype
        float64 or float32.
    core : _core.Network64 or _core.Network32, optional
        One with this layout; by default a new one.

    Attributes
    ----------
    core : _core.Network64 or _core.Network32
        What computes with the parameters, by its layout and under its lock, and keeps what one
        training leaves for the next.
    layers : tuple of LayerSpan
        Where each layer lies in `flat`.
    flat : ndarray, shape (n_parameters,)
        All parameters, layer after layer, weights before biases; at first 0.
    weights : Views of ndarray, shape (fan_in, fan_out) each
    biases : Views of ndarray, shape (fan_out,) each
        Views of `flat`. `biases` is empty for a network without.
    """

    def __init__(
        self,
        layer_sizes: tuple[int, ...],
        bias: bool,
        activations: tuple[Activation, ...],
        dtype: np.dtype,
        core: CoreNetwork | None = None,
    ) -> None:
        self.layers: tuple[LayerSpan, ...]
        layout, self.layers = core_layout(layer_sizes, bias, activations)
        if core is None:
            core = (_core.Network64 if dtype == np.float64 else _core.Network32)(layout)
        self.core: CoreNetwork = core
        self.flat: np.ndarray = self.core.parameters
        self._views: tuple[Views, Views] | None = None

    @property
    def weights(self) -> Views:
        return self._own_views()[0]

    @property
    def biases(self) -> Views:
        return self._own_views()[1]

    def _own_views(self) -> tuple[Views, Views]:
        """Return the views of `flat`, made when they are first asked for."""
        if self._views is None:
            weights, biases = views = layer_views(self.flat, self.layers)
            self.core.show_views((*weights, *biases))
            self._views = views
        return self._views


if TYPE_CHECKING:

    class NetworkLike(Protocol):
        """What trainings and objectives read of a network."""

        _parameters: NetworkParameters

        @property
        def layer_sizes(self) -> tuple[int, ...]: ...
        @property
        def bias(self) -> bool: ...
        @property
        def activations(self) -> tuple[Activation, ...]: ...
        @property
        def dtype(self) -> np.dtype: ...
        @property
        def seed(self) -> int: ...
        @property
        def scaling(self) -> Scaling | None: ...
        @property
        def parameters(self) -> np.ndarray: ...


def layer_views(flat: np.ndarray, layers: tuple[LayerSpan, ...]) -> tuple[Views, Views]:
    """Return the weights and the biases within a flat array of `n_parameters` numbers."""
    weights = Views(flat[span.weights : span.bias].reshape(span.shape) for span in layers)
    biases = Views(flat[span.bias : span.end] for span in layers if span.bias < span.end)
    return weights, biases


@lru_cache
def core_layout(
    layer_sizes: tuple[int, ...], bias: bool, activations: tuple[Activation, ...]
) -> tuple[_core.Layout, tuple[LayerSpan, ...]]:
    """Return the core's layout and its LayerSpans, which networks of one shape share."""
    layout = _core.Layout(layer_sizes, bias, [core_activation(each) for each in activations])
    spans = (
        LayerSpan(layer.weights, layer.bias, layer.end, (layer.fan_in, layer.fan_out))
        for layer in layout.layers
    )
    return layout, tuple(spans)
