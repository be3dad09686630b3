"""Networks as ONNX models: `Network.to_onnx` writes one, `from_onnx` reads one.

`register` makes skl2onnx convert the estimators, also within pipelines. The package onnx is needed
for all three, and is imported when one of them is called.
"""

from __future__ import annotations  # which help() shows as they are written

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from denseloop._missing import missing
from denseloop._onnx.reading import load, read_layers
from denseloop.activations import Activation
from denseloop.exchange import network_of
from denseloop.network import Network

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["from_onnx", "register"]


def from_onnx(path: str | os.PathLike[str] | ModelProto) -> Network:
    """Return the network of an ONNX model that is a chain of dense layers.

    A layer is a Gemm, or a MatMul with or without an Add, and an activation that `Network` has,
    by its operator or by the operators that `Network.to_onnx` and PyTorch write for it. A layer
    without biases gets zeros if another has some. Nothing is executed.

    Parameters
    ----------
    path : str, path-like or onnx.ModelProto
        File, or a model that has been loaded. Weights in a second file are read too.

    Returns
    -------
    Network
        With the dtype of the model's weights, float64 or float32.

    Raises
    ------
    ImportError
        Without the package onnx.
    ValueError, TypeError
        If there is anything else in the model. The message names the node, and says what was
        expected.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([2, 3, 1], activation="tanh", seed=0)
    >>> dl.from_onnx(net.to_onnx())  # doctest: +SKIP
    Network([2, 3, 1], activation='tanh')
    """
    layers = read_layers(load(path).graph)
    return network_of(Network, layers.weights, layers.biases, *_split(layers.activations))


def _split(activations: Sequence[Activation]) -> tuple[Sequence[Activation], Activation]:
    return activations[:-1], activations[-1]


def register() -> None:
    """Make skl2onnx convert the estimators of `denseloop.neural_network`.

    Afterwards ``skl2onnx.to_onnx`` and ``convert_sklearn`` take `MLPClassifier`, `MLPRegressor` and
    their ensembles with all activations, alone and in pipelines. The import of skl2onnx and
    `denseloop.neural_network` registers them as well, but leaves it at a warning of the logger
    "denseloop" where that fails; this function raises the error. It may be called again.

    Raises
    ------
    ImportError
        Without skl2onnx or scikit-learn.

    Examples
    --------
    >>> import denseloop.onnx
    >>> denseloop.onnx.register()  # doctest: +SKIP
    """
    from denseloop import neural_network as ours  # whose error explains a missing scikit-learn

    try:
        import skl2onnx  # noqa: F401
    except ImportError as error:
        raise missing("denseloop.onnx.register", "skl2onnx", error) from error
    from denseloop.neural_network._skl2onnx import register_converters

    perceptrons = ours.MLPClassifier, ours.MLPRegressor
    register_converters([*perceptrons, ours.MLPEnsembleClassifier, ours.MLPEnsembleRegressor])
