"""The samples by which a fit is judged while it goes on."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils import column_or_1d
from sklearn.utils.validation import validate_data

from denseloop.neural_network._network import loss_constant
from denseloop.neural_network._scikit_learn import check_sample_weight


@dataclass
class Validation:
    """Samples, in the network's dtype."""

    X: np.ndarray
    y: np.ndarray  # (n_samples, n_outputs), for the loss
    labels: np.ndarray  # for the score
    sample_weight: np.ndarray | None
    constant: float  # that scikit-learn's loss has beside the core's

    @property
    def arrays(self):
        return self.X, self.y, self.sample_weight


def validation(estimator, X, y, labels, sample_weight):
    """The Validation of checked samples."""
    dtype = estimator._network.dtype
    X, y = dense(X, dtype), y.astype(dtype)
    if sample_weight is not None:
        sample_weight = np.ascontiguousarray(sample_weight, dtype)
    constant = loss_constant(estimator, y, sample_weight)
    return Validation(X, y, labels, sample_weight, constant)


def held_out(estimator, X, y, sample_weight):
    """The samples to train with, of which there are fewer now, their weights, and a Validation."""
    n_outputs = y.shape[1]
    arrays = [X, y] if sample_weight is None else [X, y, sample_weight]
    parts = train_test_split(
        *arrays,
        random_state=estimator._random_state,
        test_size=estimator.validation_fraction,
        stratify=y if is_classifier(estimator) and n_outputs == 1 else None,
    )
    X, X_val, y, y_val = parts[:4]
    weight, weight_val = parts[4:] or (None, None)
    if X_val.shape[0] < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the size of your "
            "dataset."
        )
    labels = y_val
    if is_classifier(estimator):
        labels = estimator._label_binarizer.inverse_transform(y_val)
    return X, y, weight, validation(estimator, X_val, y_val, labels, weight_val)


def checked(estimator, eval_set, n_outputs):
    """(X, y, labels, sample_weight) of an eval_set (X, y) or (X, y, sample_weight)."""
    if not isinstance(eval_set, (tuple, list)) or len(eval_set) not in (2, 3):
        raise ValueError(
            f"eval_set must be (X, y) or (X, y, sample_weight), got {type(eval_set).__name__}"
            + (f" of length {len(eval_set)}" if isinstance(eval_set, (tuple, list)) else "")
        )
    X, labels, sample_weight = (*eval_set, None)[:3]
    X, labels = validate_data(
        estimator,
        X,
        labels,
        accept_sparse=["csr", "csc"],
        multi_output=True,
        y_numeric=not is_classifier(estimator),
        dtype=(np.float64, np.float32),
        reset=False,
    )
    if sample_weight is not None:
        sample_weight = check_sample_weight(sample_weight, X)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = column_or_1d(labels, warn=True)
    if is_classifier(estimator):
        if labels.ndim == 1 and len(unknown := np.setdiff1d(labels, estimator.classes_)):
            raise ValueError(
                f"eval_set has classes that y has not: {unknown} are not in {estimator.classes_}"
            )
        y = estimator._label_binarizer.transform(labels)
    else:
        y = labels.reshape(len(labels), -1)
    if y.shape[1] != n_outputs:
        raise ValueError(f"y of eval_set must have {n_outputs} outputs, got {y.shape[1]}")
    return X, y, labels, sample_weight


def dense(X, dtype):
    """X as a plain array of this dtype."""
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype)
