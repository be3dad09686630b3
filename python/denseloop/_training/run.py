"""What `Network.train` does: arguments into a plan, and the plan carried out."""

import warnings

from denseloop._progress_bar import ProgressBar
from denseloop._training import descent, lbfgs, levenberg_marquardt
from denseloop._training.plan import checked
from denseloop._training.record import Record
from denseloop.optimizers import LBFGS, LevenbergMarquardt
from denseloop.results import DivergenceWarning


def train(network, X, y, **arguments):
    """`Network.train`, which tells what the arguments are."""
    plan = checked(network, X, y, **arguments)
    with network._training_alone():
        return carried_out(network, plan)


def carried_out(network, plan):
    """The history of a training."""
    with ProgressBar(plan.epochs, shown=plan.progress) as bar:
        record = Record(network, plan, bar)
        stopped_by = "interrupt"
        try:
            stopped_by = updates_by(plan.optimizer).Training(network, plan, record).run()
        except KeyboardInterrupt:  # also while the samples were packed
            record.begun = True
            raise
        finally:
            if record.begun:
                network.history = record.history(stopped_by)
    best = network.history.best_epoch
    restored = plan.restore_best and best is not None
    if restored and (record.best_parameters != network.parameters).any():
        network.parameters[...] = record.best_parameters
        network._keep_state(None, None)  # it belonged to other parameters
    if network.history.diverged:
        kept = "keeps the weights it had then"
        if restored:
            kept = f"gets back those after epoch {best + 1}"
        warnings.warn(
            f"training diverged: after {record.finished} epochs the loss or a weight would not be "
            f"finite; the network {kept}",
            DivergenceWarning,
            stacklevel=4,
        )
    return network.history


def updates_by(optimizer):
    """The module whose class Training makes an optimizer's updates."""
    match optimizer:
        case LBFGS():
            return lbfgs
        case LevenbergMarquardt():
            return levenberg_marquardt
        case _:
            return descent
