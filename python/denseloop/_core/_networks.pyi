"""Networks, and what they compute."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, final, overload

import numpy as np
from denseloop._core._choices import Activation, Variables, _NotConstructible
from denseloop._core._plans import ObjectivePlan, OptimizerState, TrainingPlan
from denseloop._core._samples import _SparseSamples
from denseloop._core._sums import _PartialSums, _RemoteSums
from denseloop._core._trainings import _Steps, _Training
from numpy.typing import NDArray

_Float = TypeVar("_Float", np.float32, np.float64)

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

class _CallerLoss(Generic[_Float]):
    """A loss that Python computes from the outputs of a batch. It takes the place of targets.

    ``function(rows, outputs)`` gets a slice or an array of row numbers, and a new array of their
    outputs (rows, n_outputs). It returns the loss and a contiguous array of its derivatives. What
    it raises ends the training as an interruption does.
    """

    def __init__(
        self,
        function: Callable[
            [slice | NDArray[np.int64], NDArray[_Float]], tuple[float, NDArray[_Float]]
        ],
        n_samples: int,
        n_outputs: int,
    ) -> None: ...

class CallerLoss32(_CallerLoss[np.float32]): ...
class CallerLoss64(_CallerLoss[np.float64]): ...

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
    scaling
        As the first training has determined it, in Python's terms.
    shuffled_epochs
        Number of epochs whose samples were shuffled.
    """

    optimizer: object
    optimizer_state: object
    history: Any
    scaling: Any
    shuffled_epochs: int

    @overload
    def __init__(self, layout: Layout) -> None: ...
    @overload
    def __init__(self, layout: Layout, parameters: NDArray[_Float]) -> None: ...
    @property
    def parameters(self) -> NDArray[_Float]: ...
    def show_views(self, views: tuple[NDArray[_Float], ...]) -> None:
        """Name the arrays of weights and biases whose read-only flags a `Trainer64` minds."""

    def copied_state(self) -> tuple[NDArray[_Float], object, object, int, Any, Any]:
        """Return copies for a copy of the network.

        In the middle of another thread's training, or of this thread's in a signal's handler, the
        parameters are those after its last finished update, and the rest is of before, without the
        optimizer and its state.

        Returns
        -------
        parameters : (n_parameters,)
        optimizer, optimizer_state, shuffled_epochs, history
        """

    def draw_uniform(self, seed: bytes, limits: Sequence[float]) -> None:
        """Draw the weights of each layer with the numbers of numpy.random.default_rng.

        Parameters
        ----------
        seed
            In words of 4 bytes, the least significant first.
        limits
            Weights of layer k lie in [-limits[k], limits[k]); in [0, 1) where that is 0.
        """

    def require_free(self) -> None:
        """Raise a RuntimeError while the network is being trained."""

    def shares_batches(self, batch_size: int) -> bool:
        """Return whether several threads can be of use for batches of this size."""

    def training(
        self,
        X: NDArray[_Float] | _SparseSamples[_Float] | _RemoteSums[_Float],
        y: NDArray[_Float] | _CallerLoss[_Float] | None,
        sample_weight: NDArray[_Float] | None,
        eval_set: tuple[
            NDArray[_Float] | _SparseSamples[_Float] | _RemoteSums[_Float],
            NDArray[_Float] | _CallerLoss[_Float] | None,
            NDArray[_Float] | None,
        ]
        | None,
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
        y
            None where X are sums over samples elsewhere.
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
        with_damping: bool,
        scaling_before: object,
        scaling: object,
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
        with_damping
            Whether the history has the damping of each step.
        scaling_before, scaling
            As of a `Trainer64`.
        """

    def loss_and_gradient(
        self,
        X: NDArray[_Float] | _SparseSamples[_Float],
        y: NDArray[_Float] | _CallerLoss[_Float],
        sample_weight: NDArray[_Float] | None,
        objective: ObjectivePlan,
        threads: int,
        /,
    ) -> tuple[float, NDArray[_Float]]:
        """Return the loss and its gradient (n_parameters,) at the network's parameters."""

    def objective(
        self,
        X: NDArray[_Float] | _SparseSamples[_Float] | _RemoteSums[_Float],
        y: NDArray[_Float] | _CallerLoss[_Float] | None,
        sample_weight: NDArray[_Float] | None,
        objective: ObjectivePlan,
        threads: int,
    ) -> _Objective[_Float]:
        """Check and pack the samples."""

    def partial_sums(
        self,
        X: NDArray[_Float],
        y: NDArray[_Float],
        sample_weight: NDArray[_Float] | None,
        objective: ObjectivePlan,
        first_block: int,
        threads: int,
        least_squares: bool,
    ) -> _PartialSums[_Float]:
        """Check and pack samples that are whole blocks of a batch, from `first_block` on.

        Only the batch's last block may be shorter. `least_squares` is whether the sums are those of
        Levenberg-Marquardt: squares and equations.
        """

    def forward(self, X: NDArray[_Float] | _SparseSamples[_Float], threads: int) -> NDArray[_Float]:
        """Return the outputs (n_samples, n_outputs)."""

    def differentiate(
        self, X: NDArray[_Float] | _SparseSamples[_Float], variables: Variables, threads: int
    ) -> tuple[NDArray[_Float], NDArray[_Float]]:
        """Return the outputs, and their derivatives (n_samples, n_outputs, n_variables)."""

    def predict_few(self, X: object, /) -> NDArray[_Float] | None:
        """Return the outputs like `forward`, or None unless X is an array or list of few samples.

        It is faster, as it keeps its memory and the GIL. It also returns None while another thread
        uses that memory.
        """

class Network32(_Network[np.float32]): ...
class Network64(_Network[np.float64]): ...
