"""Carries out the plan of a training."""

from typing import Protocol

from denseloop._progress_bar import ProgressBar
from denseloop._training.descent import DescentRun
from denseloop._training.lbfgs import LbfgsRun
from denseloop._training.levenberg_marquardt import LevenbergMarquardtRun
from denseloop._training.record import Record
from denseloop._warnings import warn
from denseloop.optimizers import LBFGS, DescentOptimizer, LevenbergMarquardt
from denseloop.results import DivergenceWarning


class Run(Protocol):
    """Trains the NetworkParameters by one kind of optimizer, and fills the Record."""

    def __init__(self, plan, parameters, memory, record): ...

    def run(self) -> str:
        """Train, and return what ended it, as `History.stopped_by`; raise what interrupts it."""


def run_class(optimizer) -> type[Run]:
    """Return the class that trains by this optimizer."""
    match optimizer:
        case DescentOptimizer():
            return DescentRun
        case LBFGS():
            return LbfgsRun
        case LevenbergMarquardt():
            return LevenbergMarquardtRun
        case _:
            raise TypeError(f"no run trains by {optimizer!r}")


def run_plan(plan, parameters, memory, report):
    """Train the NetworkParameters, and return the History that the memory also keeps.

    `report` is called as `Record` says, or None.
    """
    with ProgressBar(plan.epochs, shown=plan.progress) as show:
        record = Record(plan, parameters.flat, report, show)
        stopped_by = "interrupt"
        try:
            stopped_by = run_class(plan.optimizer)(plan, parameters, memory, record).run()
        except KeyboardInterrupt:  # also while the samples were packed
            record.begun = True
            raise
        finally:
            if record.begun:
                memory.history = record.history(stopped_by)
    history = memory.history
    best = history.best_epoch
    restored = plan.restore_best and best is not None
    if restored and (record.best_parameters != parameters.flat).any():
        parameters.flat[...] = record.best_parameters
        memory.keep(None, None)  # the state belongs to later parameters
    if history.diverged:
        kept = "keeps the weights it had then"
        if restored:
            kept = f"gets back those after epoch {best + 1}"
        warn(
            f"training diverged: after {record.finished} epochs the loss or a weight would not be "
            f"finite; the network {kept}",
            DivergenceWarning,
        )
    return history
