"""The perceptrons take class weights and validation samples."""

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier
from scipy.sparse import random_array
from sklearn.utils.class_weight import compute_sample_weight

from tests.estimators.perceptrons import UNHEEDED, assert_same_fit, data, estimator_name, ours
from tests.oracle.losses import VALUES

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

SMALL = {"hidden_layer_sizes": (9,), "random_state": 1, "max_iter": 20}
WORDS = ["setosa", "versicolor", "virginica"]


def unbalanced():
    X, y = data("iris")
    chosen = np.flatnonzero((y != 1) | (np.arange(len(y)) % 3 == 0))
    return X[chosen], y[chosen]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("class_weight", ["balanced", {0: 0.2, 1: 1.0, 2: 5.0}])
@pytest.mark.parametrize(
    ("options", "kind"),
    # Not words with early stopping, in which scikit-learn 1.7.0 fails.
    [({}, "array"), ({}, "list"), ({}, "words"), ({"early_stopping": True}, "array")],
)
def test_class_weights_are_sample_weights(options, class_weight, kind, weighted, random):
    X, y = unbalanced()
    weight = random.uniform(0.1, 3, len(X)) if weighted else None
    by_sample = compute_sample_weight(class_weight, y) * (1 if weight is None else weight)
    if kind == "list":
        y = y.tolist()
    if kind == "words":
        y = np.array(WORDS)[y]
        if isinstance(class_weight, dict):
            class_weight = {WORDS[label]: value for label, value in class_weight.items()}
    one = MLPClassifier(**SMALL, **options, class_weight=class_weight).fit(X, y, weight)
    other = MLPClassifier(**SMALL, **options).fit(X, y, by_sample)
    assert_same_fit(other, one, X, rtol=0)
    assert one.loss_ != MLPClassifier(**SMALL, **options).fit(X, y, weight).loss_


def test_class_weights_hold_for_labels_of_several_kinds():
    X, y = data("labels")
    class_weight = [{0: 1, 1: 3.0}] * y.shape[1]
    one = MLPClassifier(**SMALL, class_weight=class_weight).fit(X, y)
    other = MLPClassifier(**SMALL).fit(X, y, compute_sample_weight(class_weight, y))
    assert_same_fit(other, one, X, rtol=0)


def test_class_weights_hold_for_wide_sparse_samples():
    X = random_array((3000, 800), density=0.01, format="csr", rng=0)
    y = (np.arange(3000) % 10 == 0).astype(int)
    one = MLPClassifier(**SMALL | {"max_iter": 2}, class_weight="balanced").fit(X, y)
    other = MLPClassifier(**SMALL | {"max_iter": 2})
    other.fit(X, y, compute_sample_weight("balanced", y))
    assert_same_fit(other, one, X, rtol=0)


def test_a_partial_fit_may_lack_classes_that_have_weights():
    X, y = data("iris")
    one, other = MLPClassifier(**SMALL, class_weight={0: 0.2, 2: 5.0}), MLPClassifier(**SMALL)
    for labels in ([0, 1], [1, 2], [1]):
        rows = np.isin(y, labels)
        one.partial_fit(X[rows], y[rows], classes=[0, 1, 2])
        weight = np.array([0.2, 1.0, 5.0])[y[rows]]
        other.partial_fit(X[rows], y[rows], weight, classes=[0, 1, 2])
    assert_same_fit(other, one, X, rtol=0)


def test_balanced_weights_are_refused_by_partial_fit():
    X, y = data("iris")
    with pytest.raises(ValueError, match="class_weight='balanced' is not supported for partial"):
        MLPClassifier(class_weight="balanced").partial_fit(X, y, classes=[0, 1, 2])


