"""The C++ core. It never converts or copies an array.

Arrays of floats have the network's dtype unless they say otherwise.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Generic, Never, TypeVar, final, overload

import numpy as np
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)

# ---- choices

class Activation(Enum):
    sigmoid = ...
    tanh = ...
    relu = ...
    leaky_relu = ...
    identity = ...
    gelu = ...
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

class Variables(Enum):
    inputs = ...
    parameters = ...

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

class _NotConstructible:
    def __init__(self, *args: Never, **kwargs: Never) -> None: ...

@final
class ActivationTraits(_NotConstructible):
    """A row of `activation_traits`."""

    @property
    def output_only(self) -> bool: ...
    @property
    def couples_outputs(self) -> bool: ...
    @property
    def parameter(self) -> str | None: ...

@final
class LossTraits(_NotConstructible):
    """A row of `loss_traits`."""

    @property
    def required_output(self) -> str | None: ...
    @property
    def parameter(self) -> str | None: ...

@final
class MethodTraits(_NotConstructible):
    """A row of `method_traits`."""

    @property
    def n_slots(self) -> int: ...

activation_traits: dict[str, ActivationTraits]
loss_traits: dict[str, LossTraits]
method_traits: dict[str, MethodTraits]

# ---- values that describe a training

class ObjectivePlan:
    """The loss to be minimized, with its penalty.

    `parameter` is Huber's delta, the quantile's level, or for the two cross entropies the largest
    -log(probability) that counts, which may be infinite. `value_scale` is a factor of the samples'
    losses in the value, but not in its derivatives.
    """

    def __init__(
        self,
        loss: Loss,
        *,
        parameter: float,
        value_scale: float = 1.0,
        reduction: Reduction = ...,
        derivative_at: DerivativeAt = ...,
        l2: float = 0.0,
    ) -> None: ...

class OptimizerPlan:
    """A method with its learning rate and hyperparameters; those not given are 0."""

    def __init__(
        self, method: Method, *, learning_rate: float = 0.0, **hyperparameters: float
    ) -> None: ...

class OptimizerState:
    """The slots and counters that an optimizer keeps between trainings.

    A training reads it at the start of each run and writes it at the end, however it ends. It can
    be pickled and copied.

    Attributes
    ----------
    slots : ndarray, shape (n_slots, n_parameters)
        Arrays of the method, all 0 at first except for the step sizes: momentum and nesterov have
        the velocity; adam the means of the gradients and of their squares; rprop the previous
        gradient and the step sizes; gradient_descent none.
    updates, epochs : int
        Numbers of finished updates and epochs.
    learning_rate, lowest_loss, epochs_without_progress
        Of the adaptive schedule: the present rate, the lowest training loss, and the number of
        epochs in a row that were not below it by more than the tolerance.
    beta_1_power, beta_2_power : float
        beta_1 and beta_2 to the power of `updates`.
    """

    slots: NDArray[np.floating]
    updates: int
    epochs: int
    learning_rate: float
    lowest_loss: float
    epochs_without_progress: int
    beta_1_power: float
    beta_2_power: float
    @staticmethod
    def fresh(
        first_slots: Sequence[float], n_parameters: int, float64: bool, learning_rate: float
    ) -> OptimizerState:
        """Return the state before the first update, with slots of these values."""

    def __init__(
        self,
        slots: NDArray[np.floating],
        learning_rate: float = 0.0,
        updates: int = 0,
        epochs: int = 0,
        lowest_loss: float = ...,
        epochs_without_progress: int = 0,
        beta_1_power: float = 1.0,
        beta_2_power: float = 1.0,
    ) -> None:
        """Make a state, by default a fresh one."""

class Schedule:
    """How the learning rate changes from epoch to epoch; a kind ignores what it has no use for."""

    def __init__(
        self,
        kind: ScheduleKind,
        *,
        power: float = 0.0,
        divisor: float = 0.0,
        patience: int = 0,
        tolerance: float = 0.0,
        smallest: float = 0.0,
    ) -> None: ...

class Stopping:
    """When a training ends early.

    After `patience` epochs in a row whose loss is not below the lowest by more than `tolerance`:
    the validation loss if there are validation samples, else the training loss.
    """

    def __init__(self, *, patience: int, tolerance: float) -> None: ...

class TrainingPlan:
    """What a training is asked to do with its batches."""

    def __init__(
        self,
        objective: ObjectivePlan,
        optimizer: OptimizerPlan,
        schedule: Schedule,
        *,
        stopping: Stopping | None = None,
        update_order: UpdateOrder = ...,
        shuffle_key: int | None = None,
    ) -> None:
        """`shuffle_key`, below 2**64, decides the order of the samples in each epoch, together with
        the number of shuffled epochs. None leaves the samples as they are.
        """

@final
class RunResult(_NotConstructible):
    """What ended a run. Returned by the trainings."""

    @property
    def epochs(self) -> int:
        """Number of finished epochs."""

    @property
    def ending(self) -> Ending: ...
    @property
    def error(self) -> BaseException | None:
        """KeyboardInterrupt, or what `progress` raised, if the ending is `interrupt`."""

# ---- networks and what they do

@final
class Layer(_NotConstructible):
    """Offsets of a layer in the flat parameters."""

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
    """Layer sizes and activations, and the offsets that follow from them."""

    def __init__(
        self,
        layer_sizes: Sequence[int],
        bias: bool,
        activations: Sequence[tuple[Activation, float]],
    ) -> None:
        """`activations` has one for each layer, with its parameter, which some ignore."""

    @property
    def layers(self) -> list[Layer]: ...
    @property
    def n_parameters(self) -> int: ...

class _Network(Generic[_Float]):
    """A layout with an array of parameters, and what one training leaves for the next.

    During a training the methods answer, in other threads, from its last finished update. A second
    training raises RuntimeError.

    Attributes
    ----------
    parameters : (n_parameters,)
        The caller's array; without one, zeros that start at a cache line.
    optimizer, optimizer_state
        The last training's optimizer, and its state of a kind that its training knows.
    history
        The last training's.
    shuffled_epochs
        Number of epochs whose samples were shuffled.
    """

    optimizer: object
    optimizer_state: object
    history: Any
    shuffled_epochs: int

    @overload
    def __init__(self, layout: Layout) -> None: ...
    @overload
    def __init__(self, layout: Layout, parameters: NDArray[_Float]) -> None: ...
    @property
    def parameters(self) -> NDArray[_Float]: ...
    def show_views(self, views: tuple[NDArray[_Float], ...]) -> None:
        """Name the arrays of weights and biases whose read-only flags a `Trainer64` minds."""

    def draw_uniform(self, seed: bytes, limits: Sequence[float]) -> None:
        """Draw the weights of each layer with the numbers of numpy.random.default_rng.

        Parameters
        ----------
        seed
            In words of 4 bytes, the least significant first.
        limits
            Weights of layer k lie in [-limits[k], limits[k]); in [0, 1) where that is 0.
        """

    def shares_batches(self, batch_size: int) -> bool:
        """Return whether several threads can be of use for batches of this size."""

    def training(
        self,
        X: NDArray[_Float],
        y: NDArray[_Float],
        sample_weight: NDArray[_Float] | None,
        eval_set: tuple[NDArray[_Float], NDArray[_Float], NDArray[_Float] | None] | None,
        plan: TrainingPlan,
        batch_size: int,
        threads: int,
        state: OptimizerState | None,
        reordered: bool = False,
        best_parameters: NDArray[_Float] | None = None,
    ) -> _Training[_Float]:
        """Check and pack the samples. The parameters are first changed by `run`.

        Parameters
        ----------
        state
            Read and written by each run; None for a `Trainer64`, which finds it.
        batch_size
            From 1 to n_samples.
        sample_weight : (n_samples,)
        eval_set
            Validation samples (X, y, sample_weight or None).
        reordered
            Whether the runs are given `orders`.
        best_parameters : (n_parameters,)
            Receives the parameters after each epoch whose validation loss is the lowest so far.
        """

    def run_steps(
        self,
        train: Callable[[_Steps[_Float]], str],
        *,
        epochs: int,
        with_validation: bool,
        outputs_of: int | None,
        best_parameters: NDArray[_Float] | None,
        history_class: type,
        check_trainable: Callable[[], None],
    ) -> Any:
        """Call ``train(steps)``, which returns what ended the training, while no other can begin.

        Returns the history, which the network then has too, also if `train` raises.

        Parameters
        ----------
        epochs
            How many steps there are at most.
        outputs_of
            Number of samples whose outputs are recorded, or None.
        best_parameters : (n_parameters,)
            Parameters with the lowest validation loss when `train` returns, which the network gets.
        history_class, check_trainable
            As of a `Trainer64`.
        """

    def loss_and_gradient(
        self,
        X: NDArray[_Float],
        y: NDArray[_Float],
        sample_weight: NDArray[_Float] | None,
        objective: ObjectivePlan,
        threads: int,
        /,
    ) -> tuple[float, NDArray[_Float]]:
        """Return the loss and its gradient (n_parameters,) at the network's parameters."""

    def objective(
        self,
        X: NDArray[_Float],
        y: NDArray[_Float],
        sample_weight: NDArray[_Float] | None,
        objective: ObjectivePlan,
        threads: int,
    ) -> _Objective[_Float]:
        """Check and pack the samples."""

    def forward(self, X: NDArray[_Float], threads: int) -> NDArray[_Float]:
        """Return the outputs (n_samples, n_outputs)."""

    def differentiate(
        self, X: NDArray[_Float], variables: Variables, threads: int
    ) -> tuple[NDArray[_Float], NDArray[_Float]]:
        """Return the outputs, and their derivatives (n_samples, n_outputs, n_variables)."""

    def predict_few(self, X: object, /) -> NDArray[_Float] | None:
        """Return the outputs like `forward`, or None unless X is an array or list of few samples.

        It is faster, as it keeps its memory and the GIL. It also returns None while another thread
        uses that memory.
        """

