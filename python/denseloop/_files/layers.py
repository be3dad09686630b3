"""The layers of a network: described in JSON, with an array for each weight matrix and bias."""

from typing import Any, NamedTuple

import numpy as np

from denseloop import _checks
from denseloop._files.fields import Fields
from denseloop._files.tensors import Tensors
from denseloop._files.values import activation_from_json, activation_to_json
from denseloop.activations import Activation, resolve_activations
from denseloop.parameters import core_layout

DTYPES = {name: np.dtype(name) for name in ("float64", "float32")}


class Layers(NamedTuple):
    """What the parameters of a network mean, in the order in which `_build` takes it."""

    layer_sizes: tuple[int, ...]
    bias: bool
    activations: tuple[Activation, ...]
    dtype: np.dtype


def layers_to_json(layers: Layers) -> dict[str, Any]:
    return {
        "layer_sizes": list(layers.layer_sizes),
        "bias": layers.bias,
        "activations": [activation_to_json(each) for each in layers.activations],
        "dtype": layers.dtype.name,
    }


def layers_from_json(given: Fields) -> Layers:
    """Return the checked layers; nothing of their size is allocated."""
    name = given.text("dtype")
    if name not in DTYPES:  # NumPy would read other texts as expressions
        given.refuse("dtype", "float64 or float32", name)
    dtype = DTYPES[name]
    bias, sizes = given.flag("bias"), given.items("layer_sizes")
    if not all(type(size) is int for size in sizes):
        given.refuse("layer_sizes", "a list of integers", sizes)
    sizes = given.checked("layer_sizes", lambda s: _checks.layer_sizes(s, bias, dtype), sizes)
    place = f"{given.where}.activations"
    described = [
        activation_from_json(given.path, place, each) for each in given.items("activations")
    ]
    if len(described) != len(sizes) - 1:
        given.refuse("activations", f"a list of {len(sizes) - 1}, one for each layer", described)
    activations = given.checked(
        "activations", lambda all_: resolve_activations(all_[:-1], all_[-1], sizes), described
    )
    return Layers(sizes, bias, activations, dtype)


def layer_tensors(
    layers: Layers, parameters: np.ndarray, prefix: str = ""
) -> dict[str, np.ndarray]:
    """Return {name: array} of the parameters (n_parameters,) or (count, n_parameters).

    The names begin with the prefix.
    """
    leading, tensors = parameters.shape[:-1], {}
    for k, span in enumerate(core_layout(*layers[:3])[1]):
        weights = parameters[..., span.weights : span.bias]
        tensors[f"{prefix}layers.{k}.weight"] = weights.reshape(*leading, *span.shape)
        if layers.bias:
            tensors[f"{prefix}layers.{k}.bias"] = parameters[..., span.bias : span.end]
    return tensors


def take_layers(
    layers: Layers, tensors: Tensors, leading: tuple[int, ...] = (), prefix: str = ""
) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """Return the weights and the biases of each layer, once all have the right shape."""
    taken = []
    for k, shape in enumerate(zip(layers.layer_sizes, layers.layer_sizes[1:])):
        weights = tensors.take(f"{prefix}layers.{k}.weight", (*leading, *shape), layers.dtype)
        bias = None
        if layers.bias:
            bias = tensors.take(f"{prefix}layers.{k}.bias", (*leading, shape[1]), layers.dtype)
        taken.append((weights, bias))
    return taken


def fill_parameters(
    layers: Layers,
    parameters: np.ndarray,
    taken: list[tuple[np.ndarray, np.ndarray | None]],
) -> None:
    """Copy the arrays into parameters (n_parameters,) or (count, n_parameters)."""
    leading = parameters.shape[:-1]
    for span, (weights, bias) in zip(core_layout(*layers[:3])[1], taken):
        parameters[..., span.weights : span.bias] = weights.reshape(*leading, -1)
        if bias is not None:
            parameters[..., span.bias : span.end] = bias
