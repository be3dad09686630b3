"""Validation, early stopping and output recording for optimizers that Python drives."""

import numpy as np


class StepMonitor:
    """Fills the record of a training step by step, and decides when to stop.

    The core does the same for a DescentOptimizer.
    """

    def __init__(self, plan, parameters, validation, record):
        self._plan, self._parameters, self._record = plan, parameters, record
        self._validation = validation  # the core's objective over the validation samples, or None
        self._lowest = np.inf
        self._without_progress = 0

    def before_step(self):
        """Record the outputs, if they are wanted."""
        plan, record = self._plan, self._record
        if record.outputs is not None and record.finished < record.epochs:
            record.outputs[record.finished] = self._parameters.core.forward(plan.X, plan.threads)

    def after_step(self):
        """Return what is to end the training after the step just recorded, or None."""
        record = self._record
        last = record.finished - 1
        watched = record.losses[last]
        if record.validation_losses is not None:
            record.validation_losses[last] = watched = self._validation.loss(None)
            if watched < self._lowest and record.best_parameters is not None:
                record.best_parameters[...] = self._parameters.flat
        stopped = record.report()
        if self._is_exhausted(watched):
            return "stopping"
        return "callback" if stopped else None

    def _is_exhausted(self, loss):
        """Return whether the watched loss has not fallen for too long."""
        stopping, lowest = self._plan.terms.stopping, self._lowest
        self._lowest = min(lowest, loss)
        if stopping is None:
            return False
        fallen = loss < lowest - stopping.tolerance
        self._without_progress = 0 if fallen else self._without_progress + 1
        return self._without_progress >= stopping.patience
