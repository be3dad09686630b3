"""What scikit-learn's callbacks are told of a fit; nothing by versions that have none."""


class Tasks:
    """The fit and its epochs. False where nobody listens to them."""

    def __init__(self, estimator, X, y, max_epochs):
        self._estimator, self._data = estimator, {"X": X, "y": y}
        self._fit = self._epoch = None
        if hasattr(estimator, "_init_callback_context"):
            self._fit = estimator._init_callback_context(max_subtasks=max_epochs)
            self._fit.call_on_fit_task_begin(estimator=estimator, **self._data)

    def __bool__(self):
        return self._fit is not None and hasattr(self._estimator, "_skl_callbacks")

    def begin_epoch(self):
        self._epoch = self._fit.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(estimator=self._estimator, **self._data)

    def end_epoch(self):
        """Whether a callback wants the fit to end."""
        return self._epoch.call_on_fit_task_end(
            estimator=self._estimator, **self._data, reconstruction_attributes=self._parameters
        )

    def end(self):
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
