"""A dense network: its parameters, its outputs, and its training in one fused loop."""

import secrets
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from denseloop import _checks, _threads
from denseloop._training.plan import make_plan
from denseloop.activations import Activation, resolve_activations
from denseloop.initialization import RULES, draw_weights
from denseloop.losses import Loss
from denseloop.objective import Objective, check_objective
from denseloop.optimizers import LearningRate, Optimizer
from denseloop.parameters import NetworkParameters, Views
from denseloop.results import Gradients, History
from denseloop.stopping import EarlyStopping
from denseloop.trainer import Trainer, check_epochs

__all__ = ["Network", "Progress"]

# What the core keeps of a network from one training to the next.
MEMORY = ("optimizer", "optimizer_state", "shuffled_epochs", "history")


class Network:
    """A dense feed-forward network.

    Parameters
    ----------
    layer_sizes : sequence of int
        Numbers of inputs, hidden units (none, one or many layers) and outputs, each at least 1.
    bias : bool, default True
        Whether the layers have biases.
    activation : str, LeakyReLU or sequence of them, default "sigmoid"
        Activation of the hidden layers, one for all or one for each: "sigmoid", "tanh", "relu",
        "leaky_relu", "identity" or "gelu" (see `denseloop.activations`).
    output_activation : str or LeakyReLU, default "sigmoid"
        Activation of the last layer: one of these, "softmax" for the probabilities of at least two
        classes, or "exp" for counts.
    dtype : {"float64", "float32"}, default "float64"
        Type of the parameters and of all arithmetic.
    weights : sequence of array_like, shape (fan_in, fan_out) each, optional
        Initial weights, copied. Arrays must have the network's dtype. By default they are drawn.
    biases : sequence of array_like, shape (fan_out,) each, optional
        Initial biases, copied. By default they are 0.
    initialization : str, default "glorot_uniform"
        Rule by which weights are drawn: "glorot_uniform", "glorot_normal", "he_uniform",
        "he_normal" or "uniform" in [0, 1) (see `denseloop.initialization`).
    seed : int, optional
        Seed of the drawn weights (by `numpy.random.default_rng`) and of the shuffling of samples.
        By default it is drawn from the system's entropy.

    Attributes
    ----------
    layer_sizes, bias, output_activation, dtype, seed
        As given, in their canonical form.
    activations : tuple of str or LeakyReLU
        Activation of each layer, the last of them `output_activation`.
    parameters : ndarray, shape (n_parameters,)
        All parameters in one buffer, layer after layer, weights before biases.
    weights, biases : sequence of ndarray
        Views of `parameters`, which can be written to, of shape (fan_in, fan_out) and (fan_out,).
    history : History or None
        History of the latest `train` or `Trainer.run`; after a Ctrl-C, of its finished epochs.

    Raises
    ------
    ValueError, TypeError
        If a size, a name or an array is not as described.
    MemoryError
        If the parameters can be addressed but not held.

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
        activation: Activation | Sequence[Activation] = "sigmoid",
        output_activation: Activation = "sigmoid",
        dtype: DTypeLike = "float64",
        weights: Sequence[ArrayLike] | None = None,
        biases: Sequence[ArrayLike] | None = None,
        initialization: str = "glorot_uniform",
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

        self._build(layer_sizes, bool(bias), activations, dtype, seed)
        flat, layers = self._parameters.flat, self._parameters.layers
        if weights is None:
            draw_weights(rule, seed, self._parameters)
        for span, array in zip(layers, weights or ()):
            flat[span.weights : span.bias] = np.ravel(array)
        for span, array in zip(layers, biases or ()):
            flat[span.bias : span.end] = array

    def _build(self, layer_sizes, bias, activations, dtype, seed):
        self._layer_sizes, self._bias, self._activations = layer_sizes, bias, activations
        self._dtype, self._seed = dtype, seed
        self._parameters = NetworkParameters(layer_sizes, bias, activations, dtype)
        self._predict_few = self._parameters.core.predict_few  # bound once: the call is short

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        return self._layer_sizes

    @property
    def bias(self) -> bool:
        return self._bias

    @property
    def activations(self) -> tuple[Activation, ...]:
        return self._activations

    @property
    def output_activation(self) -> Activation:
        return self._activations[-1]

    @property
    def dtype(self) -> np.dtype:
        return self._dtype

    @property
    def seed(self) -> int:
        return self._seed

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

    def __getstate__(self):
        return {
            "layer_sizes": self.layer_sizes,
            "bias": self.bias,
            "activations": self.activations,
            "dtype": self.dtype,
            "seed": self.seed,
            "parameters": self.parameters,
            "memory": {name: getattr(self._parameters.core, name) for name in MEMORY},
            "attributes": {k: v for k, v in vars(self).items() if not k.startswith("_")},
        }

    def __setstate__(self, state):
        names = ("layer_sizes", "bias", "activations", "dtype", "seed")
        self._build(*(state[name] for name in names))
        self.parameters[...] = state["parameters"]
        for name, value in deepcopy(state["memory"]).items():  # the core writes to the state
            setattr(self._parameters.core, name, value)
        vars(self).update(state["attributes"])

    def forward(self, X: ArrayLike, *, num_threads: int | None = None) -> np.ndarray:
        """Return the outputs for `X`.

        Row i has the same bits whatever the other rows are.

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
        ValueError, TypeError
            If `X` is not as described.

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
        return self._parameters.core.forward(X, threads)

    def loss_and_gradients(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        loss: Loss = "half_squared_error",
        reduction: str = "sum",
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        derivative_at: str = "pre_activation",
        num_threads: int | None = None,
    ) -> tuple[float, Gradients]:
        """Return the loss over some samples and its derivatives by all parameters.

        Parameters
        ----------
        X, y, loss, reduction, l2, sample_weight, derivative_at, num_threads
            As for `train`, which also raises the same exceptions.

        Returns
        -------
        loss : float
        gradients : Gradients
            New arrays, in the layout of `weights` and `biases`.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([1, 1], weights=[[[0.0]]])
        >>> loss, gradients = net.loss_and_gradients([[2.0]], [[1.0]])
        >>> loss, gradients.weights[0], gradients.biases[0]
        (0.125, array([[-0.25]]), array([-0.125]))
        """
        arguments = check_objective(
            self, X, y, loss, reduction, l2, sample_weight, derivative_at, num_threads
        )
        value, flat = self._parameters.core.loss_and_gradient(*arguments)
        return value, Gradients(flat, self._parameters.layers)

    def objective(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        loss: Loss = "half_squared_error",
        reduction: str = "sum",
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        derivative_at: str = "pre_activation",
        num_threads: int | None = None,
    ) -> Objective:
        """Prepare the loss over some samples as a function of the parameters.

        Minimizers, samplers and other programs that ask for it again and again get it without
        checking and packing the samples each time.

        Parameters
        ----------
        X, y, loss, reduction, l2, sample_weight, derivative_at, num_threads
            As for `train`, which also raises the same exceptions. Nobody may write to the samples
            while the objective is in use.

        Returns
        -------
        Objective
            Function of an array (n_parameters,) that returns the loss and its gradient.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([1, 1], weights=[[[0.0]]])
        >>> f = net.objective([[2.0]], [[1.0]])
        >>> f(net.parameters)
        (0.125, array([-0.25 , -0.125]))
        >>> f.loss(net.parameters)
        0.125
        """
        arguments = check_objective(
            self, X, y, loss, reduction, l2, sample_weight, derivative_at, num_threads
        )
        return Objective(self, self._parameters.core.objective(*arguments))

    def train(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        epochs: int,
        learning_rate: LearningRate | None = None,
        optimizer: Optimizer | None = None,
        loss: Loss = "half_squared_error",
        reduction: str = "sum",
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        derivative_at: str = "pre_activation",
        update_order: str = "simultaneous",
        batch_size: int | None = None,
        shuffle: bool = False,
        eval_set: tuple[ArrayLike, ...] | None = None,
        stopping: EarlyStopping | None = None,
        callback: "Callable[[Progress], bool | None] | None" = None,
        callback_every: int = 1,
        record_output: bool = False,
        progress: bool = False,
        num_threads: int | None = None,
    ) -> History:
        """Minimize a loss: each epoch makes one update per batch, by default of all samples.

        Unlike in Keras or PyTorch, the default loss is halved and summed over the samples, not
        averaged; ``reduction="mean"`` averages.

        ``train`` for a epochs and then for b more with an equal optimizer gives the same bits as
        a + b epochs at once, since the network keeps the optimizer's state and the number of
        shuffled epochs (only `LBFGS` starts afresh). Ctrl-C raises KeyboardInterrupt within
        100 ms; the network then holds exactly the parameters after the last finished update, and
        `history` the finished epochs. Other Python threads run meanwhile (unless the training
        takes some microseconds), but must neither read nor write the parameters before the call
        returns. Nobody may write to the samples, which are not copied where that can be avoided.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_inputs)
        y : array_like, shape (n_samples, n_outputs), or (n_samples,) for one output
            Finite real numbers; converted once if they are of another dtype.
        epochs : int
            Number of epochs, at least 0; training may end earlier.
        learning_rate : float, InverseScaling or Adaptive
            Short for ``optimizer=GradientDescent(learning_rate)``; give exactly one of the two.
        optimizer : GradientDescent, Adam, RPROP, LBFGS or LevenbergMarquardt
            Rule of the updates. The last three take all samples to an update, and the last two do
            not shuffle them.
        loss : str, Huber or Quantile, default "half_squared_error"
            Loss of a sample: also "squared_error", "absolute_error", "binary_cross_entropy" (of a
            sigmoid), "cross_entropy" (of a softmax) or "poisson" (of an exp); see
            `denseloop.losses`.
        reduction : {"sum", "mean"}, default "sum"
            How the losses of a batch's samples are combined; "mean" divides their weighted sum by
            the sum of the weights.
        l2 : float, default 0
            Half of this times the sum of all squared weights, but not biases, is added to each
            batch's sum before the reduction.
        sample_weight : array_like, shape (n_samples,), optional
            Factor of each sample's loss, at least 0 and not all 0.
        derivative_at : {"pre_activation", "output"}, default "pre_activation"
            Argument of the sigmoid's derivative: the pre-activation z, as in the textbook, or the
            output s(z), as in some tutorials.
        update_order : {"simultaneous", "output_first"}, default "simultaneous"
            Whether all layers are updated at once or, by plain gradient descent, from the last to
            the first, each before the gradient of the layer below is taken.
        batch_size : int, optional
            Number of samples in an update; the last batch may be smaller. By default all samples.
        shuffle : bool, default False
            Whether each epoch takes the samples in a new order, decided by `seed` and the number
            of epochs shuffled before.
        eval_set : (X, y) or (X, y, sample_weight), optional
            Validation samples: the history gets their loss after each epoch, without `l2`.
        stopping : EarlyStopping, optional
            When to end early, and whether to restore the best parameters.
        callback, callback_every : callable, optional, and int, default 1
            Function called with a `Progress` after every so many epochs, which stops the training
            by returning True.
        record_output : bool, default False
            Whether to keep the outputs of every epoch in the history.
        progress : bool, default False
            Whether to show a progress bar, by tqdm.
        num_threads : int, optional
            Maximum number of threads, which changes no bit; little work is left to one. By default
            the least of the CPUs the process may use, its control group's quota, and
            OMP_NUM_THREADS.

        Returns
        -------
        History
            Also kept as `history`. An epoch's loss is the sum of its batches' losses, or for the
            reduction "mean" their mean, each weighted by its number of samples.

        Warns
        -----
        DivergenceWarning
            If the loss or a parameter would not be finite: training stops before that update.
        UserWarning
            If `batch_size` exceeds the number of samples.

        Raises
        ------
        ValueError, TypeError
            If an argument is not as described, options do not fit together, or parameters are
            read-only. Nothing has changed then.
        ImportError
            If SciPy is missing for `LBFGS`, or tqdm for `progress`.
        RuntimeError
            If this network is already being trained, by another thread or around a callback.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([1, 1], weights=[[[0.0]]])
        >>> net.train([[2.0]], [[1.0]], learning_rate=0.5, epochs=3).loss.round(4)
        array([0.125 , 0.0893, 0.0652])
        """
        epochs = check_epochs(epochs, 1)
        try:
            trainer = self.trainer(
                X,
                y,
                learning_rate=learning_rate,
                optimizer=optimizer,
                loss=loss,
                reduction=reduction,
                l2=l2,
                sample_weight=sample_weight,
                derivative_at=derivative_at,
                update_order=update_order,
                batch_size=batch_size,
                shuffle=shuffle,
                eval_set=eval_set,
                stopping=stopping,
                callback=callback,
                callback_every=callback_every,
                record_output=record_output,
                progress=progress,
                num_threads=num_threads,
            )
        except KeyboardInterrupt:  # while the samples were packed
            none = np.empty(0)
            self._parameters.core.history = History(
                none, None if eval_set is None else none, stopped_by="interrupt"
            )
            raise
        return trainer.run(epochs)

    def trainer(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        learning_rate: LearningRate | None = None,
        optimizer: Optimizer | None = None,
        loss: Loss = "half_squared_error",
        reduction: str = "sum",
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        derivative_at: str = "pre_activation",
        update_order: str = "simultaneous",
        batch_size: int | None = None,
        shuffle: bool = False,
        eval_set: tuple[ArrayLike, ...] | None = None,
        stopping: EarlyStopping | None = None,
        callback: "Callable[[Progress], bool | None] | None" = None,
        callback_every: int = 1,
        record_output: bool = False,
        progress: bool = False,
        num_threads: int | None = None,
    ) -> Trainer:
        """Prepare a training that goes on little by little, as in control or online learning.

        ``trainer.run(epochs)`` does what ``train(X, y, epochs=epochs, ...)`` does, without checking
        and packing the samples each time.

        Parameters
        ----------
        X, y, learning_rate, optimizer, loss, reduction, l2, sample_weight, derivative_at
        update_order, batch_size, shuffle, eval_set, stopping, callback, callback_every
        record_output, progress, num_threads
            As for `train`, which also warns and raises the same exceptions. They hold for each run:
            early stopping begins anew, say. Nobody may write to the samples while the trainer is in
            use.

        Returns
        -------
        Trainer

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([1, 1], weights=[[[0.0]]])
        >>> trainer = net.trainer([[2.0]], [[1.0]], learning_rate=0.5)
        >>> trainer.run(2).loss.round(4), trainer.run(1).loss.round(4)
        (array([0.125 , 0.0893]), array([0.0652]))
        """
        plan = make_plan(
            *(self, X, y, sample_weight, eval_set),
            (learning_rate, optimizer, loss, reduction, l2, derivative_at, update_order, stopping),
            *(batch_size, shuffle, callback_every, record_output, progress, num_threads),
        )
        report = None
        if callback is not None:
            if not callable(callback):
                raise TypeError(f"callback must be a function, got {callback!r}")

            def report(epoch, loss, validation_loss):
                answer = callback(Progress(epoch, loss, validation_loss, network=self))
                return isinstance(answer, (bool, np.bool_)) and bool(answer)

        return Trainer(self, plan, report)


@dataclass(frozen=True, eq=False)
class Progress:
    """The state of a training, as a callback of `Network.train` receives it.

    Attributes
    ----------
    epoch : int
        Number of finished epochs of this call.
    loss : float
        Loss of the last of them, as in `History`.
    validation_loss : float or None
        Validation loss of the last of them; None without an `eval_set`.
    network : Network
        The network with its present parameters, to be used, copied or pickled, but not trained.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], weights=[[[0.0]]])
    >>> history = net.train(
    ...     [[2.0]], [[1.0]], learning_rate=0.5, epochs=1000, callback=lambda p: p.loss < 0.01
    ... )
    >>> history.stopped_by, history.loss[-2:].round(4)
    ('callback', array([0.0106, 0.0098]))
    """

    epoch: int
    loss: float
    validation_loss: float | None
    network: Network
