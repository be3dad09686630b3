"""The C++ core, with the array names of cpp/training.hpp; it never converts or copies an array."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Float = TypeVar("Float", np.float32, np.float64)

class Activation(Enum):
    sigmoid = ...
    tanh = ...
    relu = ...
    identity = ...
    softmax = ...
    exp = ...

class Loss(Enum):
    squared_error = ...
    half_squared_error = ...
    absolute_error = ...
    huber = ...
    quantile = ...
    binary_cross_entropy = ...
    cross_entropy = ...
    poisson = ...

class Reduction(Enum):
    sum = ...
    mean = ...

class DerivativeAt(Enum):
    pre_activation = ...
    output = ...

class UpdateOrder(Enum):
    simultaneous = ...
    output_first = ...

class Method(Enum):
    gradient_descent = ...
    momentum = ...
    nesterov = ...
    adam = ...
    rprop = ...

class ScheduleKind(Enum):
    constant = ...
    inverse_scaling = ...
    adaptive = ...

class Ending(Enum):  # as in History.stopped_by
    epochs = ...
    interrupt = ...
    divergence = ...
    stopping = ...
    learning_rate = ...
    convergence = ...

class Layer:
    @property
    def fan_in(self) -> int: ...
    @property
    def fan_out(self) -> int: ...
    @property
    def weights(self) -> int: ...
    @property
    def bias(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def has_bias(self) -> bool: ...

class Layout:
    def __init__(
        self, layer_sizes: Sequence[int], bias: bool, activations: Sequence[Activation]
    ) -> None:
        """`activations` has one for each layer; softmax and exp are for the last."""

    @property
    def layers(self) -> list[Layer]: ...
    @property
    def n_parameters(self) -> int: ...

class ParameterLock:
    """Taken by each function below; RuntimeError if that would wait."""

    def __init__(self) -> None: ...

class Objective:
    """What is minimized. `parameter` is Huber's delta, the quantile's level, or of the two cross
    entropies the largest -log(probability) that counts, which may be infinite. `share` is a factor
    of the samples' losses in the value, but not in its derivatives."""

    def __init__(
        self,
        loss: Loss,
        *,
        parameter: float,
        share: float,
        reduction: Reduction,
        derivative_at: DerivativeAt,
        l2: float,
    ) -> None: ...

class Optimizer:
    """All numbers are always given: 0 where the method has no use for one."""

    def __init__(
        self,
        method: Method,
        *,
        learning_rate: float,
        momentum: float,
        beta_1: float,
        beta_2: float,
        epsilon: float,
        increase: float,
        decrease: float,
        smallest_step: float,
        largest_step: float,
    ) -> None: ...

class Schedule:
    """How the learning rate goes on from the optimizer's, with 0 where a number has no use."""

    def __init__(
        self,
        kind: ScheduleKind,
        *,
        power: float,
        divisor: float,
        patience: int,
        tolerance: float,
        smallest: float,
    ) -> None: ...

class Stopping:
    """After `patience` epochs in a row whose loss is not below the lowest before by more than
    `tolerance`: the validation loss if there are validation samples, else the training loss."""

    def __init__(self, *, patience: int, tolerance: float) -> None: ...

class _Training(Generic[Float]):
    """The packed samples, and what early stopping has seen, from one `run` to the next."""

    def run(
        self,
        first_shuffle: int,
        losses: NDArray[np.float64],
        validation_losses: NDArray[np.float64] | None,
        outputs: NDArray[Float] | None,
        progress: Callable[[int, float], object] | None,
        orders: NDArray[np.int64] | None,
        rates: NDArray[np.float64] | None,
    ) -> tuple[int, Ending, BaseException | None]:
        """As many epochs as `losses` has room for, unless something ends it earlier.

        Runs of a epochs and then b give the bits of one of a + b, whatever was called in between.

        Parameters
        ----------
        first_shuffle
            How many epochs of this network have been shuffled before this run.
        losses, validation_losses : (epochs,)
            Receive those of each finished epoch. None without validation samples.
        outputs : (epochs * n_samples * n_outputs,)
            Receives the predictions in each finished epoch, in the order of X.
        progress
            Is told now and then how many epochs of this run are finished, and the last's loss.
        orders : (epochs, n_samples)
            The orders of the samples, from outside; None has them shuffled by the seed, or as they
            are.
        rates : (epochs,)
            The learning rates, from outside; None has them from the schedule.

        Returns
        -------
        The number of finished epochs, what ended the run, and the exception that did so if the
        ending is `interrupt` (KeyboardInterrupt, or one that `progress` raised).
        """

class Training32(_Training[np.float32]): ...
class Training64(_Training[np.float64]): ...

