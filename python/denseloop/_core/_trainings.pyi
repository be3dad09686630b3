"""Trainings: made by the core, or step by step from Python."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, final

import numpy as np
from denseloop._core._choices import Ending, _NotConstructible
from denseloop._core._plans import ObjectivePlan, RunResult
from denseloop._core._samples import _SparseSamples
from denseloop._core._sums import _RemoteSums
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)

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
    rate
        Learning rate of all epochs, for the histories; it does not count if there is a schedule.
    scaling_before, scaling
        The network's scaling for which the training was planned, and the one that it gives the
        network. A run raises RuntimeError if the network has another one by then.
    history_class
        Class of the histories. Its instances get the attributes loss, validation_loss, output,
        stopped_by, _rate and damping; its `__init__` is not called.
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
        rate: float | None,
        scaling_before: object,
        scaling: object,
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
        X: NDArray[_Float] | _SparseSamples[_Float] | _RemoteSums[_Float],
        y: NDArray[_Float] | None,
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
