"""A dense network and its training, in one fused loop."""

from __future__ import annotations  # which help() shows as they are written

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from denseloop._checks import with_hints
from denseloop._training.diagnosis import check_range
from denseloop._training.plan import make_plan
from denseloop.exchange import ExchangeableModel
from denseloop.losses import DerivativeAt, Loss, Reduction
from denseloop.optimizers import LearningRate, Optimizer, OptimizerName
from denseloop.progress import Progress, report_to
from denseloop.results import History
from denseloop.stopping import EarlyStopping
from denseloop.trainer import Trainer, check_epochs

if TYPE_CHECKING:
    from denseloop._types import EvalSet, MatrixLike

__all__ = ["Network"]

UpdateOrder = Literal["simultaneous", "output_first"]


class Network(ExchangeableModel):
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
    output_activation : str or LeakyReLU, optional
        Activation of the last layer: one of these, "softmax" for the probabilities of at least two
        classes, or "exp" for counts. By default the last of `activation` if that has one for each
        layer, as `Network.activations` has, or else "sigmoid".
    dtype : {"float64", "float32"}, default "float64"
        Type of the parameters and of all arithmetic.
    weights : sequence of array_like, shape (fan_in, fan_out) each, optional
        Initial weights, copied. Arrays must have the network's dtype. By default they are drawn.
    biases : sequence of array_like, shape (fan_out,) each, optional
        Initial biases, copied. By default they are 0.
    initialization : str, default "glorot_uniform"
        Rule by which weights are drawn: "glorot_uniform", "glorot_normal", "he_uniform",
        "he_normal" or "uniform" in [0, 1) (see `denseloop.initialization`).
    scaling : {"standard", "minmax", "robust"}, optional
        Rule by which the network scales inputs, and targets of an "identity" output, as the samples
        of its first training determine (see `denseloop.scaling`). By default it does not scale.
    seed : int, optional
        Seed of the drawn weights (by `numpy.random.default_rng`) and of the shuffling of samples.
        By default it is drawn from the system's entropy.

    Attributes
    ----------
    layer_sizes, bias, output_activation, dtype, seed
        As given, in their canonical form.
    scaling : Scaling or None
        The rule with its numbers.
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

    @with_hints
    def train(
        self,
        X: MatrixLike,
        y: ArrayLike,
        *,
        epochs: int,
        learning_rate: LearningRate | None = None,
        optimizer: Optimizer | OptimizerName | None = None,
        loss: Loss = "half_squared_error",
        reduction: Reduction = "sum",
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        derivative_at: DerivativeAt = "pre_activation",
        update_order: UpdateOrder = "simultaneous",
        batch_size: int | None = None,
        shuffle: bool = False,
        eval_set: EvalSet | None = None,
        stopping: EarlyStopping | None = None,
        callback: Callable[[Progress], bool | None] | None = None,
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
        takes some microseconds). What they ask of the network is answered from the last finished
        update, but they must neither read nor write the array `parameters` before the call
        returns. Nobody may write to the samples, which are not copied where that can be avoided.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n_samples, n_inputs)
        y : array_like, shape (n_samples, n_outputs), or (n_samples,) for one output
            Finite real numbers; converted once if they are of another dtype.
        epochs : int
            Number of epochs, at least 0; training may end earlier.
        learning_rate : float, InverseScaling or Adaptive
            Short for ``optimizer=GradientDescent(learning_rate)``, and the rate of an optimizer
            that is named.
        optimizer : str, GradientDescent, Adam, RPROP, LBFGS or LevenbergMarquardt
            Rule of the updates. The last three take all samples to an update, and the last two do
            not shuffle them. "sgd", "adam", "rprop", "lbfgs" and "lm" stand for those with their
            defaults; "sgd" needs a `learning_rate`, and "adam" may have one.
        loss : str, Huber, Quantile or callable, default "half_squared_error"
            Loss of a sample: also "squared_error", "absolute_error", "binary_cross_entropy" (of a
            sigmoid), "cross_entropy" (of a softmax) or "poisson" (of an exp); see
            `denseloop.losses`. Or a function ``loss(outputs, targets)`` of a batch that returns its
            loss and the derivatives (n_samples, n_outputs) by the outputs, and weights and averages
            as it likes; it gets rows of `y`, which may then have any shape (n_samples, ...) and
            any values.
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
            the least of the CPUs the process may use, its control group's quota, OMP_NUM_THREADS
            and a limit by threadpoolctl; 1 in a thread that works for joblib or Dask.

        Returns
        -------
        History
            Also kept as `history`. An epoch's loss is the sum of its batches' losses, or for the
            reduction "mean" their mean, each weighted by its number of samples.

        Warns
        -----
        DivergenceWarning
            If the loss or a parameter would not be finite: training stops before that update.
        TrainingWarning
            If the first training's targets lie outside the range of the outputs, if the loss ends
            higher than it began (after less than fifty epochs, hundredfold), or if it is near
            that of a constant output after fifty epochs or convergence, with inputs or targets
            far from 1.
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
        X: MatrixLike,
        y: ArrayLike,
        *,
        learning_rate: LearningRate | None = None,
        optimizer: Optimizer | OptimizerName | None = None,
        loss: Loss = "half_squared_error",
        reduction: Reduction = "sum",
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        derivative_at: DerivativeAt = "pre_activation",
        update_order: UpdateOrder = "simultaneous",
        batch_size: int | None = None,
        shuffle: bool = False,
        eval_set: EvalSet | None = None,
        stopping: EarlyStopping | None = None,
        callback: Callable[[Progress], bool | None] | None = None,
        callback_every: int = 1,
        record_output: bool = False,
        progress: bool = False,
        num_threads: int | None = None,
    ) -> Trainer:
        """Prepare a training that goes on little by little, with the same samples.

        ``trainer.run(epochs)`` does what ``train(X, y, epochs=epochs, ...)`` does, without checking
        and packing the samples each time.

        Parameters
        ----------
        X, y, learning_rate, optimizer, loss, reduction, l2, sample_weight, derivative_at
        update_order, batch_size, shuffle, eval_set, stopping, callback, callback_every
        record_output, progress, num_threads
            As for `train`, which also warns and raises the same exceptions. They hold for each run:
            early stopping begins anew, say. Do not write to the samples while the trainer is in
            use: whether it sees the change depends on their shape.

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
        trainer = Trainer(self, plan, report_to(callback, self))
        if self._parameters.core.history is None:  # the first training; a later one is to be fast
            check_range(self, plan.y)
        return trainer