class Network32(_Network[np.float32]): ...
class Network64(_Network[np.float64]): ...

class _Steps(_NotConstructible, Generic[_Float]):
    """A training that Python drives, of at most `epochs` steps. Made by `Network64.run_steps`.

    Every method changes the network and the record at once. None can be used after the training.
    """

    @property
    def epochs(self) -> int: ...
    @property
    def finished(self) -> int: ...
    @property
    def losses(self) -> NDArray[np.float64]:
        """The losses (epochs,), each before its step, of which `finished` are filled."""

    @property
    def validation_losses(self) -> NDArray[np.float64] | None: ...
    @property
    def outputs(self) -> NDArray[_Float] | None: ...
    def numbers(self, finished: int) -> tuple[int, float | None, float | None]:
        """Return `finished`, and the losses of the last of so many epochs."""

    def begin(self, optimizer: object, state: object) -> None:
        """Give the network this optimizer and state, and at the end a history."""

    def add(self, parameters: NDArray[_Float], loss: float) -> None:
        """Give the network the parameters after a step; `loss` is that before it."""

    def levenberg_marquardt(
        self,
        *,
        count: int,
        X: NDArray[_Float],
        y: NDArray[_Float],
        sample_weight: NDArray[_Float] | None,
        objective: ObjectivePlan,
        threads: int,
        initial_damping: float,
        gradient_tolerance: float,
        step_tolerance: float,
        damping: float,
        optimizer: object,
        progress: Callable[[int, float], object] | None,
    ) -> tuple[int, Ending]:
        """Take `count` accepted steps, unless something ends them earlier; return how many.

        The network then has this optimizer, and as its state the damping to go on with: passing
        that as `damping` makes a steps and then b give the bits of a + b. A `damping` of 0 starts
        afresh from `initial_damping`, in units of the largest diagonal element of J^T J.
        """