def by_hand(estimator, X, y, weight):
    """Return the loss without the penalty, in plain NumPy."""
    if isinstance(estimator, MLPClassifier):
        a = estimator.predict_proba(X)
        if estimator.n_outputs_ == 1 or y.ndim == 2:
            a, y = a.reshape(len(X), -1)[:, -estimator.n_outputs_ :], y.reshape(len(X), -1)
            losses = -np.where(y, np.log(a), np.log(1 - a)).sum(axis=1)
        else:
            losses = -np.log(a[np.arange(len(X)), y])
    else:
        a, y = (array.reshape(len(X), -1) for array in (estimator.predict(X), y))
        loss = {"squared_error": "half_squared_error"}.get(estimator.loss, estimator.loss)
        if loss == "poisson":
            losses = (np.where(y > 0, y * np.log(np.where(y > 0, y, 1) / a), 0) - y + a).sum(axis=1)
        else:
            losses = VALUES[loss](a, a, y).sum(axis=1)
        losses = losses / (estimator.n_outputs_ if loss == "half_squared_error" else 1)
    return np.average(losses, weights=weight)


CASES = [
    ("iris", {}),
    ("breast cancer", {"solver": "sgd"}),
    ("labels", {}),
    ("diabetes", {}),
    ("diabetes", {"loss": "absolute_error"}),
    ("diabetes", {"loss": "poisson"}),
    ("diabetes", {"solver": "rprop"}),
    ("linnerud", {}),
]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "options"), CASES)
def test_the_validation_loss_is_that_of_the_weights_after_each_epoch(
    name, options, weighted, random
):
    X, y = data(name)
    y = abs(y).round() if options.get("loss") == "poisson" else y
    n = len(X) // 2
    weight = random.uniform(0.1, 3, len(X) - n) if weighted else None
    expected = []
    cls = getattr(ours, estimator_name(name))
    for epochs in (1, 3, 8):
        estimator = cls(**SMALL | {"max_iter": epochs, "alpha": 0.1}, **options)
        estimator.fit(X[:n], y[:n], eval_set=(X[n:], y[n:], weight)[: 2 + weighted])
        expected.append(by_hand(estimator, X[n:], y[n:], weight))
    assert len(estimator.validation_loss_curve_) == 8
    found = np.array(estimator.validation_loss_curve_)[[0, 2, 7]]
    without = cls(**SMALL | {"max_iter": 8, "alpha": 0.1}, **options).fit(X[:n], y[:n])
    assert estimator.loss_curve_ == without.loss_curve_  # watching changes nothing
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("name", ["iris", "linnerud", "diabetes"])
def test_the_validation_loss_can_stop_a_fit_and_its_best_weights_stay(name, given):
    X, y = data(name)
    n = len(X) // 2
    options = {"early_stopping": True, "stopping_criterion": "loss", "n_iter_no_change": 5}
    options |= {"learning_rate_init": 0.05, "validation_fraction": 0.4}
    estimator = getattr(ours, estimator_name(name))(**SMALL | {"max_iter": 500}, **options)
    eval_set = {"eval_set": (X[n:], y[n:])} if given else {}
    estimator.fit(X[:n], y[:n], **eval_set)
    curve = np.array(estimator.validation_loss_curve_)
    assert len(curve) == estimator.n_iter_ < 500
    assert estimator.best_validation_loss_ == curve.min() < curve[-1]
    assert (curve[-6:] > np.minimum.accumulate(curve)[-7:-1] - estimator.tol).all()
    if given:
        reached = by_hand(estimator, X[n:], y[n:], None)
        np.testing.assert_allclose(reached, curve.min(), rtol=1e-9)


WRONG_SETS = [
    (data("iris")[0], "eval_set must be a tuple (X, y) or (X, y, sample_weight), got ndarray"),
    ((1, 2, 3, 4), "got tuple of length 4"),
    ((data("iris")[0], data("iris")[1] + 1), "eval_set has classes that y has not: [3]"),
    ((data("wine")[0], data("wine")[1]), "X has 13 features"),
]


@pytest.mark.parametrize(("eval_set", "words"), WRONG_SETS)
def test_a_wrong_validation_set_is_refused(eval_set, words):
    with pytest.raises(ValueError) as error:
        MLPClassifier().fit(*data("iris"), eval_set=eval_set)
    assert words in str(error.value)
    with pytest.raises(ValueError, match="eval_set is not for solver='lbfgs'"):
        MLPClassifier(solver="lbfgs").fit(*data("iris"), eval_set=data("iris"))
