"""Values that describe a training."""

from collections.abc import Sequence
from typing import final

import numpy as np
from denseloop._core._choices import (
    DerivativeAt,
    Ending,
    Loss,
    Method,
    Reduction,
    ScheduleKind,
    UpdateOrder,
    _NotConstructible,
)
from numpy.typing import NDArray

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

    After `patience` epochs in a row whose loss is not below the lowest by more than `tolerance`,
    and than `relative_tolerance` times the lowest, or when it has come down to the goal: the
    validation loss if there are validation samples, else the training loss.
    """

    def __init__(
        self, *, patience: int, tolerance: float, relative_tolerance: float, goal: float
    ) -> None: ...
    def is_progress(self, loss: float, lowest: float) -> bool:
        """Return whether `loss` is enough below the lowest, which is infinite at first."""

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
