"""Reports of a fit to scikit-learn's callbacks, which exist from version 1.9 on."""


class Tasks:
    """The tasks "fit" and "epoch" of an estimator; false if no callback listens to its epochs."""

    def __init__(self, estimator, X, y, max_epochs):
        self._estimator, self._data = estimator, {"X": X, "y": y}
        self._fit = self._epoch = None
        self.stopped = False  # whether a callback or Ctrl-C has ended the fit
        if hasattr(estimator, "_init_callback_context"):
            self._fit = estimator._init_callback_context(max_subtasks=max_epochs)
            self._fit.call_on_fit_task_begin(estimator=estimator, **self._data)

    def __bool__(self):
        return self._fit is not None and hasattr(self._estimator, "_skl_callbacks")

    def begin_epoch(self):
        """Report that an epoch begins."""
        self._epoch = self._fit.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(estimator=self._estimator, **self._data)

    def end_epoch(self):
        """Report that the epoch has ended; return whether a callback asks to stop the fit."""
        self.stopped = self._epoch.call_on_fit_task_end(
            estimator=self._estimator, **self._data, reconstruction_attributes=self._parameters
        )
        return self.stopped

    def end_fit(self):
        """Report that the fit has ended."""
        if self._fit is not None:
            self._fit.call_on_fit_task_end(
                estimator=self._estimator, **self._data, reconstruction_attributes=self._parameters
            )

    def _parameters(self):
        estimator = self._estimator
        return {
            "coefs_": [coef.copy() for coef in estimator.coefs_],
            "intercepts_": [intercept.copy() for intercept in estimator.intercepts_],
        }
