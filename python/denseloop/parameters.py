"""The parameters of a network: one buffer, the views of its layers, its binding to the core."""

import threading
from contextlib import contextmanager

import numpy as np

from denseloop import _core
from denseloop.activations import Activation, core_activation

__all__ = ["NetworkParameters", "Views"]


class Views(tuple):
    """Arrays that share one buffer. Assigning to an item copies the values into its array."""

    def __setitem__(self, k, values):
        self[k][...] = values


class NetworkParameters:
    """The parameters of a network in one aligned buffer, bound to the C++ core.

    Parameters
    ----------
    layer_sizes : sequence of int
        Inputs, hidden widths and outputs.
    bias : bool
        Whether the layers have biases.
    activations : sequence of str or LeakyReLU
        One for each layer but the inputs, as `resolve_activation` returns them.
    dtype : numpy.dtype
        float64 or float32.

    Attributes
    ----------
    core : _core.Network64 or _core.Network32
        What computes with the parameters, by its layout and under its lock.
    flat : ndarray, shape (n_parameters,)
        All parameters, layer after layer, weights before biases; at first 0.
    weights : Views of ndarray, shape (fan_in, fan_out) each
    biases : Views of ndarray, shape (fan_out,) each
        Views of `flat`. `biases` is empty for a network without.
    """

    def __init__(self, layer_sizes, bias: bool, activations: "tuple[Activation, ...]", dtype):
        layout = _core.Layout(layer_sizes, bias, [core_activation(each) for each in activations])
        self.layers = layout.layers
        self.flat = _aligned_zeros(layout.n_parameters, dtype)
        self.weights, self.biases = self.views(self.flat)
        network = _core.Network64 if dtype == np.float64 else _core.Network32
        self.core = network(layout, self.flat)
        self._being_trained = threading.Lock()

    @contextmanager
    def training_alone(self):
        """Allow one training at a time, from its first update to its last callback."""
        if not self._being_trained.acquire(blocking=False):
            raise RuntimeError("this network is in use by another training or thread")
        try:
            yield
        finally:
            self._being_trained.release()

    def views(self, flat: np.ndarray) -> tuple[Views, Views]:
        """Return the weights and the biases within a flat array of `n_parameters` numbers."""
        weights = Views(
            flat[layer.weights : layer.bias].reshape(layer.fan_in, layer.fan_out)
            for layer in self.layers
        )
        biases = Views(flat[layer.bias : layer.end] for layer in self.layers if layer.has_bias)
        return weights, biases


def _aligned_zeros(count, dtype):
    """Return zeros that start at a cache line, so that no vector of them straddles two."""
    size = count * dtype.itemsize
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype)
