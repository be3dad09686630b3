"""The losses and scores of several validation sets, after each epoch."""

from sklearn.base import is_classifier

from denseloop import _threads
from denseloop.neural_network._loss import objective


class Evaluation:
    """The curves of the sets in a list of `eval_set`, of one fit.

    `curves` is the estimator's `evals_result_`.
    """

    def __init__(self, estimator, validations):
        self._estimator, self.validations = estimator, validations
        self._score_name = "accuracy" if is_classifier(estimator) else "r2"
        self.curves = {
            f"validation_{k}": {"loss": [], self._score_name: []} for k in range(len(validations))
        }
        network, threads = estimator._network, _threads.allowed(None)
        minimized = objective(estimator, network.dtype, penalized=False)
        self._losses = [
            network.core.objective(*validation.arrays, minimized, threads).loss
            for validation in validations
        ]

    def record(self, epoch):
        """Record the curves after this epoch, counted from 0; again, it does the same."""
        for curves, loss, validation in zip(
            self.curves.values(), self._losses, self.validations, strict=True
        ):
            X, labels, sample_weight = validation.scored
            score = self._estimator._score(X, labels, sample_weight=sample_weight)
            curves["loss"][epoch:] = [float(loss(None) + validation.constant)]
            curves[self._score_name][epoch:] = [float(score)]
