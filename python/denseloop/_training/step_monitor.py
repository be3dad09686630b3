"""Validation, early stopping and output recording for optimizers that Python drives."""

import numpy as np

from denseloop._core_terms import core_stopping


class StepMonitor:
    """Fills the record of a training step by step, and decides when to stop.

    The core does the same for a DescentOptimizer.
    """

    def __init__(self, plan, parameters, validation, record):
        self._plan, self._parameters, self._record = plan, parameters, record
        self._validation = validation  # the core's objective over the validation samples, or None
        self._stopping = core_stopping(plan.terms.stopping)
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
        return self._stopped_by(watched) or ("callback" if stopped else None)

    def _stopped_by(self, loss):
        """Return what the watched loss ends the training by, or None."""
        lowest, self._lowest = self._lowest, min(self._lowest, loss)
        if self._stopping is None:
            return None
        rule = self._plan.terms.stopping
        if rule.goal is not None and loss <= rule.goal:
            return "goal"
        if self._stopping.is_progress(loss, lowest):
            self._without_progress = 0
        else:
            self._without_progress += 1
        exhausted = rule.patience is not None and self._without_progress >= rule.patience
        return "stopping" if exhausted else None
