"""The C++ core. It never converts or copies an array.

Arrays of floats have the network's dtype unless they say otherwise.
"""

from typing import TypeVar

import numpy as np
from denseloop._core._choices import (
    Activation as Activation,
)
from denseloop._core._choices import (
    ActivationTraits as ActivationTraits,
)
from denseloop._core._choices import (
    DerivativeAt as DerivativeAt,
)
from denseloop._core._choices import (
    Ending as Ending,
)
from denseloop._core._choices import (
    Loss as Loss,
)
from denseloop._core._choices import (
    LossTraits as LossTraits,
)
from denseloop._core._choices import (
    Method as Method,
)
from denseloop._core._choices import (
    MethodTraits as MethodTraits,
)
from denseloop._core._choices import (
    Reduction as Reduction,
)
from denseloop._core._choices import (
    ScheduleKind as ScheduleKind,
)
from denseloop._core._choices import (
    UpdateOrder as UpdateOrder,
)
from denseloop._core._choices import (
    Variables as Variables,
)
from denseloop._core._choices import (
    activation_traits as activation_traits,
)
from denseloop._core._choices import (
    loss_traits as loss_traits,
)
from denseloop._core._choices import (
    method_traits as method_traits,
)
from denseloop._core._members import (
    MemberPlan32 as MemberPlan32,
)
from denseloop._core._members import (
    MemberPlan64 as MemberPlan64,
)
from denseloop._core._members import (
    NetworkStack32 as NetworkStack32,
)
from denseloop._core._members import (
    NetworkStack64 as NetworkStack64,
)
from denseloop._core._members import (
    train_members as train_members,
)
from denseloop._core._networks import (
    CallerLoss32 as CallerLoss32,
)
from denseloop._core._networks import (
    CallerLoss64 as CallerLoss64,
)
from denseloop._core._networks import (
    Layer as Layer,
)
from denseloop._core._networks import (
    Layout as Layout,
)
from denseloop._core._networks import (
    Network32 as Network32,
)
from denseloop._core._networks import (
    Network64 as Network64,
)
from denseloop._core._networks import (
    Objective32 as Objective32,
)
from denseloop._core._networks import (
    Objective64 as Objective64,
)
from denseloop._core._plans import (
    ObjectivePlan as ObjectivePlan,
)
from denseloop._core._plans import (
    OptimizerPlan as OptimizerPlan,
)
from denseloop._core._plans import (
    OptimizerState as OptimizerState,
)
from denseloop._core._plans import (
    RunResult as RunResult,
)
from denseloop._core._plans import (
    Schedule as Schedule,
)
from denseloop._core._plans import (
    Stopping as Stopping,
)
from denseloop._core._plans import (
    TrainingPlan as TrainingPlan,
)
from denseloop._core._samples import (
    SparseSamples32 as SparseSamples32,
)
from denseloop._core._samples import (
    SparseSamples64 as SparseSamples64,
)
from denseloop._core._sums import (
    PartialSums32 as PartialSums32,
)
from denseloop._core._sums import (
    PartialSums64 as PartialSums64,
)
from denseloop._core._sums import (
    RemoteSums32 as RemoteSums32,
)
from denseloop._core._sums import (
    RemoteSums64 as RemoteSums64,
)
from denseloop._core._trainings import (
    Steps32 as Steps32,
)
from denseloop._core._trainings import (
    Steps64 as Steps64,
)
from denseloop._core._trainings import (
    Trainer32 as Trainer32,
)
from denseloop._core._trainings import (
    Trainer64 as Trainer64,
)
from denseloop._core._trainings import (
    Training32 as Training32,
)
from denseloop._core._trainings import (
    Training64 as Training64,
)
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)

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

max_rows: int  # of a batch for which there are kernels of few samples
samples_per_block: int
version: str
compiler: str
compiler_flags: str
target_flags: str

def available_targets() -> list[str]: ...
def active_target() -> str: ...
def force_target(name: str) -> None: ...
