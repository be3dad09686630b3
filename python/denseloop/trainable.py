"""A network that learns: the loss with its gradients, and the training."""

from collections.abc import Callable

from numpy.typing import ArrayLike

from denseloop import _checks, _core, _threads
from denseloop._training import run
from denseloop._training.objective import objective, targets
from denseloop.losses import Huber, Quantile
from denseloop.optimizers import (
    LBFGS,
    RPROP,
    Adam,
    GradientDescent,
    LearningRate,
    LevenbergMarquardt,
)
from denseloop.parameters import Parameters
from denseloop.results import Gradients, History, Progress
from denseloop.stopping import EarlyStopping

Loss = str | Huber | Quantile
Optimizer = GradientDescent | Adam | RPROP | LBFGS | LevenbergMarquardt


class Trainable(Parameters):
    """What `Network` has beside its construction and `forward`."""

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
        """The loss over some samples and its derivatives by all parameters.

        Parameters
        ----------
        X, y, loss, reduction, l2, sample_weight, derivative_at, num_threads
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
        >>> import denseloop as dl
        >>> net = dl.Network([1, 1], weights=[[[0.0]]])
        >>> loss, gradients = net.loss_and_gradients([[2.0]], [[1.0]])
        >>> loss, gradients.weights[0], gradients.biases[0]
        (0.125, array([[-0.25]]), array([-0.125]))
        """
        X, y = _checks.data(self, X, y)
        minimized = objective(self, loss, reduction, derivative_at, l2)
        targets(loss, y)
        sample_weight = _checks.sample_weight(sample_weight, len(X), self.dtype)
        threads = _threads.allowed(num_threads)
        value, flat = _core.loss_and_gradient(
            self._layout, self._lock, self._parameters, X, y, sample_weight, minimized, threads
        )
        return value, Gradients(flat, *self._views(flat))

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
        callback: Callable[[Progress], bool | None] | None = None,
        callback_every: int = 1,
        record_output: bool = False,
        progress: bool = False,
        num_threads: int | None = None,
    ) -> History:
        """Minimize a loss: an epoch is one update from each batch, by default from all samples.

        ``train`` for a epochs and then for b more with an equal optimizer gives the bits of a + b
        epochs at once, since the network keeps the optimizer's state and the count of shuffled
        epochs (only `LBFGS` begins anew). Ctrl-C raises KeyboardInterrupt within 100 ms; the
        network then holds exactly the parameters after the last finished update, and `history` the
        finished epochs. Other Python threads run meanwhile; they should not write to the
        parameters, nor read them before the call returns. Neither they nor the callback should
        write to the samples, which are not copied where that can be avoided.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_inputs)
        y : array_like, shape (n_samples, n_outputs), or (n_samples,) for one output
            Finite real numbers; converted once if they are of another dtype.
        epochs : int
            At least 0; training may end earlier.
        learning_rate : float, InverseScaling or Adaptive
            Short for ``optimizer=GradientDescent(learning_rate)``; give exactly one of the two.
        optimizer : GradientDescent, Adam, RPROP, LBFGS or LevenbergMarquardt
            The last three take all samples to an update, and the last two in one order.
        loss : str, Huber or Quantile, default "half_squared_error"
            Summed over the outputs a with their targets y:

            ======================== ===========================================================
            "half_squared_error"     (a - y)**2 / 2
            "squared_error"          (a - y)**2
            "absolute_error"         abs(a - y), with the derivative 0 at a = y
            "binary_cross_entropy"   -y log(a) - (1 - y) log(1 - a); a sigmoid, y from 0 to 1
            "cross_entropy"          -y log(a); a softmax, y from 0 to 1 and of sum 1
            "poisson"                a - y log(a); an exp, y at least 0
            ======================== ===========================================================

            The last three are taken from the pre-activation, so that no logarithm overflows.
        reduction : {"sum", "mean"}, default "sum"
            Over the samples of a batch, each with its weight; the mean is the sum over the weights'
            sum.
        l2 : float, default 0
            At least 0. Half of this times the sum of all squared weights, but not biases, is added
            to each batch's sum before the reduction.
        sample_weight : array_like, shape (n_samples,), optional
            What the loss of each sample counts: at least 0, and not all 0. By default 1.
        derivative_at : {"pre_activation", "output"}, default "pre_activation"
            Where the sigmoid's derivative is taken: at the pre-activation z, as in the textbook, or
            at the output s(z), which some tutorials hand to it instead.
        update_order : {"simultaneous", "output_first"}, default "simultaneous"
            Whether all layers are updated at once, or, by plain descent only, from the last to the
            first, each before the gradient of the layer below is taken. The latter holds all
            activations in memory.
        batch_size : int, optional
            Samples to one update; the last batch may be shorter. None takes all samples.
        shuffle : bool, default False
            Whether each epoch takes the samples in a new order, which `seed` and the number of
            epochs shuffled before decide; otherwise it is that of X.
        eval_set : (X, y) or (X, y, sample_weight), optional
            Validation samples, whose loss after each epoch the history then has, without `l2`.
        stopping : EarlyStopping, optional
            When to end before all epochs, and whether to restore the best parameters.
        callback : callable, optional
            Called with a `Progress` after every `callback_every` epochs; training stops if it
            returns True.
        callback_every : int, default 1
            At least 1.
        record_output : bool, default False
            Whether to keep the outputs of every epoch in the history.
        progress : bool, default False
            Whether to show a progress bar (needs tqdm: ``pip install denseloop[progress]``).
        num_threads : int, optional
            At most how many threads take part; their number changes no bit. Small batches, and
            narrow networks with ``update_order="output_first"``, are left to one. None takes the
            least of the CPUs that the process is bound to, its control group's quota, and
            OMP_NUM_THREADS.

        Returns
        -------
        History
            Also kept as `history`. Its losses are, for the reduction "sum", those of the batches
            added up, and for "mean" their mean, each counted with its number of samples.

        Warns
        -----
        DivergenceWarning
            If the loss or a parameter would not be finite: training stops before that update.
        UserWarning
            If `batch_size` is more than there are samples.

        Raises
        ------
        ValueError
            For arrays of the wrong shape or with values that are not finite, numbers out of range,
            an unknown name, what does not fit together, or read-only parameters. Nothing has
            changed then.
        TypeError
            For values that are not real numbers, epochs that are not an integer, objects of another
            class, and both or neither of `learning_rate` and `optimizer`.
        ImportError
            Without SciPy for `LBFGS`, and tqdm for `progress`.
        RuntimeError
            If this network is being trained, by another thread or around a callback.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([1, 1], weights=[[[0.0]]])
        >>> net.train([[2.0]], [[1.0]], learning_rate=0.5, epochs=3).loss.round(4)
        array([0.125 , 0.0893, 0.0652])
        """
        return run.train(
            self,
            X,
            y,
            epochs=epochs,
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
