"""`Network` and `Networks` as the metadata and the arrays of a file, and back."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from denseloop import _core
from denseloop._files import json_text
from denseloop._files.errors import FileError
from denseloop._files.fields import Fields
from denseloop._files.layers import (
    Layers,
    fill_parameters,
    layer_tensors,
    layers_from_json,
    layers_to_json,
    take_layers,
)
from denseloop._files.safetensors import Contents, read, write
from denseloop._files.tensors import Tensors
from denseloop._files.training import FLOAT64, Memory, memory_from_file, memory_to_file
from denseloop.scaling import METHODS, Scaling

FORMAT, VERSION = "denseloop", 1
UINT64 = np.dtype(np.uint64)
SCALING = ("input_center", "input_scale", "output_center", "output_scale")


def write_described(
    path: str | os.PathLike[str],
    kind: str,
    described: Mapping[str, Any],
    tensors: Mapping[str, np.ndarray],
) -> None:
    """Write a file of denseloop's format; the values of `described` become JSON."""
    metadata = {
        "format": FORMAT,
        "format_version": str(VERSION),
        "writer": f"denseloop {_core.version}",
        "kind": kind,
        **{name: json_text.to_text(value) for name, value in described.items()},
    }
    write(path, metadata, tensors)


def read_described(path: str | os.PathLike[str]) -> tuple[str, Contents]:
    """Return the kind of what the file has, and its contents, if this version can read them."""
    contents = read(path)
    given = Fields(contents.path, "__metadata__", contents.metadata)
    if given.peek("format") != FORMAT:
        raise FileError(
            contents.path,
            f"expected {FORMAT!r} as `format` in the metadata, got {given.peek('format')!r}: this "
            f"safetensors file is not one of denseloop's; safetensors.numpy.load_file reads its "
            f"arrays",
        )
    version = given.integer("format_version", 1)
    if version > VERSION:
        raise FileError(
            contents.path,
            f"expected a `format_version` of at most {VERSION}, which denseloop {_core.version} "
            f"reads, got {version}, written by {given.peek('writer')!r}: pip install --upgrade "
            f"denseloop",
        )
    return given.text("kind"), contents


def parsed(contents: Contents, name: str) -> Fields:
    """Return the JSON object in a field of the metadata, which must be there."""
    text = Fields(contents.path, "__metadata__", contents.metadata).text(name)
    return Fields(contents.path, name, json_text.parse(contents.path, name, _utf8(text)))


def _utf8(text):
    return text.encode("utf-8", "surrogatepass")


def layers_of(network):
    """Return the layers of a `Network` or of `Networks`."""
    return Layers(network.layer_sizes, network.bias, network.activations, network.dtype)


def write_network(path, network, parameters, memory, scaling, training):
    """Write a network with these parameters, and with what its training has left if asked to."""
    layers = layers_of(network)
    tensors = layer_tensors(layers, parameters)
    architecture = layers_to_json(layers) | {"seed": str(network.seed), "scaling": None}
    described = {"architecture": architecture}
    if scaling is not None:
        architecture["scaling"] = scaling.method
        numbers = {f"scaling.{name}": getattr(scaling, name) for name in SCALING}
        tensors |= {name: array for name, array in numbers.items() if array is not None}
    if training:
        described["training"], more = memory_to_file(memory)
        tensors |= more
    write_described(path, "Network", described, tensors)


def write_networks(path, networks, parameters, memories):
    """Write networks of one layout; `memories` has some networks' by their numbers, or is None."""
    layers = layers_of(networks)
    tensors = layer_tensors(layers, parameters) | {"seeds": networks.seeds}
    described = {"architecture": layers_to_json(layers)}
    if memories is not None:
        described["training"] = {}
        for k, memory in memories.items():
            prefix = f"networks.{k}."
            described["training"][str(k)], more = memory_to_file(memory, prefix)
            tensors |= more
    write_described(path, "Networks", described, tensors)


def read_network(kind, contents, allow_nan):
    """Return an object of the class `Network`, which is given, so that nothing here imports it."""
    given, tensors = parsed(contents, "architecture"), Tensors(contents, allow_nan)
    layers, seed = layers_from_json(given), given.integer("seed")
    scaling = _scaling(given, layers, tensors)
    given.end()
    taken, memory = take_layers(layers, tensors), Memory()
    if "training" in contents.metadata:
        memory = memory_from_file(parsed(contents, "training"), layers, tensors)
    tensors.end()
    network = kind.__new__(kind)
    network._build(*layers, seed, scaling)
    fill_parameters(layers, network.parameters, taken)
    network._remember((*memory, scaling), None)
    return network


def read_networks(kind, contents, allow_nan):
    """Return an object of the class `Networks`."""
    given, tensors = parsed(contents, "architecture"), Tensors(contents, allow_nan)
    layers, count = layers_from_json(given), tensors.axis("seeds")
    given.end()
    seeds = tensors.take("seeds", (max(count, 1),), UINT64)
    taken, memories = take_layers(layers, tensors, (count,)), {}
    if "training" in contents.metadata:
        members = parsed(contents, "training")
        for k in members.names():
            number = int(k) if k.isascii() and k.isdecimal() and len(k) < 20 else count
            if str(number) != k or number >= count:
                members.refuse("", f"an object whose names are below {count}, in digits", k)
            place = Fields(contents.path, f"training.{k}", members.take(k))
            memories[number] = memory_from_file(place, layers, tensors, f"networks.{k}.")
    tensors.end()
    networks = kind.__new__(kind)
    networks._build(*layers, seeds.astype(UINT64))
    fill_parameters(layers, networks.parameters, taken)
    for k, memory in memories.items():
        networks[k]._remember((*memory, None), None)
    return networks


def _scaling(given, layers, tensors):
    method = given.take("scaling")
    if method is None:
        return None
    if not isinstance(method, str) or method not in METHODS:
        given.refuse("scaling", f"null or one of {', '.join(METHODS)}", method)
    sizes = {"input": layers.layer_sizes[0], "output": layers.layer_sizes[-1]}
    numbers = {}
    for side, size in sizes.items():
        if tensors.has(f"scaling.{side}_center") or tensors.has(f"scaling.{side}_scale"):
            for name in (f"{side}_center", f"{side}_scale"):
                numbers[name] = tensors.take(
                    f"scaling.{name}", (size,), FLOAT64, may_be_nan=False
                ).copy()
            if not (numbers[f"{side}_scale"] > 0).all():
                lowest = numbers[f"{side}_scale"].min()
                raise FileError(
                    given.path, f"scaling.{side}_scale must have numbers above 0, got {lowest}"
                )
    if "output_scale" in numbers and "input_scale" not in numbers:
        given.refuse("scaling", "with numbers of the inputs, as those of the outputs", "none")
    return Scaling(method, **numbers)
