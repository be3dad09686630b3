"""What the core's loop does beside its updates, for the methods that Python leads step by step."""

import numpy as np

from denseloop import _core
from denseloop._training.objective import without_l2


class Steps:
    """Fills the record of a training epoch by epoch, and watches the losses."""

    def __init__(self, network, plan, record):
        self._network, self._plan, self._record = network, plan, record
        self._validation_objective = without_l2(network, plan.loss, plan.reduction)
        self._lowest = np.inf
        self._without_progress = 0

    def before(self):
        """Keeps the outputs before the next step."""
        record = self._record
        if record.outputs is not None and record.finished < self._plan.epochs:
            record.outputs[record.finished] = self._network.forward(
                self._plan.X, num_threads=self._plan.num_threads
            )

    def after(self):
        """Steps have been added to the record: what is to end the training now, if anything."""
        record = self._record
        last = record.finished - 1
        watched = record.losses[last]
        if record.validation_losses is not None:
            record.validation_losses[last] = watched = self._validation_loss()
            if watched < self._lowest and record.best_parameters is not None:
                record.best_parameters[...] = self._network.parameters
        called = record.pause()
        if self._exhausted(watched):
            return "stopping"
        return "callback" if called else None

    def _validation_loss(self):
        network, plan = self._network, self._plan
        loss, _ = _core.loss_and_gradient(
            network._layout,
            network._lock,
            network.parameters,
            *plan.eval_set,
            self._validation_objective,
            plan.num_threads,
        )
        return loss

    def _exhausted(self, loss):
        """Whether the watched loss has not fallen for too long."""
        stopping, lowest = self._plan.stopping, self._lowest
        self._lowest = min(lowest, loss)
        if stopping is None:
            return False
        fallen = loss < lowest - stopping.tolerance
        self._without_progress = 0 if fallen else self._without_progress + 1
        return self._without_progress >= stopping.patience
