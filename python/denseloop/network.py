"""A dense network, trained in one fused loop."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from denseloop import _checks, _core, _threads
from denseloop._progress import ProgressBar
from denseloop.parameters import Parameters
from denseloop.results import DivergenceWarning, Gradients, History

__all__ = ["Network"]


class Network(Parameters):
    """A dense feed-forward network with sigmoid layers.

    Parameters
    ----------
    layer_sizes : sequence of int
        Inputs, hidden widths (none, one or many) and outputs, each at least 1.
    bias : bool, default True
        Whether the layers have biases.
    output_activation : {"sigmoid", "softmax"}, default "sigmoid"
        Of the last layer; the hidden ones are sigmoid. "softmax" goes with the loss
        "cross_entropy".
    dtype : {"float64", "float32"}, default "float64"
        Of the parameters and of all arithmetic.
    weights : sequence of array_like, shape (fan_in, fan_out) each, optional
        Initial weights, copied into the network's own buffer. Arrays must have the network's dtype.
        Without them, weights are drawn by Glorot's uniform rule [1]_.
    biases : sequence of array_like, shape (fan_out,) each, optional
        Initial biases, likewise. Without them, they are 0.
    seed : int, optional
        Of the drawn weights, for `numpy.random.default_rng`. None draws from the system's entropy.

    Attributes
    ----------
    layer_sizes : tuple of int
    bias : bool
    output_activation : str
    dtype : numpy.dtype
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
        For a layer size below 1, sizes whose parameters are not addressable, an unknown name,
        arrays of the wrong number, shape or with values that are not finite, or a seed beside
        `weights`.
    TypeError
        For sizes that are not integers and arrays of another dtype.
    MemoryError
        For parameters that could be addressed but not held.

    References
    ----------
    .. [1] X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
       networks", AISTATS 2010: uniform within sqrt(6 / (fan_in + fan_out)).

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
        output_activation: str = "sigmoid",
        dtype: DTypeLike = "float64",
        weights: Sequence[ArrayLike] | None = None,
        biases: Sequence[ArrayLike] | None = None,
        seed: int | None = None,
    ) -> None:
        dtype = _checks.dtype(dtype)
        layer_sizes = _checks.layer_sizes(layer_sizes, bias, dtype)
        _checks.choice("output_activation", output_activation, _core.Activation)
        if weights is not None and seed is not None:
            raise ValueError(f"give either weights or a seed, got both (seed={seed!r})")
        if biases is not None and not bias:
            raise ValueError("biases need bias=True, got bias=False")
        shapes = list(zip(layer_sizes, layer_sizes[1:]))
        if weights is not None:
            weights = _checks.layer_arrays("weights", weights, shapes, dtype)
        if biases is not None:
            bias_shapes = [(fan_out,) for _, fan_out in shapes]
            biases = _checks.layer_arrays("biases", biases, bias_shapes, dtype)

        self._build(layer_sizes, bool(bias), output_activation, dtype)
        self.history: History | None = None
        if weights is None:
            random = _checks.random_generator(seed)
            limits = [np.sqrt(6 / (fan_in + fan_out)) for fan_in, fan_out in shapes]
            weights = [random.uniform(-limit, limit, shape) for limit, shape in zip(limits, shapes)]
        for mine, given in zip(self.weights + self.biases, [*weights, *(biases or ())]):
            mine[...] = given

    def __repr__(self):
        parts = [repr(list(self.layer_sizes))]
        if not self.bias:
            parts.append("bias=False")
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

    def loss_and_gradients(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        loss: str = "half_squared_error",
        reduction: str = "sum",
        derivative_at: str = "pre_activation",
        num_threads: int | None = None,
    ) -> tuple[float, Gradients]:
        """The loss over some samples and its derivatives by all parameters.

        Parameters
        ----------
        X, y, loss, reduction, derivative_at, num_threads
            As for `train`.

        Returns
        -------
        loss : float
        gradients : Gradients
            New arrays, in the layout of `weights` and `biases`.

        Raises
        ------
        ValueError, TypeError
            As `train`.

        Examples
        --------
        >>> net = Network([1, 1], weights=[[[0.0]]])
        >>> loss, gradients = net.loss_and_gradients([[2.0]], [[1.0]])
        >>> loss, gradients.weights[0], gradients.biases[0]
        (0.125, array([[-0.25]]), array([-0.125]))
        """
        X, y = _checks.data(X, y, self.layer_sizes[0], self.layer_sizes[-1], self.dtype)
        objective = _checks.objective(self, y, loss, reduction, derivative_at)
        threads = _threads.allowed(num_threads)
        value, flat = _core.loss_and_gradient(
            self._layout, self._lock, self._parameters, X, y, *objective, threads
        )
        return value, Gradients(flat, *self._views(flat))

    def train(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        learning_rate: float,
        epochs: int,
        loss: str = "half_squared_error",
        reduction: str = "sum",
        derivative_at: str = "pre_activation",
        update_order: str = "simultaneous",
        batch_size: int | None = None,
        record_output: bool = False,
        progress: bool = False,
        num_threads: int | None = None,
    ) -> History:
        """Gradient descent: an epoch is one update from each batch, by default from all samples.

        ``train`` for a epochs and then for b more gives the bits of a + b epochs at once. Ctrl-C
        raises KeyboardInterrupt within 100 ms; the network then holds exactly the parameters after
        the last finished update, and `history` the finished epochs. Other Python threads run
        meanwhile; they should not write to the parameters, nor read them before the call returns.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_inputs)
        y : array_like, shape (n_samples, n_outputs), or (n_samples,) for one output
            Finite real numbers; converted once if they are of another dtype.
        learning_rate : float
            At least 0.
        epochs : int
            At least 0.
        loss : {"half_squared_error", "squared_error", "cross_entropy"}
            (a - y)**2 / 2, (a - y)**2, or -y log(a), each summed over the outputs. The last needs
            ``output_activation="softmax"`` and rows of y that sum to 1, and the other two a
            sigmoid.
        reduction : {"sum", "mean"}
            Over the samples of a batch.
        derivative_at : {"pre_activation", "output"}
            Where the sigmoid's derivative is taken: at the pre-activation z, as in the textbook, or
            at the output s(z), which some tutorials hand to it instead.
        update_order : {"simultaneous", "output_first"}
            Whether all layers are updated at once, or from the last to the first, each before the
            gradient of the layer below is taken. The latter holds all activations in memory.
        batch_size : int, optional
            Samples to one update, taken in the order of X; the last batch may be shorter. None
            takes all samples. `history.loss` then adds up the batches, each before its update.
        record_output : bool
            Whether to keep the outputs of every epoch in the history.
        progress : bool
            Whether to show a progress bar (needs tqdm: ``pip install denseloop[progress]``).
        num_threads : int, optional
            At most how many threads take part; their number changes no bit. Small batches, and
            narrow networks with ``update_order="output_first"``, are left to one. None takes the
            least of the CPUs that the process is bound to, its control group's quota, and
            OMP_NUM_THREADS.

        Returns
        -------
        History
            Also kept as `history`.

        Warns
        -----
        DivergenceWarning
            If the loss or a parameter would not be finite: training stops before that update.

        Raises
        ------
        ValueError
            For arrays of the wrong shape or with values that are not finite, numbers out of range,
            an unknown name, a loss that does not fit, or read-only parameters. Nothing has changed
            then.
        TypeError
            For values that are not real numbers, and epochs that are not an integer.
        RuntimeError
            If another thread is using this network.

        Examples
        --------
        >>> net = Network([1, 1], weights=[[[0.0]]])
        >>> net.train([[2.0]], [[1.0]], learning_rate=0.5, epochs=3).loss.round(4)
        array([0.125 , 0.0893, 0.0652])
        """
        X, y = _checks.data(X, y, self.layer_sizes[0], self.layer_sizes[-1], self.dtype)
        objective = _checks.objective(self, y, loss, reduction, derivative_at)
        order = _checks.choice("update_order", update_order, _core.UpdateOrder)
        rate = _checks.learning_rate(learning_rate, self.dtype)
        epochs = _checks.whole_number("epochs", epochs, 0)
        batch = _checks.batch_size(batch_size, len(X))
        threads = _threads.allowed(num_threads)
        _checks.history_size(epochs, y.size if record_output else 1)
        _checks.trainable(self)
        losses = np.empty(epochs)
        outputs = np.empty((epochs, *y.shape), self.dtype) if record_output else None
        flat_outputs = outputs.reshape(-1) if record_output else None
        with ProgressBar(epochs, shown=progress) as report:
            finished, diverged, error = _core.train(
                self._layout,
                self._lock,
                self._parameters,
                X,
                y,
                *objective,
                order,
                rate,
                batch,
                threads,
                losses,
                flat_outputs,
                report,
            )
            if finished < epochs:  # the rest is not kept
                losses = losses[:finished].copy()
                outputs = outputs[:finished].copy() if record_output else None
            self.history = History(losses, outputs, diverged)
            if report is not None and error is None:
                report(finished, losses[finished - 1] if finished else np.nan)
        if error is not None:
            raise error
        if diverged:
            warnings.warn(
                f"training diverged: after {finished} epochs the loss or a weight would not be "
                f"finite; the network keeps the weights it had then",
                DivergenceWarning,
                stacklevel=2,
            )
        return self.history
