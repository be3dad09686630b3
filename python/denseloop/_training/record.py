"""The history of a training while it is made, and its reports."""

import numpy as np

from denseloop.results import History


class Record:
    """The arrays of a `History`, of which `finished` epochs are filled.

    Parameters
    ----------
    plan : Plan
    epochs : int
        Number of epochs to train for.
    parameters : ndarray
        Flat parameters of the network.
    report : callable or None
        Called with the number of finished epochs, the loss and the validation loss of the last;
        training stops if it returns True.
    show : callable or None
        Called with the same numbers to update a progress bar.
    """

    def __init__(self, plan, epochs, parameters, report, show):
        self.epochs, shape = epochs, plan.y.shape
        self._plan, self._report, self._show = plan, report, show
        self.losses = np.empty(epochs)
        self.validation_losses = None if plan.eval_set is None else np.full(epochs, np.nan)
        self.outputs = np.empty((epochs, *shape), parameters.dtype) if plan.record_output else None
        # The parameters with the lowest validation loss, if they are to be restored.
        self.best_parameters = np.empty_like(parameters) if plan.restore_best else None
        self.finished = 0
        self.begun = False  # whether the history may be published

    def next_pause(self):
        """Return how many epochs will be finished at the next report, or at the end."""
        if self._report is None:
            return self.epochs
        every = self._plan.callback_every
        return min((self.finished // every + 1) * every, self.epochs)

    def progress_function(self):
        """Return what the core calls with the epochs finished since now, and the last loss."""
        if self._show is None:
            return None
        before = self.finished
        return lambda finished, loss: self._show(*self._numbers(before + finished))

    def add(self, epochs):
        """Mark `epochs` more epochs as finished."""
        self.begun = True
        self.finished += epochs

    def report(self):
        """Update the progress bar, and call the callback if it is due; return whether to stop."""
        numbers = self._numbers(self.finished)
        if self._show is not None:
            self._show(*numbers)
        if self._report is None or self.finished % self._plan.callback_every:
            return False
        return self._report(*numbers)

    def history(self, stopped_by):
        """Return the History of the finished epochs."""
        arrays = [self.losses, self.validation_losses, self.outputs]
        if self.finished < self.epochs:  # copies, so that the longer arrays are freed
            arrays = [None if array is None else array[: self.finished].copy() for array in arrays]
        return History(*arrays, stopped_by)

    def _numbers(self, finished):
        """Return `finished`, and the losses of the last finished epoch or None."""
        return finished, *(
            float(losses[finished - 1]) if finished and losses is not None else None
            for losses in (self.losses, self.validation_losses)
        )
