"""A prepared training, for callers who train little by little."""

from __future__ import annotations  # which help() shows as they are written

from typing import TYPE_CHECKING, NoReturn

from denseloop import _checks
from denseloop._progress_bar import ProgressBar
from denseloop._training.descent import descent
from denseloop._training.diagnosis import check_course, remedies
from denseloop._training.plan import Plan
from denseloop._training.stepwise import stepwise
from denseloop._warnings import warn
from denseloop.results import DivergenceWarning, History

if TYPE_CHECKING:
    from denseloop._types import Report
    from denseloop.parameters import NetworkLike

__all__ = ["Trainer"]

# Of so many epochs the history surely fits.
UNCHECKED_EPOCHS = 1 << 20


class Trainer:
    """A training of a network whose arguments are checked and whose samples are packed.

    It is made by `Network.trainer`. ``trainer.run(epochs)`` does what ``network.train(X, y,
    epochs=epochs, ...)`` does with the same options, to the bit, whatever else has trained the
    network since the last run; but a run of few epochs takes little more time than the epochs. It
    cannot be copied or pickled: pickle the network, and make a new one.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], weights=[[[0.0]]])
    >>> trainer = net.trainer([[2.0]], [[1.0]], learning_rate=0.5)
    >>> for _ in range(3):
    ...     history = trainer.run(1)
    >>> history.loss.round(4), net.history is history
    (array([0.0652]), True)
    """

    __slots__ = ("_plan", "_run", "_unchecked_epochs", "_values_per_epoch")

    def __init__(self, network: NetworkLike, plan: Plan, report: Report | None) -> None:
        start = descent if plan.terms.core_plan is not None else stepwise
        self._plan = plan
        self._run = start(network, plan, report)
        self._values_per_epoch = 1
        if plan.record_output:
            self._values_per_epoch = len(plan.X) * network.layer_sizes[-1]
        self._unchecked_epochs = 0 if plan.record_output else UNCHECKED_EPOCHS

    def run(self, epochs: int) -> History:
        """Train for some epochs more.

        Parameters
        ----------
        epochs : int
            Number of epochs, at least 0; training may end earlier.

        Returns
        -------
        History
            History of these epochs, also kept as `Network.history`.

        Warns
        -----
        DivergenceWarning, TrainingWarning
            As `Network.train` does.

        Raises
        ------
        ValueError, TypeError
            If `epochs` is not as described, or parameters are not finite or read-only.
        RuntimeError
            If the network is already being trained.
        ImportError
            If a progress bar is wanted and tqdm is missing.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([1, 1], weights=[[[0.0]]])
        >>> trainer = net.trainer([[2.0]], [[1.0]], optimizer=dl.Adam(0.1))
        >>> trainer.run(2).loss.round(4), trainer.run(1).loss.round(4)
        (array([0.125 , 0.0905]), array([0.063]))
        """
        if type(epochs) is not int or not 0 <= epochs <= self._unchecked_epochs:
            epochs = check_epochs(epochs, self._values_per_epoch)
        if self._plan.progress:
            with ProgressBar(epochs) as show:
                history = self._run(epochs, show)
        else:
            history = self._run(epochs, None)
        if history.stopped_by == "divergence":
            self._warn_of_divergence(history)
        elif epochs > 1:
            check_course(self._plan, history)
        return history

    def _warn_of_divergence(self, history):
        warn(f"training diverged: {divergence_text(self._plan, history)}", DivergenceWarning)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Trainer cannot be copied or pickled; copy or pickle the network, and make a new one "
            "by Network.trainer"
        )


def divergence_text(plan: Plan, history: History) -> str:
    """Return how a training ended that diverged, and what to try."""
    best = history.best_epoch if plan.restore_best else None
    kept = "keeps the weights it had then"
    if best is not None:
        kept = f"gets back those after epoch {best + 1}"
    return (
        f"after {len(history.loss)} epochs the loss or a weight would not be finite; the network "
        f"{kept}; {remedies(plan)}"
    )


def check_epochs(epochs: int, values_per_epoch: int) -> int:
    """Return `epochs` as an int whose history can be addressed."""
    epochs = _checks.whole_number("epochs", epochs, 0)
    _checks.history_size(epochs, values_per_epoch)
    return epochs
