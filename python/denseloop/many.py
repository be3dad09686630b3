"""Trainings of many networks in one call."""

from __future__ import annotations  # which help() shows as they are written

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from denseloop import _checks, _core, _threads
from denseloop._many.members import Members, MembersFactory
from denseloop._many.samples import NAMES, own_samples
from denseloop._progress_bar import ProgressBar
from denseloop._training.diagnosis import check_course
from denseloop._warnings import warn
from denseloop.each import Each
from denseloop.losses import DerivativeAt, Loss, Reduction
from denseloop.network import Network, UpdateOrder
from denseloop.optimizers import LearningRate, Optimizer, OptimizerName
from denseloop.parameters import CoreNetwork
from denseloop.progress import Progress, is_true
from denseloop.results import DivergenceWarning, History
from denseloop.stopping import EarlyStopping
from denseloop.trainer import divergence_text

if TYPE_CHECKING:
    from typing import Protocol, Required, TypedDict, overload

    from numpy.typing import ArrayLike

    from denseloop._types import EvalSet, MatrixLike

    class ManyOptions(TypedDict, total=False):
        """The options of `train_many`, which has their documentation."""

        epochs: Required[int | Each]
        learning_rate: LearningRate | Each | None
        optimizer: Optimizer | OptimizerName | Each | None
        loss: Loss | Each
        reduction: Reduction | Each
        l2: float | Each
        sample_weight: ArrayLike | Sequence[ArrayLike] | Each | None
        derivative_at: DerivativeAt | Each
        update_order: UpdateOrder | Each
        batch_size: int | Each | None
        shuffle: bool | Each
        eval_set: EvalSet | list[EvalSet] | Each | None
        stopping: EarlyStopping | Each | None
        callback: Callable[[Progress], bool | None] | Each | None
        callback_every: int | Each
        record_output: bool | Each
        overall_callback: Callable[[int, int], bool | None] | None
        progress: bool
        num_threads: int | None

    class ManyNetworks(Protocol):
        """A sequence of networks, or a `Networks`."""

        def __len__(self) -> int: ...
        def __iter__(self) -> Iterator[Network]: ...
        @overload
        def __getitem__(self, key: int, /) -> Network: ...
        @overload
        def __getitem__(self, key: slice, /) -> Sequence[Network]: ...


__all__ = ["train_many"]

LOOKED_AT = 16  # networks whose course is checked
NAMED = 5  # networks that a warning names


@_checks.with_hints
def train_many(
    networks: ManyNetworks,
    X: MatrixLike | Sequence[MatrixLike] | Each,
    y: ArrayLike | Sequence[ArrayLike] | Each,
    *,
    epochs: int | Each,
    learning_rate: LearningRate | Each | None = None,
    optimizer: Optimizer | OptimizerName | Each | None = None,
    loss: Loss | Each = "half_squared_error",
    reduction: Reduction | Each = "sum",
    l2: float | Each = 0.0,
    sample_weight: ArrayLike | Sequence[ArrayLike] | Each | None = None,
    derivative_at: DerivativeAt | Each = "pre_activation",
    update_order: UpdateOrder | Each = "simultaneous",
    batch_size: int | Each | None = None,
    shuffle: bool | Each = False,
    eval_set: EvalSet | list[EvalSet] | Each | None = None,
    stopping: EarlyStopping | Each | None = None,
    callback: Callable[[Progress], bool | None] | Each | None = None,
    callback_every: int | Each = 1,
    record_output: bool | Each = False,
    overall_callback: Callable[[int, int], bool | None] | None = None,
    progress: bool = False,
    num_threads: int | None = None,
) -> list[History]:
    """Train many networks, each as its own `Network.train` would, to the bit.

    The threads share the networks. What ends one training (stopping, a goal, divergence) ends that
    one alone. Ctrl-C raises KeyboardInterrupt within 100 ms and leaves every network after its last
    finished update.

    Parameters
    ----------
    networks : sequence of Network, or Networks
        Different networks of any layouts.
    X, y, sample_weight, eval_set
        As for `Network.train`, for all networks; or one for each: in `each`, in a list of arrays
        (of tuples, for `eval_set`), or in an array with one dimension more, (n_networks, n_samples,
        n_inputs), say. A list of `y` or `sample_weight` counts as one for each if `X` is.
    epochs, learning_rate, optimizer, loss, reduction, l2, derivative_at, update_order, batch_size
    shuffle, stopping, callback, callback_every, record_output
        As for `Network.train`, for all networks; or one for each, in `each`.
    overall_callback : callable, optional
        Function called now and then with the number of networks that are done and of all; it ends
        all trainings by returning True.
    progress : bool, default False
        Whether to show one progress bar for all, by tqdm.
    num_threads : int, optional
        As for `Network.train`.

    Returns
    -------
    list of History
        One for each network, which also keeps it as its `history`. After an end by
        `overall_callback` it is the `history` that the network has, None if it was never trained.

    Warns
    -----
    DivergenceWarning
        Once, if trainings diverged; it names the first networks.
    TrainingWarning, UserWarning
        As `Network.train` does, for the first networks.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described, or does not fit a network, which the message names.
        Nothing has changed then.
    RuntimeError
        If a network is already being trained.
    ImportError
        As `Network.train` does.

    Notes
    -----
    Networks of one layout and dtype that share samples and options take the least time. Trainings
    with a `callback`, with a loss that is a function, or by `LBFGS` or `LevenbergMarquardt` follow
    the others, one after another.

    Examples
    --------
    >>> import denseloop as dl
    >>> networks = [dl.Network([2, 3, 1], seed=seed) for seed in range(4)]
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> histories = dl.train_many(
    ...     networks, X, y, learning_rate=dl.each([0.5, 1.0, 2.0, 4.0]), epochs=2000
    ... )
    >>> [len(history.loss) for history in histories]
    [2000, 2000, 2000, 2000]
    """
    cores, alike = cores_of(networks)
    options = {
        "epochs": epochs,
        "learning_rate": learning_rate,
        "optimizer": optimizer,
        "loss": loss,
        "reduction": reduction,
        "l2": l2,
        "derivative_at": derivative_at,
        "update_order": update_order,
        "stopping": stopping,
        "batch_size": batch_size,
        "shuffle": shuffle,
        "callback": callback,
        "callback_every": callback_every,
        "record_output": record_output,
    }
    data = dict(zip(NAMES, (X, y, sample_weight, eval_set)))
    looked_at = networks[:1] if alike else networks
    single = all(network.layer_sizes[-1] == 1 for network in looked_at)
    own = own_samples(X, y, sample_weight, eval_set, len(cores), single)
    members = MembersFactory(networks, alike, cores, data, own, options, num_threads).make()
    if overall_callback is not None and not callable(overall_callback):
        raise TypeError(f"overall_callback must be a function, got {overall_callback!r}")
    if progress:
        with ProgressBar(len(cores), "networks") as show:
            histories = run(networks, members, num_threads, overall_callback, show)
    else:
        histories = run(networks, members, num_threads, overall_callback, None)
    warn_of_courses(members, histories)
    return histories


