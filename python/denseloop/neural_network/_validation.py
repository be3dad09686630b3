"""Checks of samples, and the validation samples, split off or given as `eval_set`."""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from sklearn import get_config
from sklearn.base import is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils import column_or_1d
from sklearn.utils.validation import validate_data

from denseloop import _checks
from denseloop._warnings import call_with_warnings
from denseloop.neural_network._evaluation import Evaluation
from denseloop.neural_network._loss import loss_constant
from denseloop.neural_network._network import FLOATS
from denseloop.neural_network._scikit_learn import WARNING_MODULE, check_sample_weight


@dataclass
class Validation:
    """Validation samples in the network's dtype.

    `y` (n_samples, n_outputs) is for the loss and `labels` for the score. `constant` is
    scikit-learn's loss of these samples minus the core's. `evaluation` is for the first set of a
    list, and has the curves of all.
    """

    X: np.ndarray
    y: np.ndarray
    labels: np.ndarray
    sample_weight: np.ndarray | None
    constant: float
    evaluation: Evaluation | None = None

    def begin_again(self, estimator):
        """Have new curves, of a network that has taken the place of the one before."""
        if self.evaluation:
            self.evaluation = Evaluation(estimator, self.evaluation.validations)

    def __len__(self):
        return len(self.X)

    @property
    def arrays(self):
        """X, y and the sample weights, as `Network.train` takes them."""
        return self.X, self.y, self.sample_weight

    @property
    def scored(self):
        """X, the labels and the sample weights, of which an estimator has a score."""
        return self.X, self.labels, self.sample_weight


def is_valid(estimator, X):
    """Return whether scikit-learn's validation would leave these samples as they are.

    The estimator is fitted already. This takes a twentieth of the time of `validate_data`.
    """
    return has_valid_form(estimator, X) and all_finite(X)


def has_valid_form(estimator, X):
    """Return the same but for values that are not finite, at which this does not look."""
    return (
        type(X) is np.ndarray
        and X.dtype in FLOATS
        and X.ndim == 2
        and X.size > 0
        and X.shape[1] == getattr(estimator, "n_features_in_", None)
        and not hasattr(estimator, "feature_names_in_")
    )


def all_finite(array):
    """Return whether the numbers are finite, or the user's `assume_finite` says that they are."""
    values = array.ravel("K")
    return (
        isfinite(np.vdot(values, values))  # which is quicker, and overflows for large numbers
        or bool(np.isfinite(values).all())
        or get_config()["assume_finite"]
    )


def check_real(name, y):
    """Raise a TypeError unless y has numbers; scikit-learn's loop cannot subtract others."""
    if y.dtype.kind not in "biuf":
        raise TypeError(
            f"{name} must have real numbers, got dtype {y.dtype}; y.astype(float) makes numbers of "
            f"text, and (y - y.min()) / numpy.timedelta64(1, 'D') of dates"
        )


def make_validation(estimator, X, y, labels, sample_weight):
    """Return a Validation of samples that have been checked."""
    dtype = estimator._network.dtype
    X, y = core_inputs(X, dtype), y.astype(dtype)
    if sample_weight is not None:
        sample_weight = np.ascontiguousarray(sample_weight, dtype)
    constant = loss_constant(estimator, y, sample_weight)
    return Validation(X, y, labels, sample_weight, constant)


def split_validation(estimator, X, y, sample_weight):
    """Return X, y and sample_weight of the training samples, and a Validation of the others."""
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
    return X, y, weight, make_validation(estimator, X_val, y_val, labels, weight_val)


def given_validation(estimator, eval_set):
    """Return the Validation of a checked `eval_set`, or of the first one in a list."""
    if not isinstance(eval_set, list):
        return make_validation(estimator, *eval_set)
    validations = [make_validation(estimator, *each) for each in eval_set]
    validations[0].evaluation = Evaluation(estimator, validations)
    return validations[0]


def check_eval_set(estimator, eval_set, n_outputs):
    """Return X, y, labels and sample_weight of an `eval_set`, or a list of them for a list."""
    checked = [
        _check_eval_set(estimator, name, each, n_outputs) for name, each in named_sets(eval_set)
    ]
    return checked if isinstance(eval_set, list) else checked[0]


def named_sets(eval_set):
    """Return the sets of an `eval_set`, each with the name that messages call it by."""
    if not isinstance(eval_set, list):
        return [("eval_set", eval_set)]
    if len(eval_set) == 0:
        raise ValueError("eval_set must have at least one tuple (X, y), got an empty list")
    return [(f"eval_set[{k}]", each) for k, each in enumerate(eval_set)]


def parts_of_eval_set(name, eval_set):
    """Return X, y, and the sample weights or None, of the tuple of this name."""
    if isinstance(eval_set, tuple) and all(isinstance(part, tuple) for part in eval_set):
        raise ValueError(f"{name} must be a list of several tuples (X, y), got a tuple of them")
    if not isinstance(eval_set, tuple) or len(eval_set) not in (2, 3):
        raise ValueError(
            f"{name} must be a tuple (X, y) or (X, y, sample_weight), got "
            f"{type(eval_set).__name__}"
            + (f" of length {len(eval_set)}" if isinstance(eval_set, (tuple, list)) else "")
            + ("; a list is for several tuples" if name == "eval_set[0]" else "")
        )
    return (*eval_set, None)[:3]


def _check_eval_set(estimator, name, eval_set, n_outputs):
    """Return X, y (n_samples, n_outputs), labels and sample_weight of the tuple of this name."""
    X, labels, sample_weight = parts_of_eval_set(name, eval_set)
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
        labels = call_with_warnings(WARNING_MODULE, column_or_1d, labels, warn=True)
    if is_classifier(estimator):
        if labels.ndim == 1 and len(unknown := np.setdiff1d(labels, estimator.classes_)):
            raise ValueError(
                f"{name} has classes that y has not: {unknown} are not in {estimator.classes_}"
            )
        y = estimator._label_binarizer.transform(labels)
    else:
        check_real(f"y of {name}", labels)
        y = labels.reshape(len(labels), -1)
    if y.shape[1] != n_outputs:
        raise ValueError(f"y of {name} must have {n_outputs} outputs, got {y.shape[1]}")
    return X, y, labels, sample_weight


def core_inputs(X, dtype):
    """Return X, which may be sparse, as the core takes it."""
    return _checks.core_samples(X, dtype) if _checks.is_sparse(X) else np.asarray(X, dtype)
