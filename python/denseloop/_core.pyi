"""The C++ core, with the array names of cpp/trainer.hpp; it never converts or copies an array."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Float = TypeVar("Float", np.float32, np.float64)

class Activation(Enum):
    sigmoid = ...
    softmax = ...

class Loss(Enum):
    squared_error = ...
    half_squared_error = ...
    cross_entropy = ...

class Reduction(Enum):
    sum = ...
    mean = ...

class DerivativeAt(Enum):
    pre_activation = ...
    output = ...

class UpdateOrder(Enum):
    simultaneous = ...
    output_first = ...

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
        self, layer_sizes: Sequence[int], bias: bool, output_activation: Activation
    ) -> None: ...
    @property
    def layers(self) -> list[Layer]: ...
    @property
    def n_parameters(self) -> int: ...

class ParameterLock:
    """Taken by each function below; RuntimeError if that would wait."""

    def __init__(self) -> None: ...

def train(
    layout: Layout,
    lock: ParameterLock,
    parameters: NDArray[Float],
    X: NDArray[Float],
    y: NDArray[Float],
    loss: Loss,
    reduction: Reduction,
    derivative_at: DerivativeAt,
    update_order: UpdateOrder,
    learning_rate: float,
    batch_size: int,
    threads: int,
    losses: NDArray[np.float64],
    outputs: NDArray[Float] | None,
    progress: Callable[[int, float], object] | None,
) -> tuple[int, bool, BaseException | None]:
    """Finished epochs, whether it diverged, and the exception that ended it."""

def loss_and_gradient(
    layout: Layout,
    lock: ParameterLock,
    parameters: NDArray[Float],
    X: NDArray[Float],
    y: NDArray[Float],
    loss: Loss,
    reduction: Reduction,
    derivative_at: DerivativeAt,
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

compiler: str
compiler_flags: str
target_flags: str

def available_targets() -> list[str]: ...
def active_target() -> str: ...
def force_target(name: str) -> None: ...
