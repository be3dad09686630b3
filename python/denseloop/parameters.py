"""The parameters of a network: one buffer, and the views that show its layers."""

import numpy as np

from denseloop import _core

__all__ = ["Parameters", "Views"]


class Views(tuple):
    """Arrays that share one buffer. Assigning to an item copies the values into its array."""

    def __setitem__(self, k, values):
        self[k][...] = values


class Parameters:
    """What `Network` is before it computes: sizes, buffer, views, and how they are pickled."""

    def _build(self, layer_sizes, bias, output_activation, dtype):
        self._layer_sizes = layer_sizes
        self._output_activation = output_activation
        self._layout = _core.Layout(
            layer_sizes, bias, _core.Activation.__members__[output_activation]
        )
        self._lock = _core.ParameterLock()
        self._layers = self._layout.layers
        self._parameters = _aligned_zeros(self._layout.n_parameters, dtype)
        self._weights, self._biases = self._views(self._parameters)
        predictor = _core.RowPredictor64 if dtype == np.float64 else _core.RowPredictor32
        self._predict_few = predictor(self._layout, self._lock, self._parameters).predict

    def _views(self, flat):
        """The weights and the biases within a flat array."""
        weights = Views(
            flat[layer.weights : layer.bias].reshape(layer.fan_in, layer.fan_out)
            for layer in self._layers
        )
        biases = Views(flat[layer.bias : layer.end] for layer in self._layers if layer.has_bias)
        return weights, biases

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        return self._layer_sizes

    @property
    def bias(self) -> bool:
        return self._layers[0].has_bias

    @property
    def output_activation(self) -> str:
        return self._output_activation

    @property
    def dtype(self) -> np.dtype:
        return self._parameters.dtype

    @property
    def parameters(self) -> np.ndarray:
        return self._parameters

    @property
    def weights(self) -> Views:
        return self._weights

    @property
    def biases(self) -> Views:
        return self._biases

    def __getstate__(self):
        attributes = {k: v for k, v in vars(self).items() if not k.startswith("_")}
        return {
            "layer_sizes": self.layer_sizes,
            "bias": self.bias,
            "output_activation": self.output_activation,
            "dtype": self.dtype,
            "parameters": self.parameters,
            "attributes": attributes,
        }

    def __setstate__(self, state):
        own = ("layer_sizes", "bias", "output_activation", "dtype")
        self._build(*(state[name] for name in own))
        self.parameters[...] = state["parameters"]
        vars(self).update(state["attributes"])


def _aligned_zeros(count, dtype):
    """Zeros that start at a cache line, so that no vector of them straddles two."""
    size = count * dtype.itemsize
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype)
