"""A training's history while it is made, and what is called meanwhile."""

import numpy as np

from denseloop.results import History, Progress


class Record:
    """The arrays of a `History`, of which `finished` epochs are filled; callback and bar.

    `best_parameters` are those of the lowest validation loss, for a stopping that restores them.
    """

    def __init__(self, network, plan, bar):
        epochs, shape = plan.epochs, plan.y.shape
        self._network, self._plan, self._bar = network, plan, bar
        self.losses = np.empty(epochs)
        self.validation_losses = None if plan.eval_set is None else np.full(epochs, np.nan)
        self.outputs = np.empty((epochs, *shape), network.dtype) if plan.record_output else None
        self.best_parameters = np.empty_like(network.parameters) if plan.restore_best else None
        self.finished = 0
        self.begun = False  # from when on there is something to tell

    def next_pause(self):
        """How many epochs will be finished when the callback is due, or all are."""
        if self._plan.callback is None:
            return self._plan.epochs
        every = self._plan.callback_every
        return min((self.finished // every + 1) * every, self._plan.epochs)

    def until(self, pause):
        """The parts of losses, validation losses and flat outputs that the core is to fill."""
        span = slice(self.finished, pause)
        return (
            self.losses[span],
            None if self.validation_losses is None else self.validation_losses[span],
            None if self.outputs is None else self.outputs[span].reshape(-1),
        )

    def reporter(self):
        """What the core reports to: the epochs finished since now, and the last's loss."""
        if self._bar is None:
            return None
        before = self.finished
        return lambda finished, loss: self._show(before + finished)

    def add(self, epochs):
        """So many more are filled."""
        self.begun = True
        self.finished += epochs

    def pause(self):
        """After some epochs: the bar is brought up to date, and the callback called if it is due.

        Whether that wants to stop.
        """
        finished, plan = self.finished, self._plan
        if self._bar is not None:
            self._show(finished)
        if plan.callback is None or finished % plan.callback_every:
            return False
        answer = plan.callback(
            Progress(finished, *self._losses_after(finished), network=self._network)
        )
        return isinstance(answer, (bool, np.bool_)) and bool(answer)

    def history(self, stopped_by):
        """Of the finished epochs; the arrays of a shorter history do not keep the longer ones."""
        arrays = [self.losses, self.validation_losses, self.outputs]
        if self.finished < self._plan.epochs:
            arrays = [None if array is None else array[: self.finished].copy() for array in arrays]
        return History(*arrays, stopped_by)

    def _show(self, finished):
        self._bar(finished, *self._losses_after(finished))

    def _losses_after(self, finished):
        """The loss and the validation loss of the last finished epoch; None where there is none."""
        return tuple(
            float(losses[finished - 1]) if finished and losses is not None else None
            for losses in (self.losses, self.validation_losses)
        )
