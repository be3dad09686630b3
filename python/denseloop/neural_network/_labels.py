"""A classifier's labels: their classes, from the outputs too, and the weights of the classes."""

import numpy as np
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight


def is_ordinary(binarizer):
    """Return whether it is a LabelBinarizer of 0 and 1 that returns dense arrays."""
    return (
        type(binarizer) is LabelBinarizer
        and type(binarizer.classes_) is np.ndarray
        and (binarizer.neg_label, binarizer.pos_label) == (0, 1)
        and not binarizer.sparse_input_
    )


def indicators(y, classes):
    """Return (n_samples, n_outputs) of labels (n_samples,), as a LabelBinarizer does, of bool."""
    found = y[:, None] == classes
    if len(classes) > 2:
        return found
    return found[:, 1:] if len(classes) == 2 else np.zeros((len(y), 1), bool)


def binarizes_plainly(estimator):
    """Return whether the label binarizer is an ordinary one of integers, the classes_."""
    binarizer, classes = estimator._label_binarizer, estimator.classes_
    known = binarizer.classes_
    return (
        is_ordinary(binarizer)
        and binarizer.y_type_ in ("binary", "multiclass")
        and known.dtype.kind in "iu"
        and (
            classes is known
            or type(classes) is np.ndarray
            and classes.dtype == known.dtype
            and classes.tobytes() == known.tobytes()
        )
    )


def labels_of(binarizer, outputs):
    """Return the labels of outputs (n_samples,) or (n_samples, n_outputs).

    They are those of the binarizer's inverse_transform, for an ordinary one without its checks.
    """
    if is_ordinary(binarizer):
        classes, kind = binarizer.classes_, binarizer.y_type_
        if kind == "multiclass" and outputs.ndim == 2 and outputs.shape[1] == len(classes):
            return classes[outputs.argmax(axis=1)]
        if kind == "binary" and outputs.ndim == 1 and len(classes) == 2:
            return classes[(outputs > 0.5).astype(np.intp)]
    return binarizer.inverse_transform(outputs)


def class_weighted(estimator, labels, sample_weight, incremental):
    """Return the sample weights times the class weights, or None if there are neither."""
    weights, labels = estimator.class_weight, np.asarray(labels)
    if weights is None:
        return sample_weight
    if isinstance(weights, list):
        check_class_weights(weights, labels)
    if incremental and weights == "balanced":
        raise ValueError(
            "class_weight='balanced' is not supported for partial_fit, which does not see all "
            "samples; give it the weights as a dict"
        )
    if incremental and isinstance(weights, dict):  # these samples may lack some of the classes
        classes = np.asarray(estimator.classes_)
        per_class = compute_class_weight(weights, classes=classes, y=labels)
        weights = dict(zip(estimator.classes_, per_class))
    weight = compute_sample_weight(weights, labels)
    return weight if sample_weight is None else weight * sample_weight


def check_class_weights(weights, labels):
    """Raise a ValueError unless the list has weights of the classes of each of several outputs."""
    if labels.ndim < 2 or labels.shape[1] == 1:
        raise ValueError(
            f"class_weight must be a dict or 'balanced' if y has one output, got the list {weights}"
        )
    for k, weight in enumerate(weights):
        if not (weight is None or weight == "balanced" or isinstance(weight, dict)):
            raise ValueError(
                f"class_weight must be a list of dicts, one for each output, got {weight!r} at "
                f"index {k}"
            )
