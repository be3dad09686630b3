"""What a network is: its layers, its parameters, its outputs, its pickles and its files."""

from __future__ import annotations  # which help() shows as they are written

import os
import secrets
from collections.abc import Callable, Sequence
from copy import deepcopy
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from denseloop import _checks, _core, _threads
from denseloop._packing import pack, unpack
from denseloop._training.samples import read_inputs
from denseloop.activations import Activation, HiddenActivation, resolve_activations
from denseloop.initialization import RULES, RuleName, draw_weights
from denseloop.layered import Layered
from denseloop.parameters import CoreNetwork, NetworkParameters, Views
from denseloop.results import History
from denseloop.scaling import METHODS, Scaling, ScalingMethod

if TYPE_CHECKING:
    from denseloop._types import MatrixLike

__all__ = ["Model"]

# What the core keeps of a network from one training to the next, and what it has before the first.
MEMORY = ("optimizer", "optimizer_state", "shuffled_epochs", "history", "scaling")
NOTHING = (None, None, 0, None, None)
# The last four numbers of a state, which only Adam and an adaptive learning rate change.
UNCHANGED: list[float] = [inf, 0, 1.0, 1.0]


class Model(Layered):
    """The part of a `Network`, which has the documentation of the parameters, that it is."""

    _parameters: NetworkParameters
    _predict_few: Callable[[Any], np.ndarray | None]
    _seed: int
    _has_scaling: bool

    # A __getattr__ would slow down every access to an attribute.
    fit: _checks.NotHere = _checks.NotHere("train")
    predict: _checks.NotHere = _checks.NotHere("forward")
    coefs_: _checks.NotHere = _checks.NotHere("weights")
    intercepts_: _checks.NotHere = _checks.NotHere("biases")

    @_checks.with_hints
    def __init__(
        self,
        layer_sizes: Sequence[int],
        *,
        bias: bool = True,
        activation: HiddenActivation | Sequence[Activation] = "sigmoid",
        output_activation: Activation | None = None,
        dtype: DTypeLike = "float64",
        weights: Sequence[ArrayLike] | None = None,
        biases: Sequence[ArrayLike] | None = None,
        initialization: RuleName = "glorot_uniform",
        scaling: ScalingMethod | None = None,
        seed: int | None = None,
    ) -> None:
        dtype = _checks.dtype(dtype)
        layer_sizes = _checks.layer_sizes(layer_sizes, bias, dtype)
        activations = resolve_activations(activation, output_activation, layer_sizes)
        rule = _checks.choice("initialization", initialization, RULES)
        if biases is not None and not bias:
            raise ValueError("biases need bias=True, got bias=False")
        if weights is not None:
            shapes = list(zip(layer_sizes, layer_sizes[1:]))
            weights = _checks.layer_arrays("weights", weights, shapes, dtype)
        if biases is not None:
            bias_shapes = [(fan_out,) for fan_out in layer_sizes[1:]]
            biases = _checks.layer_arrays("biases", biases, bias_shapes, dtype)
        if seed is None:
            seed = secrets.randbits(128)  # as much as numpy.random.SeedSequence draws
        seed = _checks.whole_number("seed", seed, 0)

        if scaling is not None:
            _checks.choice("scaling", scaling, METHODS)
            scaling = Scaling(scaling)

        self._build(layer_sizes, bool(bias), activations, dtype, seed, scaling)
        flat, layers = self._parameters.flat, self._parameters.layers
        if weights is None:
            draw_weights(rule, seed, self._parameters)
        for span, array in zip(layers, weights or ()):
            flat[span.weights : span.bias] = np.ravel(array)
        for span, array in zip(layers, biases or ()):
            flat[span.bias : span.end] = array

    def _build(
        self,
        layer_sizes: tuple[int, ...],
        bias: bool,
        activations: tuple[Activation, ...],
        dtype: np.dtype,
        seed: int,
        scaling: Scaling | None,
        core: CoreNetwork | None = None,
    ) -> None:
        if "_parameters" in vars(self):
            self._parameters.core.require_free()
        self._layer_sizes, self._bias, self._activations = layer_sizes, bias, activations
        self._dtype, self._seed, self._has_scaling = dtype, seed, scaling is not None
        self._parameters = NetworkParameters(layer_sizes, bias, activations, dtype, core)
        self._predict_few = self._parameters.core.predict_few  # bound once: the call is short
        if scaling is not None:
            self._parameters.core.scaling = scaling
            self._predict_few = _leave_to_forward

    @property
    def seed(self) -> int:
        return self._seed

    @property
    def scaling(self) -> Scaling | None:
        return self._parameters.core.scaling if self._has_scaling else None

    @property
    def parameters(self) -> np.ndarray:
        return self._parameters.flat

    @property
    def weights(self) -> Views:
        return self._parameters.weights

    @property
    def biases(self) -> Views:
        return self._parameters.biases

    @property
    def history(self) -> History | None:
        return self._parameters.core.history

    @history.setter
    def history(self, nothing: None) -> None:
        if nothing is not None:
            raise TypeError(f"history can only be set to None, got {nothing!r}")
        self._parameters.core.history = None

    def __repr__(self) -> str:
        parts = [repr(list(self.layer_sizes))]
        if not self.bias:
            parts.append("bias=False")
        hidden = self.activations[:-1]
        if set(hidden) - {"sigmoid"}:
            parts.append(f"activation={hidden[0] if len(set(hidden)) == 1 else list(hidden)!r}")
        if self.output_activation != "sigmoid":
            parts.append(f"output_activation={self.output_activation!r}")
        if self.scaling is not None:
            parts.append(f"scaling={self.scaling.method!r}")
        if self.dtype != np.float64:
            parts.append(f"dtype={self.dtype.name!r}")
        return f"Network({', '.join(parts)})"

    def __getstate__(self) -> tuple[Any, ...]:
        # A tuple, since names would take more than the numbers of a small network.
        terms = self.layer_sizes, self.bias, self.activations, self.dtype.char, self.seed
        return (*terms, *self._numbers_and_memory())

    def _numbers_and_memory(self):
        # From one moment, also while another thread trains.
        parameters, optimizer, state, *others = self._parameters.core.copied_state()
        if isinstance(state, _core.OptimizerState):
            _, (slots, *counters) = state.__reduce_ex__(2)
            if counters[-4:] == UNCHANGED:
                counters = counters[:-4]
            state = pack(slots), *counters
        memory = optimizer, state, *others
        attributes = {k: v for k, v in vars(self).items() if not k.startswith("_")}
        return pack(parameters), None if memory == NOTHING else memory, attributes or None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        layer_sizes, bias, activations, char, seed, parameters, memory, attributes = state
        dtype, scaling = np.dtype(char), None if memory is None else memory[-1]
        self._build(layer_sizes, bias, activations, dtype, seed, scaling)
        parameters = unpack(parameters, dtype)
        if parameters.shape != self.parameters.shape or parameters.dtype != dtype:
            raise ValueError(
                f"parameters of the state must be of shape {self.parameters.shape} and {dtype}, "
                f"got {parameters.shape} and {parameters.dtype}"
            )
        self.parameters[...] = parameters
        self._remember(memory, attributes)

    def _remember(self, memory, attributes):
        optimizer, state, *others = memory or NOTHING
        if isinstance(state, tuple):
            slots, *counters = state
            slots = unpack(slots, self.dtype).reshape(-1, self.parameters.size)
            state = _core.OptimizerState(slots, *counters)  # the core writes to it
        for name, value in zip(MEMORY, (optimizer, state, *deepcopy(others))):
            setattr(self._parameters.core, name, value)
        vars(self).update(attributes or {})

    def save(self, path: str | os.PathLike[str], *, training: bool = False) -> None:
        """Write the network to a file in the safetensors layout, which `denseloop.load` reads.

        A crash, a full disk or an exception leaves the file that was there before. While another
        thread trains the network, the file gets the parameters after the last finished update.

        Parameters
        ----------
        path : str or path-like
            File to write; "x.safetensors", say. A file of this name is replaced.
        training : bool, default False
            Whether to write the optimizer, its state, the number of shuffled epochs and the history
            too, so that a training of the loaded network goes on to the bit.

        Raises
        ------
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> import denseloop as dl
        >>> net = dl.Network([2, 1], weights=[[[1.0], [-1.0]]])
        >>> with TemporaryDirectory() as folder:
        ...     net.save(f"{folder}/difference.safetensors")
        ...     dl.load(f"{folder}/difference.safetensors").forward([[3.0, 3.0]])
        array([[0.5]])
        """
        from denseloop._files.networks import write_network  # few need it, and it takes time
        from denseloop._files.training import Memory

        parameters, *memory, scaling = self._parameters.core.copied_state()
        write_network(path, self, parameters, Memory(*memory), scaling, training)

    def digest(self) -> str:
        """Return the SHA-256 of the network's layers, scaling and parameters.

        It is equal for networks with equal bits, on every platform: two machines can be compared by
        one line.

        Returns
        -------
        str
            64 hexadecimal digits.

        Examples
        --------
        >>> import denseloop as dl
        >>> dl.Network([2, 1], weights=[[[1.0], [-1.0]]]).digest()[:16]
        '85b280021deecd78'
        """
        from denseloop._files.digest import digest  # few need it, and it takes time

        parameters, *_, scaling = self._parameters.core.copied_state()
        return digest(self, parameters, scaling)

    def __call__(self, X: MatrixLike) -> np.ndarray:
        """Return ``forward(X)``."""
        return self.forward(X)

    def forward(self, X: MatrixLike, *, num_threads: int | None = None) -> np.ndarray:
        """Return the outputs for `X`.

        Row i has the same bits whatever the other rows are.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n_samples, n_inputs)
            Finite real numbers; converted once if they are of another dtype.
        num_threads : int, optional
            As for `train`.

        Returns
        -------
        ndarray, shape (n_samples, n_outputs)

        Raises
        ------
        ValueError, TypeError
            If `X` is not as described.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([2, 1], weights=[[[1.0], [-1.0]]])
        >>> net.forward([[3.0, 3.0]])
        array([[0.5]])
        """
        if num_threads is None and (predictions := self._predict_few(X)) is not None:
            return predictions
        threads = _threads.allowed(num_threads)
        scaling = self.scaling
        outputs = self._parameters.core.forward(read_inputs(self, X, scaling), threads)
        return outputs if scaling is None else scaling.restore_outputs(outputs)


def _leave_to_forward(X):
    """Predict nothing: the core's call for a few samples knows no scaling."""
    return None
