"""Rows on the workers in the place of an estimator's samples."""

import numpy as np
from sklearn.base import is_classifier

from denseloop import _threads
from denseloop._dask.training import NAMES, core_sums
from denseloop._sums.means import means_of
from denseloop._training.objective import make_objective
from denseloop._training.plan import Plan, make_terms
from denseloop.neural_network._evaluation import Evaluation
from denseloop.neural_network._loss import mean_of_batches
from denseloop.neural_network._scores import r2
from denseloop.neural_network._validation import Validation
from denseloop.progress import report_to
from denseloop.trainer import Trainer


class RemoteSamples:
    """Training samples on the workers, with the methods of `Samples`.

    Parameters
    ----------
    rows : ClusterRows
    sums : EstimatorSums
    weighted : bool
        Whether the rows have weights.
    """

    def __init__(self, rows, sums, weighted):
        self._rows = rows
        core = core_sums(rows, sums, weighted, NAMES, "the local estimator")
        self.arrays = core, None, None

    def __len__(self):
        return self._rows.n_rows

    def loss_constant(self, estimator):
        """Return scikit-learn's mean loss over the samples minus the core's."""
        return loss_constant(estimator, self._rows)

    def poisson_constants(self, batch_size):
        """Return scikit-learn's Poisson loss minus the core's, for the epochs of a training."""
        sizes = self._rows.rows_of_batch
        means = [
            means_of(self._rows.evaluate("constants", None, batch), size)[0]
            for batch, size in enumerate(sizes)
        ]
        return SameMean(mean_of_batches(means, sizes))

    def train(self, network, optimizer, epochs, validation, callback, loss):
        """Train the Network; `loss` has its options about the loss."""
        terms = make_terms(
            *(network.activations, network.dtype, None, None, optimizer),
            *(loss["loss"], loss["reduction"], loss["l2"], "pre_activation", "simultaneous", None),
        )
        eval_arrays = validation.arrays if validation else None
        plan = Plan(
            *(terms, None, None, *self.arrays, eval_arrays, len(self)),
            *(False, 1, False, False, _threads.allowed(None)),
        )
        Trainer(network, plan, report_to(callback, network)).run(epochs)

    def loss(self, network, options):
        """Return the loss of the Network, with its options."""
        plan = make_objective(
            *(network.activations, network.dtype, options["loss"], options["reduction"]),
            *("pre_activation", options["l2"]),
        )
        return network._parameters.core.objective(*self.arrays, plan, 1).loss(None)


class SameMean:
    """Scikit-learn's Poisson loss minus the core's, of samples that keep their order."""

    def __init__(self, mean):
        self._mean = mean

    def epoch_means(self, orders, epochs):
        """Return the mean in each epoch (epochs,)."""
        return np.full(epochs, self._mean)


def loss_constant(estimator, rows):
    """Return scikit-learn's mean loss over rows of one batch minus the core's."""
    if estimator.loss != "poisson":
        return 0.0
    return float(means_of(rows.evaluate("constants", None), rows.n_rows)[0])


class RemoteValidation(Validation):
    """Validation samples on the workers; `rows` are ClusterRows."""

    def __init__(self, estimator, rows, sums):
        super().__init__(sums, None, None, None, loss_constant(estimator, rows))
        self._score = Score(rows)

    @property
    def scored(self):
        """What `OnCluster` takes the score of."""
        return self._score, None, None


def first_validation(estimator, validations, several):
    """Return the first of the validation sets, which has the curves of all if they are several."""
    if several:
        validations[0].evaluation = Evaluation(estimator, validations)
    return validations[0]


class Score:
    """The score of rows on the workers."""

    def __init__(self, rows):
        self._rows = rows
        self._center = None  # the means of y

    def of(self, estimator, parameters):
        """Return the score at flat parameters."""
        parameters = parameters.copy()  # they are sent later
        if is_classifier(estimator):
            return float(self._means("accuracy", parameters)[0])
        if self._rows.n_rows < 2:
            return np.nan
        if self._center is None:
            self._center = self._means("numbers", None)
        return r2(self._means("square_errors", np.concatenate([parameters, self._center])))

    def _means(self, kind, parameters):
        return means_of(self._rows.evaluate(kind, parameters), self._rows.n_rows)


class OnCluster:
    """A mixin for a local estimator that is fitted to rows on the workers."""

    def _score(self, X, y, sample_weight=None):
        """Return the score of X, a Score."""
        return X.of(self, self._network.flat)
