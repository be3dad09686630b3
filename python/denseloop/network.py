"""A dense network, trained in one fused loop."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from denseloop import _checks, _core, _threads
from denseloop.initialization import RULES
from denseloop.results import History
from denseloop.trainable import Trainable

__all__ = ["Network"]


class Network(Trainable):
    """A dense feed-forward network.

    Parameters
    ----------
    layer_sizes : sequence of int
        Inputs, hidden widths (none, one or many) and outputs, each at least 1.
    bias : bool, default True
        Whether the layers have biases.
    activation : {"sigmoid", "tanh", "relu", "identity"} or sequence of them, default "sigmoid"
        Of the hidden layers: one for all, or one for each.
    output_activation : str, default "sigmoid"
        Of the last layer: one of these, "softmax" for the probabilities of at least two classes, or
        "exp" for counts.
    dtype : {"float64", "float32"}, default "float64"
        Of the parameters and of all arithmetic.
    weights : sequence of array_like, shape (fan_in, fan_out) each, optional
        Initial weights, copied into the network's own buffer. Arrays must have the network's dtype.
        Without them, they are drawn.
    biases : sequence of array_like, shape (fan_out,) each, optional
        Initial biases, likewise. Without them, they are 0.
    initialization : str, default "glorot_uniform"
        The rule by which weights are drawn: "glorot_uniform", "glorot_normal", "he_uniform" or
        "he_normal" (see `denseloop.initialization`), or "uniform" in [0, 1).
    seed : int, optional
        Of all that is random here: the drawn weights, by `numpy.random.default_rng`, and the
        shuffling of samples. None takes one from the system's entropy.

    Attributes
    ----------
    layer_sizes : tuple of int
    bias : bool
    activations : tuple of str
        One for each layer, the last of them `output_activation`.
    output_activation : str
    dtype : numpy.dtype
    seed : int
    parameters : ndarray, shape (n_parameters,)
        All parameters in one buffer, layer after layer, weights before biases.
    weights : sequence of ndarray, shape (fan_in, fan_out) each
    biases : sequence of ndarray, shape (fan_out,) each
        Views of `parameters`: writing to one changes the network, and so does assigning to an item.
        `biases` is empty for a network without.
    history : History or None
        Of the latest `train`; after a Ctrl-C, of its finished epochs.

    Raises
    ------
    ValueError
        For a layer size below 1, sizes whose parameters are not addressable, an unknown name, a
        softmax of one output, and arrays of the wrong number, shape or with values that are not
        finite.
    TypeError
        For sizes that are not integers and arrays of another dtype.
    MemoryError
        For parameters that could be addressed but not held.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([2, 3, 1], seed=0)
    >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> y = [0, 1, 1, 0]
    >>> history = net.train(X, y, learning_rate=2.0, epochs=5000)
    >>> net.forward(X).round().ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
    """

    def __init__(
        self,
        layer_sizes: Sequence[int],
        *,
        bias: bool = True,
        activation: str | Sequence[str] = "sigmoid",
        output_activation: str = "sigmoid",
        dtype: DTypeLike = "float64",
        weights: Sequence[ArrayLike] | None = None,
        biases: Sequence[ArrayLike] | None = None,
        initialization: str = "glorot_uniform",
        seed: int | None = None,
    ) -> None:
        dtype = _checks.dtype(dtype)
        layer_sizes = _checks.layer_sizes(layer_sizes, bias, dtype)
        activations = _checks.activations(activation, output_activation, layer_sizes)
        draw = _checks.choice("initialization", initialization, RULES)
        if biases is not None and not bias:
            raise ValueError("biases need bias=True, got bias=False")
        shapes = list(zip(layer_sizes, layer_sizes[1:]))
        if weights is not None:
            weights = _checks.layer_arrays("weights", weights, shapes, dtype)
        if biases is not None:
            bias_shapes = [(fan_out,) for _, fan_out in shapes]
            biases = _checks.layer_arrays("biases", biases, bias_shapes, dtype)
        if seed is None:
            seed = np.random.SeedSequence().entropy
        seed = _checks.whole_number("seed", seed, 0)

        self._build(layer_sizes, bool(bias), activations, dtype, seed)
        self.history: History | None = None
        if weights is None:
            random = np.random.default_rng(seed)
            weights = [draw(random, fan_in, fan_out) for fan_in, fan_out in shapes]
        for mine, given in zip(self.weights + self.biases, [*weights, *(biases or ())]):
            mine[...] = given

    def __repr__(self):
        parts = [repr(list(self.layer_sizes))]
        if not self.bias:
            parts.append("bias=False")
        hidden = self.activations[:-1]
        if set(hidden) - {"sigmoid"}:
            parts.append(f"activation={hidden[0] if len(set(hidden)) == 1 else list(hidden)!r}")
        if self.output_activation != "sigmoid":
            parts.append(f"output_activation={self.output_activation!r}")
        if self.dtype != np.float64:
            parts.append(f"dtype={self.dtype.name!r}")
        return f"Network({', '.join(parts)})"

    def forward(self, X: ArrayLike, *, num_threads: int | None = None) -> np.ndarray:
        """The outputs for some samples.

        Row i has the same bits whichever other rows are there.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_inputs)
            Finite real numbers; converted once if they are of another dtype.
        num_threads : int, optional
            As for `train`.

        Returns
        -------
        ndarray, shape (n_samples, n_outputs)

        Raises
        ------
        ValueError
            For another shape, or values that are not finite.
        TypeError
            For values that are not real numbers.

        Examples
        --------
        >>> net = Network([2, 1], weights=[[[1.0], [-1.0]]])
        >>> net.forward([[3.0, 3.0]])
        array([[0.5]])
        """
        if num_threads is None and (predictions := self._predict_few(X)) is not None:
            return predictions
        threads = _threads.allowed(num_threads)
        X = _checks.samples("X", X, self.layer_sizes[0], self.dtype)
        return _core.forward(self._layout, self._lock, self._parameters, X, threads)
