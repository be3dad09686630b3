"""What `Network.train` does: arguments into a plan, and the plan carried out."""

import warnings

from denseloop._progress import ProgressBar
from denseloop._training import descent, lbfgs, levenberg_marquardt
from denseloop._training.plan import checked
from denseloop._training.record import Record
from denseloop.optimizers import LBFGS, LevenbergMarquardt
from denseloop.results import DivergenceWarning

# The modules whose class Training makes the updates, where the core's loop does not.
MODULES = {LBFGS: lbfgs, LevenbergMarquardt: levenberg_marquardt}


def train(network, X, y, **arguments):
    """`Network.train`, which tells what the arguments are."""
    plan = checked(network, X, y, **arguments)
    with ProgressBar(plan.epochs, shown=plan.progress) as bar:
        record = Record(network, plan, bar)
        stopped_by = "interrupt"
        try:
            training = MODULES.get(type(plan.optimizer), descent).Training(network, plan, record)
            stopped_by = training.run()
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
        kept = f"gets back those of epoch {best}" if restored else "keeps the weights it had then"
        warnings.warn(
            f"training diverged: after {record.finished} epochs the loss or a weight would not be "
            f"finite; the network {kept}",
            DivergenceWarning,
            stacklevel=3,
        )
    return network.history
