"""What a training records while Python drives its steps, and its reports."""


class Record:
    """The arrays of a `History`, of which the core fills the losses, and the reports.

    Parameters
    ----------
    plan : Plan
    steps : Steps64 or Steps32
        The core's record of the training, and what changes the network.
    best_parameters : ndarray or None
        Receives the parameters with the lowest validation loss, if they are to be restored.
    report : callable or None
        Called with the number of finished epochs, the loss and the validation loss of the last;
        training stops if it returns True.
    show : callable or None
        Called with the same numbers to update a progress bar.
    """

    def __init__(self, plan, steps, best_parameters, report, show):
        self.steps, self.epochs = steps, steps.epochs
        self.losses, self.validation_losses = steps.losses, steps.validation_losses
        self.outputs = steps.outputs
        self.best_parameters = best_parameters
        self._plan, self._report, self._show = plan, report, show

    @property
    def finished(self):
        """Number of finished epochs."""
        return self.steps.finished

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
        return lambda finished, loss: self._show(*self.steps.numbers(before + finished))

    def report(self):
        """Update the progress bar, and call the callback if it is due; return whether to stop."""
        numbers = self.steps.numbers(self.finished)
        if self._show is not None:
            self._show(*numbers)
        if self._report is None or self.finished % self._plan.callback_every:
            return False
        return self._report(*numbers)
