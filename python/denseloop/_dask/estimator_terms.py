"""What the workers make of the rows of an estimator."""

from dataclasses import dataclass, replace

import numpy as np
from distributed import get_worker
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.validation import check_array

from denseloop import _checks
from denseloop._sums.means import weighted_sums
from denseloop._sums.run import Run
from denseloop._sums.terms import Terms
from denseloop._sums.tree import TreeSum
from denseloop.neural_network._labels import indicators, labels_of
from denseloop.neural_network._loss import objective_plan, poisson_constants
from denseloop.neural_network._scores import are_right, square_errors
from denseloop.neural_network._validation import check_real


@dataclass(frozen=True)
class EstimatorSums(Terms):
    """The terms of an estimator's objective."""

    @property
    def objective(self):
        """The core's terms; their factor of the value is left to the client."""
        return objective_plan(self.loss, self.dtype, 1.0, self.l2)


@dataclass(frozen=True)
class Labels:
    """How labels stand for outputs; `class_weight` (n_classes,) has factors of the weights."""

    binarizer: LabelBinarizer
    class_weight: np.ndarray | None = None
    only_known: bool = True

    @property
    def classes(self):
        return self.binarizer.classes_

    @property
    def several(self):
        """Whether a sample may have several labels, and y has indicators."""
        return self.binarizer.y_type_ == "multilabel-indicator"


@dataclass(frozen=True)
class EstimatorTerms:
    """The terms of the sums, and how rows are read: as by the local estimators.

    `names` are those of X, y and the weights in messages, `labels` a classifier's. `scored` is
    whether there are scores of the rows, for which they keep their labels or numbers.
    """

    sums: EstimatorSums
    names: tuple[str, str, str]
    labels: Labels | None = None
    scored: bool = False

    def prepare(self, X, y, weight, partition):
        """Return the arrays of a partition: X in the dtype of the sums, y as it is."""
        names = [f"{name} of partition {partition}" for name in self.names]
        n_inputs = self.sums.layer_sizes[0]
        if len(X) == 0:
            X = np.empty((0, n_inputs), self.sums.dtype)
            return X, np.asarray(y), None if not self._weighted(weight) else np.empty(0)
        X = check_array(X, dtype=self.sums.dtype, input_name=names[0])
        if X.shape[1] != n_inputs:
            raise ValueError(f"{names[0]} must have {n_inputs} columns, got {X.shape[1]}")
        y = check_array(y, ensure_2d=False, dtype=None, input_name=names[1])
        y = y.ravel() if y.shape[1:] == (1,) else y
        if self.labels is None:
            y = y.astype(np.float64) if y.dtype == object else y
            check_real(names[1], y)
        elif self.labels.only_known and not self.labels.several:
            self._check_known(names[1], y)
        return X, y, self._weight(weight, y, names[2])

    def _weighted(self, weight):
        return weight is not None or (self.labels and self.labels.class_weight is not None)

    def _check_known(self, name, y):
        classes = self.labels.classes
        if len(unknown := np.setdiff1d(y, classes)):
            raise ValueError(
                f"{name} has classes that the y of the fit has not: {unknown} are not in {classes}"
            )

    def _weight(self, weight, y, name):
        """Return the weights of rows in the dtype of the sums, or None."""
        if not self._weighted(weight):
            return None
        if weight is not None:
            dtypes = np.float64, np.float32
            weight = check_array(weight, dtype=dtypes, ensure_2d=False, input_name=name)
        if self.labels and (per_class := self.labels.class_weight) is not None:
            own = per_class[np.searchsorted(self.labels.classes, y)]
            weight = own if weight is None else own * weight
        return _checks.some_weights(weight, len(y), self.sums.dtype, name)

    def make(self, X, y, weight, batch, first_block):
        """Return the EstimatorRun of these rows; it may take all threads of the worker."""
        if self.labels is None:
            targets = y.reshape(len(y), -1)
        else:
            targets = y != 0 if self.labels.several else indicators(y, self.labels.classes)
        squares = np.column_stack([row_squares(X), row_squares(targets)])
        targets = np.ascontiguousarray(targets, self.sums.dtype)
        constants = None
        if self.sums.loss == "poisson":
            constants = weighted_sums(poisson_constants(targets), weight, first_block)
        return EstimatorRun(
            self,
            self.sums.make(X, targets, weight, first_block, get_worker().state.nthreads),
            y if self.scored else None,
            {"squares_of_rows": weighted_sums(squares, None, first_block), "constants": constants},
        )


@dataclass
class EstimatorRun:
    """The Run of rows, with their labels if there are scores; `sums` has what never changes."""

    terms: EstimatorTerms
    run: Run
    labels: np.ndarray | None
    sums: dict[str, TreeSum]

    def evaluate(self, kind, parameters):
        """Return a TreeSum at flat parameters.

        Besides the kinds of a Run there are "constants", of scikit-learn's Poisson loss;
        "squares_of_rows", of X and y; "accuracy"; "numbers", of y; and "square_errors", for which
        the means of y follow the parameters.
        """
        if kind in self.sums:
            return self.sums[kind]
        if kind == "numbers":
            return self._mean_terms(self._numbers())
        if kind == "square_errors":
            y, n_parameters = self._numbers(), len(parameters) - self.terms.sums.layer_sizes[-1]
            parameters, center = np.split(parameters, [n_parameters])
            return self._mean_terms(square_errors(y, self._outputs(parameters), center))
        if kind == "accuracy":
            outputs = self._outputs(parameters)
            outputs = outputs.ravel() if outputs.shape[1] == 1 else outputs
            predicted = labels_of(self.terms.labels.binarizer, outputs)
            return self._mean_terms(are_right(predicted, self.labels))
        if kind == "losses" and self.run.terms.least_squares:
            terms = replace(self.run.terms, least_squares=False)
            run = terms.make(*self.run.rows(), self.run.first_block, self.run.threads)
            return run.evaluate(kind, parameters)
        return self.run.evaluate(kind, parameters)

    def _numbers(self):
        return self.labels.reshape(len(self.labels), -1)

    def _outputs(self, parameters):
        core = self.run.terms.new_core()
        core.parameters[...] = parameters
        return core.forward(self.run.rows()[0], self.run.threads)

    def _mean_terms(self, values):
        return weighted_sums(values, self.run.rows()[2], self.run.first_block)

    def __sizeof__(self):
        labels = 0 if self.labels is None else self.labels.nbytes
        return object.__sizeof__(self) + self.run.nbytes + labels


def row_squares(rows):
    """Return the sums of the squares (n_rows,) of rows, which may be infinite."""
    with np.errstate(over="ignore"):
        return np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