class StoppedByCallback(Exception):
    """Raised where the callback over all networks wants the end."""


def run(
    networks: ManyNetworks,
    members: Members,
    num_threads: int | None,
    callback: Callable[[int, int], bool | None] | None,
    show: Callable[[int], object] | None,
) -> list[History]:
    """Carry out all trainings, and return the histories."""
    count = len(networks)

    def report(finished: int) -> None:
        if show is not None:
            show(finished)
        if callback is not None and is_true(callback(finished, count)):
            raise StoppedByCallback

    numbers = list(members.jobs)
    histories: list[Any] = [None] * count

    def check_trainable(job: int) -> None:
        require_trainable(networks, numbers[job])

    def refuse(job: int, reason: str) -> None:
        raise RuntimeError(f"network {numbers[job]}: {reason}")

    for k in members.trainers:
        require_trainable(networks, k)
    try:
        of_core = _core.train_members(
            list(members.jobs.values()),
            _threads.allowed(num_threads),
            History,
            check_trainable,
            refuse,
            report if show is not None or callback is not None else None,
            StoppedByCallback,
        )
        for k, history in zip(numbers, of_core):
            histories[k] = history
        report(len(numbers))
        for done, (k, trainer) in enumerate(members.trainers.items(), len(numbers) + 1):
            histories[k] = trainer.run(members.epochs[k])
            report(done)
    except StoppedByCallback:
        pass
    for k, history in enumerate(histories):
        if history is None:
            histories[k] = networks[k].history
    return histories


def require_trainable(networks: ManyNetworks, k: int) -> None:
    """Raise an error that names network k unless it can be trained now."""
    try:
        _checks.require_trainable(networks[k])
        networks[k]._parameters.core.require_free()
    except (RuntimeError, ValueError) as error:
        raise type(error)(f"network {k}: {error}") from None


def cores_of(networks: ManyNetworks) -> tuple[list[CoreNetwork], bool]:
    """Return the cores of different networks, and whether all are surely alike."""
    if hasattr(networks, "_all_cores"):
        return networks._all_cores(), True
    if isinstance(networks, Network) or not hasattr(networks, "__len__"):
        raise TypeError(f"networks must be a sequence of Network, got {networks!r}")
    first: dict[CoreNetwork, int] = {}
    for k, network in enumerate(networks):
        if not isinstance(network, Network):
            raise TypeError(f"network {k}: expected a Network, got {network!r}")
        seen = first.setdefault(network._parameters.core, k)
        if seen != k:
            raise ValueError(f"network {k}: the same as network {seen}; each must be another one")
    return list(first), False


def warn_of_courses(members: Members, histories: Sequence[History]) -> None:
    """Warn of what went wrong."""
    diverged = [k for k in members.jobs if histories[k] and histories[k].diverged]
    if diverged:
        named = ", ".join(map(str, diverged[:NAMED])) + (", ..." if len(diverged) > NAMED else "")
        first = diverged[0]
        warn(
            f"{len(diverged)} of {len(histories)} trainings diverged, of the networks {named}; of "
            f"network {first}: {divergence_text(members.plan_of(first), histories[first])}",
            DivergenceWarning,
        )
    for k in list(members.jobs)[:LOOKED_AT]:
        if histories[k] and k not in diverged:
            check_course(members.plan_of(k), histories[k])