def training(
    layout: Layout,
    lock: ParameterLock,
    parameters: NDArray[Float],
    X: NDArray[Float],
    y: NDArray[Float],
    sample_weight: NDArray[Float] | None,
    eval_X: NDArray[Float] | None,
    eval_y: NDArray[Float] | None,
    eval_weight: NDArray[Float] | None,
    objective: Objective,
    optimizer: Optimizer,
    schedule: Schedule,
    stopping: Stopping | None,
    update_order: UpdateOrder,
    batch_size: int,
    shuffle_seed: int | None,
    reordered: bool,
    threads: int,
    moments: NDArray[Float],
    counters: NDArray[np.float64],
    best_parameters: NDArray[Float] | None,
) -> _Training[Float]:
    """Checks and packs the samples; the parameters are first touched by `run`.

    Parameters
    ----------
    sample_weight, eval_weight : (n_samples,)
    eval_X, eval_y
        The validation samples, or both None.
    batch_size
        From 1 to n_samples.
    shuffle_seed
        Below 2**64. With first_shuffle + e it decides the order of a run's epoch e. None leaves the
        samples as they are.
    reordered
        Whether the runs may be given `orders`.
    moments : (2, n_parameters)
    counters : (7,)
        The optimizer's state, read at the beginning of each run and written at its end, however it
        ends. A fresh start is zeros, but for the step sizes and some counters:

        ============================  ===================  ==============
        method                        moments[0]           moments[1]
        ============================  ===================  ==============
        gradient_descent              -                    -
        momentum, nesterov            velocity             -
        adam                          mean of gradients    of their squares
        rprop                         previous gradient    step sizes
        ============================  ===================  ==============

        counters are the finished updates; the finished epochs (of inverse scaling); and of the
        adaptive schedule the learning rate (first: the optimizer's), the lowest training loss yet
        (first: infinity), and how many epochs in a row were not below it by more than the
        tolerance; and beta_1 and beta_2 to the power of the updates (first: 1).
    best_parameters : (n_parameters,)
        Receives the parameters after each epoch whose validation loss is the lowest until then.
    """

def levenberg_marquardt(
    layout: Layout,
    lock: ParameterLock,
    parameters: NDArray[Float],
    X: NDArray[Float],
    y: NDArray[Float],
    sample_weight: NDArray[Float] | None,
    objective: Objective,
    damping: float,
    gradient_tolerance: float,
    step_tolerance: float,
    state: NDArray[np.float64],
    losses: NDArray[np.float64],
    threads: int,
    progress: Callable[[int, float], object] | None,
) -> tuple[int, Ending, BaseException | None]:
    """At most as many accepted steps as `losses` has room for; returns as `Training64.run`.

    `damping` is the first, in units of the largest entry of the diagonal of J^T J. state (1,) is
    the next step's, first 0, and is written back at the end, so that a steps and then b are a + b.
    """

def loss_and_gradient(
    layout: Layout,
    lock: ParameterLock,
    parameters: NDArray[Float],
    X: NDArray[Float],
    y: NDArray[Float],
    sample_weight: NDArray[Float] | None,
    objective: Objective,
    threads: int,
) -> tuple[float, NDArray[Float]]: ...
def forward(
    layout: Layout,
    lock: ParameterLock,
    parameters: NDArray[Float],
    X: NDArray[Float],
    threads: int,
) -> NDArray[Float]: ...

class RowPredictor32:
    """`predict` gives None where X is no plain array of few samples that needs no conversion."""

    def __init__(
        self, layout: Layout, lock: ParameterLock, parameters: NDArray[np.float32]
    ) -> None: ...
    def predict(self, X: object) -> NDArray[np.float32] | None: ...

class RowPredictor64:
    def __init__(
        self, layout: Layout, lock: ParameterLock, parameters: NDArray[np.float64]
    ) -> None: ...
    def predict(self, X: object) -> NDArray[np.float64] | None: ...

def shuffles(generator: object, orders: NDArray[np.int64]) -> None:
    """Each of the orders (epochs, n_samples) becomes a shuffle of the one before, the first of what
    it is, as `numpy.random.RandomState.shuffle` makes it. `generator` is the capsule of a NumPy bit
    generator, whose lock the caller holds."""

def multiply_adds32(count: int) -> int:
    """At least `count` multiply-adds of float32, in registers: how many. For the benchmark."""

def multiply_adds64(count: int) -> int: ...
def loop_sigmoid(z: NDArray[Float], times: int) -> None:
    """z, flat and in whole vectors, becomes the training loop's sigmoid of itself so often."""

sigmoid: np.ufunc
sigmoid_der: np.ufunc
error: np.ufunc
error_predicted_deriv: np.ufunc
update_w: np.ufunc

version: str
compiler: str
compiler_flags: str
target_flags: str

def available_targets() -> list[str]: ...
def active_target() -> str: ...
def force_target(name: str) -> None: ...
