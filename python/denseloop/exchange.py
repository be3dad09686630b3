"""A network in other forms: to C and ONNX, and from the arrays of other libraries."""

from __future__ import annotations  # which help() shows as they are written

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from denseloop import _checks
from denseloop._onnx.writing import model_of, save
from denseloop._state_arrays import keras_layers, torch_layers
from denseloop.activations import Activation, HiddenActivation
from denseloop.derivatives import DifferentiableModel

if TYPE_CHECKING:
    from typing import Self

    from onnx import ModelProto

__all__ = ["ExchangeableModel"]

M = TypeVar("M", bound=DifferentiableModel)


class ExchangeableModel(DifferentiableModel):
    """The part of a `Network` that other programs read or have written."""

    @_checks.with_hints
    def to_c(
        self,
        path: str | os.PathLike[str],
        name: str = "model",
        *,
        derivative: bool = False,
        fma: bool = True,
    ) -> None:
        """Write the network as a C header, whose outputs have the bits of `forward`.

        The header needs no other file. ``name_predict(x, y)`` makes the outputs, with constant
        sizes and memory of the stack (``name_predict_in`` with the caller's), and
        ``name_selftest()`` returns how many bits of the outputs for some inputs are wrong. It is
        C99 and C++, for any compiler and machine with the arithmetic of IEEE 754.

        Parameters
        ----------
        path : str or os.PathLike
            File to write.
        name : str, default "model"
            Beginning of all names in the header, an identifier of C.
        derivative : bool, default False
            Whether to write ``name_jacobian(x, y, d)`` too, the derivatives of the outputs by the
            inputs, with the bits of `jacobian` if `fma` is true.
        fma : bool, default True
            Whether products are added by fused multiply-adds. Without them a machine that has no
            such instruction is faster, all machines still have the same bits, but not those of
            `forward`.

        Raises
        ------
        ValueError, TypeError
            If `name` is no identifier, or a parameter is not finite.
        OSError
            If the file cannot be written; an old one is left as it is.

        Examples
        --------
        >>> import tempfile, pathlib, denseloop as dl
        >>> net = dl.Network([2, 3, 1], seed=0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "xor.h")
        ...     net.to_c(path, "xor_net")
        ...     "void xor_net_predict(const double* x, double* y)" in path.read_text()
        True
        """
        from denseloop._c_export.export import export_network  # few need it, and it takes time

        export_network(self, path, name, derivative=derivative, fma=fma)

    @_checks.with_hints
    def to_onnx(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        opset: int = 17,
        input_name: str = "X",
        output_name: str = "Y",
    ) -> ModelProto:
        """Return the network as an ONNX model, which needs the package onnx.

        The graph takes and returns arrays of the network's `dtype`. In ONNX Runtime its outputs are
        `forward`'s but for rounding; docs/guides/onnx.md has the differences.

        Parameters
        ----------
        path : str or path-like, optional
            File to write the model to. An old one is replaced once the new one is complete.
        opset : int, default 17
            Version of ONNX's operators, from 13 to the latest that the package onnx knows.
        input_name, output_name : str, default "X" and "Y"
            Names of the graph's input, of shape (n_samples, n_inputs), and of its output.

        Returns
        -------
        onnx.ModelProto

        Raises
        ------
        ImportError
            Without the package onnx.
        ValueError, TypeError
            If an argument is not as described, or the parameters exceed an ONNX file's 2 GiB.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([2, 3, 1], activation="relu", output_activation="identity", seed=0)
        >>> model = net.to_onnx()  # doctest: +SKIP
        >>> [node.op_type for node in model.graph.node]  # doctest: +SKIP
        ['Gemm', 'Relu', 'Gemm']
        """
        model = model_of(self, opset, input_name, output_name)
        if path is not None:
            save(model, path)
        return model

    @classmethod
    @_checks.with_hints
    def from_torch(
        cls,
        state_dict: Mapping[str, Any],
        *,
        activation: HiddenActivation | Sequence[Activation],
        output_activation: Activation,
    ) -> Self:
        """Return a network with the parameters of PyTorch's Linear layers.

        A state dictionary does not say which activations there are, or how the layers are
        connected: each is taken to follow the one before it. A layer without biases gets zeros if
        another has some. PyTorch is not imported.

        Parameters
        ----------
        state_dict : dict of array_like
            ``model.state_dict()``, or NumPy arrays by the same names: "….weight" of shape (fan_out,
            fan_in) and "….bias" of shape (fan_out,), all float32 or all float64, copied.
        activation, output_activation
            As for `Network`. A model that returns logits has "identity" as its last.

        Returns
        -------
        Network

        Raises
        ------
        ValueError, TypeError
            If a name, an array or an activation is not as described.

        Examples
        --------
        >>> import denseloop as dl
        >>> import numpy as np
        >>> state = {"0.weight": np.array([[1.0, -1.0]]), "0.bias": np.array([0.5])}
        >>> net = dl.Network.from_torch(state, activation="relu", output_activation="identity")
        >>> net.forward([[3.0, 2.0]])
        array([[1.5]])
        """
        return network_of(cls, *torch_layers(state_dict), activation, output_activation)

    @classmethod
    @_checks.with_hints
    def from_keras(
        cls,
        weights: Sequence[Any] | Mapping[str, Any],
        *,
        activation: HiddenActivation | Sequence[Activation],
        output_activation: Activation,
    ) -> Self:
        """Return a network with the parameters of Keras's Dense layers.

        As `from_torch`, for Keras's shapes and names. Keras is not imported.

        Parameters
        ----------
        weights : sequence or dict of array_like
            ``model.get_weights()``: kernels of shape (fan_in, fan_out), each with its biases of
            shape (fan_out,) after it if there are some; or a dict of them whose names end with
            "kernel" and "bias". All float32 or all float64, copied.
        activation, output_activation
            As for `Network`.

        Returns
        -------
        Network

        Raises
        ------
        ValueError, TypeError
            If a name, an array or an activation is not as described.

        Examples
        --------
        >>> import denseloop as dl
        >>> import numpy as np
        >>> weights = [np.array([[1.0], [-1.0]]), np.array([0.5])]
        >>> net = dl.Network.from_keras(weights, activation="relu", output_activation="identity")
        >>> net.forward([[3.0, 2.0]])
        array([[1.5]])
        """
        return network_of(cls, *keras_layers(weights), activation, output_activation)


def network_of(
    cls: type[M],
    weights: Sequence[np.ndarray],
    biases: Sequence[np.ndarray | None],
    activation: HiddenActivation | Sequence[Activation],
    output_activation: Activation,
) -> M:
    """Return a network of the class `cls` with these arrays, of which biases may be None."""
    has_biases = any(bias is not None for bias in biases)
    filled = [
        np.zeros(weight.shape[1], weight.dtype) if bias is None else bias
        for weight, bias in zip(weights, biases)
    ]
    return cls(
        [weights[0].shape[0], *(weight.shape[1] for weight in weights)],
        bias=has_biases,
        activation=activation,
        output_activation=output_activation,
        dtype=weights[0].dtype,
        weights=weights,
        biases=filled if has_biases else None,
    )
