"""Checks of arguments, with messages that explain, before anything is changed."""

from denseloop._checks.data import (
    eval_set,
    matching_rows,
    real_array,
    require_finite,
    require_rows,
    sample_weight,
    samples,
    samples_and_targets,
    some_weights,
)
from denseloop._checks.hints import NotHere, did_you_mean, with_hints
from denseloop._checks.network import layer_arrays, layer_sizes, require_trainable
from denseloop._checks.scalars import (
    DTYPES,
    choice,
    dtype,
    history_size,
    instance,
    listed,
    number,
    set_number,
    set_whole_number,
    to_float,
    whole_number,
)
from denseloop._checks.sparse import core_samples, is_sparse

__all__ = [
    "DTYPES",
    "NotHere",
    "choice",
    "core_samples",
    "did_you_mean",
    "dtype",
    "eval_set",
    "history_size",
    "instance",
    "is_sparse",
    "layer_arrays",
    "layer_sizes",
    "listed",
    "matching_rows",
    "number",
    "real_array",
    "require_finite",
    "require_rows",
    "require_trainable",
    "sample_weight",
    "samples",
    "samples_and_targets",
    "set_number",
    "set_whole_number",
    "some_weights",
    "to_float",
    "whole_number",
    "with_hints",
]
