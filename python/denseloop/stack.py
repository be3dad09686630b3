"""What networks of one layout are: their layers, their parameters, each of them, their pickles."""

from __future__ import annotations  # which help() shows as they are written

import secrets
from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import DTypeLike

from denseloop import _checks, _core
from denseloop._packing import unpack
from denseloop.activations import Activation, HiddenActivation, resolve_activations
from denseloop.initialization import RULES, RuleName, draw_weights, spreads_of
from denseloop.layered import Layered
from denseloop.network import Network
from denseloop.parameters import core_layout
from denseloop.results import History

__all__ = ["Stack"]

MOST_NETWORKS = 1 << 56  # more than any memory has room for


class Stack(Layered):
    """The part of `Networks`, which has the documentation of the parameters, that they are."""

    @_checks.with_hints
    def __init__(
        self,
        layer_sizes: Sequence[int],
        *,
        count: int,
        bias: bool = True,
        activation: HiddenActivation | Sequence[Activation] = "sigmoid",
        output_activation: Activation | None = None,
        dtype: DTypeLike = "float64",
        initialization: RuleName = "glorot_uniform",
        seed: int | None = None,
    ) -> None:
        dtype = _checks.dtype(dtype)
        layer_sizes = _checks.layer_sizes(layer_sizes, bias, dtype)
        activations = resolve_activations(activation, output_activation, layer_sizes)
        rule = _checks.choice("initialization", initialization, RULES)
        count = _checks.whole_number("count", count, 1, MOST_NETWORKS)
        seed = secrets.randbits(128) if seed is None else _checks.whole_number("seed", seed, 0)
        seeds: np.ndarray = np.random.SeedSequence(seed).generate_state(count, np.uint64)
        self._build(layer_sizes, bool(bias), activations, dtype, seeds)
        layers = core_layout(layer_sizes, bool(bias), activations)[1]
        if rule[0]:  # uniform: the core draws for all
            self._stack.draw_uniform(seeds, spreads_of(rule, layers))
            return
        for k, network in enumerate(self):
            draw_weights(rule, int(seeds[k]), network._parameters)

    def _build(
        self,
        layer_sizes: tuple[int, ...],
        bias: bool,
        activations: tuple[Activation, ...],
        dtype: np.dtype,
        seeds: np.ndarray,
    ) -> None:
        self._layer_sizes, self._bias, self._activations = layer_sizes, bias, activations
        self._dtype, self._seeds = dtype, seeds
        kind = _core.NetworkStack64 if dtype == np.float64 else _core.NetworkStack32
        self._stack: _core.NetworkStack32 | _core.NetworkStack64 = kind(
            core_layout(layer_sizes, bias, activations)[0], len(seeds)
        )
        self._networks: dict[int, Network] = {}  # those that were asked for

    @classmethod
    def _copies(cls, network, count):
        """Return `count` networks with the layout, the seed and the parameters of a network."""
        copies = cls.__new__(cls)
        seeds = np.full(count, network.seed, np.uint64)
        terms = network.layer_sizes, network.bias, network.activations, network.dtype
        copies._build(*terms, seeds)
        copies.parameters[...] = network.parameters
        return copies

    @property
    def seeds(self) -> np.ndarray:
        return self._seeds

    @property
    def parameters(self) -> np.ndarray:
        return self._stack.parameters

    @property
    def histories(self) -> list[History | None]:
        """The `history` of each network."""
        return [None if core is None else core.history for core in self._stack.made()]

    def __len__(self) -> int:
        return len(self._seeds)

    def __iter__(self) -> Iterator[Network]:
        return (self[k] for k in range(len(self)))

    @overload
    def __getitem__(self, key: int) -> Network: ...
    @overload
    def __getitem__(self, key: slice) -> list[Network]: ...
    def __getitem__(self, key: int | slice) -> Network | list[Network]:
        """Return network `key`, or a list of those in a slice."""
        if isinstance(key, slice):
            return [self[k] for k in range(*key.indices(len(self)))]
        k = range(len(self))[key]
        network = self._networks.get(k)
        if network is None:
            new = Network.__new__(Network)
            terms = self._layer_sizes, self._bias, self._activations, self._dtype
            new._build(*terms, int(self._seeds[k]), None, self._stack.network(k))
            network = self._networks.setdefault(k, new)  # of several threads, the first one's
        return network

    def __repr__(self) -> str:
        one = repr(self[0])
        return f"Networks{one[len('Network') : -1]}, count={len(self)})"

    def _all_cores(self):
        return [self._stack.network(k) for k in range(len(self))]

    def __getstate__(self) -> tuple[Any, ...]:
        parameters, memories = self.parameters.copy(), {}
        for k, core in enumerate(self._stack.made()):
            if core is not None:
                numbers, *memory = self[k]._numbers_and_memory()
                parameters[k] = unpack(numbers, self._dtype)
                memories[k] = memory
        terms = self._layer_sizes, self._bias, self._activations, self._dtype.char
        return *terms, self._seeds, parameters, memories

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        layer_sizes, bias, activations, char, seeds, parameters, memories = state
        self._build(layer_sizes, bias, activations, np.dtype(char), seeds)
        self.parameters[...] = parameters
        for k, (memory, attributes) in memories.items():
            self[k]._remember(memory, attributes)
