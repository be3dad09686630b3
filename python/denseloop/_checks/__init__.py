"""Arguments checked and explained, before anything is touched."""

from denseloop._checks.data import (
    data,
    eval_set,
    finite,
    real_array,
    sample_weight,
    samples,
)
from denseloop._checks.network import activations, layer_arrays, layer_sizes, trainable
from denseloop._checks.scalars import (
    choice,
    dtype,
    history_size,
    instance,
    listed,
    number,
    set_number,
    set_whole_number,
    whole_number,
)

__all__ = [
    "activations",
    "choice",
    "data",
    "dtype",
    "eval_set",
    "finite",
    "history_size",
    "instance",
    "layer_arrays",
    "layer_sizes",
    "listed",
    "number",
    "real_array",
    "sample_weight",
    "samples",
    "set_number",
    "set_whole_number",
    "trainable",
    "whole_number",
]
