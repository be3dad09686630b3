"""The parameters of a network: one buffer, and the views that show its layers."""

import threading
from contextlib import contextmanager
from copy import deepcopy

import numpy as np

from denseloop import _core

__all__ = ["Parameters", "Views"]


class Views(tuple):
    """Arrays that share one buffer. Assigning to an item copies the values into its array."""

    def __setitem__(self, k, values):
        self[k][...] = values


class Parameters:
    """What `Network` is before it computes: sizes, buffer, views, state; how they are pickled."""

    def _build(self, layer_sizes, bias, activations, dtype, seed):
        self._layer_sizes = layer_sizes
        self._activations = activations
        self._seed = seed
        self._optimizer_state = None, None  # an optimizer and the arrays that it goes on with
        self._shuffled_epochs = 0
        members = [_core.Activation.__members__[name] for name in activations]
        self._layout = _core.Layout(layer_sizes, bias, members)
        self._lock = _core.ParameterLock()
        self._being_trained = threading.Lock()
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
    def activations(self) -> tuple[str, ...]:
        return self._activations

    @property
    def output_activation(self) -> str:
        return self._activations[-1]

    @property
    def seed(self) -> int:
        return self._seed

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

    @contextmanager
    def _training_alone(self):
        """One training at a time, from its first update to its last callback."""
        if not self._being_trained.acquire(blocking=False):
            raise RuntimeError("this network is in use by another training or thread")
        try:
            yield
        finally:
            self._being_trained.release()

    def _state_of(self, optimizer):
        """The arrays of an equal optimizer that trained last, or None."""
        last, arrays = self._optimizer_state
        return arrays if last == optimizer else None

    def _keep_state(self, optimizer, arrays):
        self._optimizer_state = optimizer, arrays

    def __getstate__(self):
        attributes = {k: v for k, v in vars(self).items() if not k.startswith("_")}
        return {
            "layer_sizes": self.layer_sizes,
            "bias": self.bias,
            "activations": self.activations,
            "dtype": self.dtype,
            "seed": self.seed,
            "parameters": self.parameters,
            "optimizer_state": self._optimizer_state,
            "shuffled_epochs": self._shuffled_epochs,
            "attributes": attributes,
        }

    def __setstate__(self, state):
        own = ("layer_sizes", "bias", "activations", "dtype", "seed")
        self._build(*(state[name] for name in own))
        self.parameters[...] = state["parameters"]
        self._optimizer_state = deepcopy(state["optimizer_state"])  # the core writes to the arrays
        self._shuffled_epochs = state["shuffled_epochs"]
        vars(self).update(state["attributes"])


def _aligned_zeros(count, dtype):
    """Zeros that start at a cache line, so that no vector of them straddles two."""
    size = count * dtype.itemsize
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype)