@final
class Steps32(_Steps[np.float32]): ...

@final
class Steps64(_Steps[np.float64]): ...

class _Objective(_NotConstructible, Generic[_Float]):
    """Packed samples, and the objective over them. Made by `Network64.objective`.

    Arrays of parameters and gradients are plain and contiguous (n_parameters,). The methods return
    None for others. Parameters of None are the network's own.
    """

    def loss_and_gradient(
        self, parameters: object, out: object, /
    ) -> tuple[float, NDArray[_Float]] | None:
        """Return the loss and its gradient, which is `out` or, for None, a new array."""

    def loss(self, parameters: object, /) -> float | None: ...

@final
class Objective32(_Objective[np.float32]): ...

@final
class Objective64(_Objective[np.float64]): ...

class _Training(_NotConstructible, Generic[_Float]):
    """Packed samples, an optimizer's state, and what early stopping has seen.

    Made by `Network64.training`.
    """

    def run(
        self,
        *,
        losses: NDArray[np.float64],
        validation_losses: NDArray[np.float64] | None = None,
        outputs: NDArray[_Float] | None = None,
        progress: Callable[[int, float], object] | None = None,
        orders: NDArray[np.int64] | None = None,
        rates: NDArray[np.float64] | None = None,
        shuffled_epochs: int = 0,
    ) -> RunResult:
        """Train for as many epochs as `losses` has room for, unless something ends it earlier.

        Runs of a epochs and then b give the bits of one of a + b, whatever is called in between.

        Parameters
        ----------
        losses, validation_losses : (epochs,)
            Receive the losses of each finished epoch; None without validation samples.
        outputs : (epochs * n_samples * n_outputs,)
            Receives the outputs in each finished epoch, in the order of X.
        progress
            Called now and then with the number of finished epochs of this run and the last loss.
        orders : (epochs, n_samples)
            Orders of the samples, for a training that is `reordered`.
        rates : (epochs,)
            Learning rates in place of the schedule's.
        shuffled_epochs
            Number of epochs of this network that were shuffled before this run.
        """

