"""Many networks at once."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from denseloop._core._networks import Layout, Network32, Network64, _CallerLoss, _Network
from denseloop._core._plans import TrainingPlan
from denseloop._core._samples import _SparseSamples
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)
_Samples = NDArray[_Float] | _SparseSamples[_Float]
_Targets = NDArray[_Float] | _CallerLoss[_Float]

class _MemberPlan(Generic[_Float]):
    """What networks of one layout are trained with.

    Parameters
    ----------
    plan
        Networks with plans of the same object may be trained side by side.
    optimizer, first_slots, rate, scaling_before, scaling, record_output
        As of a `Trainer64`.
    restore_best
        Whether a network gets the parameters with its lowest validation loss.
    """

    def __init__(
        self,
        X: _Samples[_Float],
        y: _Targets[_Float],
        sample_weight: NDArray[_Float] | None,
        eval_set: tuple[_Samples[_Float], _Targets[_Float], NDArray[_Float] | None] | None,
        plan: TrainingPlan,
        batch_size: int,
        optimizer: object,
        first_slots: Sequence[float],
        rate: float | None,
        scaling_before: object,
        scaling: object,
        record_output: bool,
        restore_best: bool,
    ) -> None: ...
    def check(self, network: _Network[_Float]) -> None:
        """Raise what is wrong with the samples and options for networks of this layout."""

class MemberPlan32(_MemberPlan[np.float32]): ...
class MemberPlan64(_MemberPlan[np.float64]): ...

_AnyNetwork = Network32 | Network64
_AnyPlan = MemberPlan32 | MemberPlan64

def train_members(
    jobs: Sequence[tuple[_AnyNetwork, _AnyPlan, int, int | None]],
    threads: int,
    history_class: type,
    check_trainable: Callable[[int], object],
    refuse: Callable[[int, str], object],
    show: Callable[[int], object] | None,
    stop_type: type[Exception],
) -> list[Any]:
    """Train networks at once, and return their histories, which they have then too.

    Nothing has changed if one of them cannot be trained.

    Parameters
    ----------
    jobs
        Network, plan, number of epochs, and the key of its shuffles or None.
    history_class
        As of a `Trainer64`.
    check_trainable
        Raises what is wrong with the parameters of a job's network.
    refuse
        Raises why a job's network cannot be trained.
    show
        Called now and then with the number of networks that are done.
    stop_type
        Exception by which `show` ends all trainings as a callback does.
    """

class _NetworkStack(Generic[_Float]):
    """Networks whose parameters are the rows of one array, at first 0."""

    def __init__(self, layout: Layout, count: int) -> None: ...
    def __len__(self) -> int: ...
    @property
    def parameters(self) -> NDArray[_Float]: ...
    def made(self) -> list[_Network[_Float] | None]:
        """Return the networks, None for each that has not been asked for."""

    def draw_uniform(self, seeds: NDArray[np.uint64], limits: Sequence[float]) -> None:
        """Draw the weights of each network as `Network64.draw_uniform` does for its seed."""

    def forward(self, X: NDArray[_Float], threads: int) -> NDArray[_Float]:
        """Return the outputs (count, n_samples, n_outputs) for X, whose numbers are finite.

        X is (n_samples, n_inputs), or (count, n_samples, n_inputs).
        """

class NetworkStack32(_NetworkStack[np.float32]):
    def network(self, index: int) -> Network32: ...

class NetworkStack64(_NetworkStack[np.float64]):
    def network(self, index: int) -> Network64: ...