@final
class Training32(_Training[np.float32]): ...

@final
class Training64(_Training[np.float64]): ...

_Report = Callable[[int, float | None, float | None], object]

class _Trainer(Generic[_Float]):
    """A training that keeps its network's state and history.

    Parameters
    ----------
    training
        A training without a state.
    optimizer
        Kept with the state in the network. A run goes on from the network's state if its optimizer
        is equal to this.
    first_slots
        Values of the slots before the first update.
    history_class
        Class of the histories. Its instances get the attributes loss, validation_loss, output and
        stopped_by; its `__init__` is not called.
    record_output
        Whether the histories have outputs.
    report_every, report
        Function called with the number of finished epochs and the losses of the last one after
        every so many epochs, while no lock is held; True ends the training. Or None.
    check_trainable
        Function that raises what is wrong with the parameters.
    """

    def __init__(
        self,
        training: _Training[_Float],
        optimizer: object,
        first_slots: Sequence[float],
        history_class: type,
        record_output: bool,
        report_every: int,
        check_trainable: Callable[[], None],
        report: _Report | None,
    ) -> None: ...
    def run(self, epochs: int, show: _Report | None, /) -> Any:
        """Train, and return the history, which the network has then too.

        `show` is called like `report`, but now and then.
        """

class Trainer32(_Trainer[np.float32]): ...
class Trainer64(_Trainer[np.float64]): ...

# ---- functions

def shuffles(generator: object, orders: NDArray[np.int64]) -> None:
    """Shuffle the first row of orders (epochs, n_samples), and make each later row a shuffle of the
    row before, as `numpy.random.RandomState.shuffle` does.

    `generator` is the capsule of a NumPy bit generator, whose lock the caller holds.
    """

def multiply_adds32(count: int) -> int:
    """Perform at least `count` multiply-adds of float32 in registers, and return how many."""

def multiply_adds64(count: int) -> int: ...
def loop_sigmoid(z: NDArray[_Float], times: int) -> None:
    """Apply the training loop's sigmoid to z, flat and in whole vectors, `times` times."""

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
