"""Attributes of a fitted estimator can be set by hand, with scikit-learn's results."""

import numpy as np
import pytest
from denseloop import Huber
from sklearn.preprocessing import LabelBinarizer

from tests.estimators.perceptrons import UNHEEDED, both, data, data_for, messages_of, ours

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

BOTH = ["MLPClassifier", "MLPRegressor"]
SMALL = {"hidden_layer_sizes": (6, 4), "max_iter": 6}


def labels_of(n_classes):
    X, _ = data("iris")
    return X, np.arange(len(X)) % n_classes


BINARIZERS = {
    "of words": lambda n: LabelBinarizer().fit(["no", "perhaps", "yes", "surely"][:n]),
    "of more words": lambda n: LabelBinarizer().fit(["a", "b", "c", "d", "e", "f"]),
    "of fewer": lambda n: LabelBinarizer().fit([5, 7, 8][: max(2, n - 1)]),
    "of other numbers": lambda n: LabelBinarizer(neg_label=-1, pos_label=3).fit(range(n)),
    "of sparse indicators": lambda n: LabelBinarizer(sparse_output=True).fit(range(n)),
    "of indicators": lambda n: LabelBinarizer().fit(np.eye(max(n, 2), dtype=int)),
}


@pytest.mark.parametrize("binarizer", BINARIZERS)
@pytest.mark.parametrize("n_classes", [1, 2, 3, 4])
def test_predictions_go_by_the_label_binarizer(n_classes, binarizer):
    X, y = labels_of(n_classes)
    estimators = both("MLPClassifier", **SMALL)
    for estimator in estimators:
        estimator.fit(X, y)
        estimator._label_binarizer = BINARIZERS[binarizer](n_classes)
    assert_same_outcome(estimators, lambda e: e.predict(X))
    if binarizer != "of sparse indicators":  # on which scikit-learn fails
        assert_same_outcome(estimators, lambda e: e.partial_fit(X, y).predict(X))


def test_predictions_go_by_a_binarizer_of_the_users_own():
    class Names(LabelBinarizer):
        def inverse_transform(self, Y, threshold=None):
            return np.array(["abc"[k] for k in Y.argmax(axis=1)])

    X, y = labels_of(3)
    estimators = both("MLPClassifier", **SMALL)
    for estimator in estimators:
        estimator.fit(X, y)
        estimator._label_binarizer = Names().fit(y)
    assert_same_outcome(estimators, lambda e: e.predict(X))


CLASSES = {
    "a list": lambda classes: classes.tolist(),
    "floats": lambda classes: classes.astype(float),
    "words": lambda classes: classes.astype(str),
    "a tuple in reverse": lambda classes: tuple(classes[::-1]),
    "others": lambda classes: classes + 1,
}


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("warm_start", [False, True])
def test_classes_can_be_set(warm_start, n_classes, classes):
    X, y = labels_of(n_classes)
    estimators = both("MLPClassifier", **SMALL, warm_start=warm_start)
    for estimator in estimators:
        estimator.fit(X, y)
        estimator.classes_ = CLASSES[classes](estimator.classes_)
    calls = [
        lambda e: e.predict(X),
        lambda e: e.predict_proba(X),
        lambda e: e.score(X, y),
        lambda e: e.partial_fit(X, y).predict_proba(X),
        lambda e: e.partial_fit(X[:1], y[:1]).predict_proba(X),
        lambda e: e.fit(X, y).predict_proba(X),
    ]
    for call in calls:
        assert_same_outcome(estimators, call)


def test_class_weights_go_with_a_list_of_classes():
    X, y = labels_of(3)
    weights = {0: 1.0, 1: 2.0, 2: 0.5}
    estimator, twin = (ours.MLPClassifier(**SMALL, random_state=0) for _ in range(2))
    for each in (estimator, twin):
        each.set_params(class_weight=weights).fit(X, y)
    estimator.classes_ = estimator.classes_.tolist()
    for each in (estimator, twin):
        each.partial_fit(X, y)
    np.testing.assert_array_equal(estimator.coefs_[0], twin.coefs_[0])


def assert_same_outcome(estimators, call):
    """Assert that the call has the same result or the same error for both estimators."""
    outcomes = []

    def keep(estimator):
        outcomes.append(call(estimator))

    (_, wanted), (_, found) = (messages_of(lambda e=e: keep(e)) for e in estimators)
    assert (found and found[0]) == (wanted and wanted[0]), (found, wanted)
    if wanted is None:
        expected, found = (np.asarray(getattr(o, "toarray", lambda o=o: o)()) for o in outcomes)
        assert found.dtype == expected.dtype and found.shape == expected.shape
        if found.dtype.kind == "f":
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
        else:
            np.testing.assert_array_equal(found, expected)


OUTPUTS = ["identity", "logistic", "tanh", "relu", "softmax", "exp", "unknown"]
NAMES = ["iris", "breast cancer", "labels", "diabetes", "linnerud"]


def fitted(name, **options):
    X, y = data(name)
    kind = "MLPRegressor" if name in ("diabetes", "linnerud") else "MLPClassifier"
    return X, y, [each.fit(X, y) for each in both(kind, **SMALL | options)]


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("name", NAMES)
def test_an_output_activation_can_be_set_and_trained_with(name, output):
    X, y, estimators = fitted(name, warm_start=True)
    for estimator in estimators:
        estimator.out_activation_ = output
    calls = [
        lambda e: e.predict(X),
        lambda e: e.predict(X[:1]),
        lambda e: e.predict_proba(X) if hasattr(e, "classes_") else e.score(X, y),
        lambda e: e.partial_fit(X, y).predict(X),
        lambda e: e.partial_fit(X, y).loss_,
        lambda e: e.coefs_[0],
        lambda e: e.set_params(solver="lbfgs").fit(X, y).predict(X),
    ]
    for call in calls:
        with np.errstate(all="ignore"):
            assert_same_outcome(estimators, call)


@pytest.mark.parametrize("activation", ["softmax", "exp", "tanh", "unknown"])
@pytest.mark.parametrize("name", NAMES)
def test_a_hidden_activation_can_be_set(name, activation):
    X, y, estimators = fitted(name)
    for estimator in estimators:
        estimator.activation = activation
    assert_same_outcome(estimators, lambda e: e.predict(X))
    assert_same_outcome(estimators, lambda e: e.predict(X[:1]))
    assert_same_outcome(estimators, lambda e: e.partial_fit(X, y).loss_)


@pytest.mark.parametrize("n_layers", [1, 2, 3, 4, 5])  # scikit-learn changes X for 1
@pytest.mark.parametrize("name", NAMES)
def test_the_first_layers_can_be_taken_alone(name, n_layers):
    X, y, estimators = fitted(name)
    for estimator in estimators:
        estimator.n_layers_ = n_layers
    calls = [
        lambda e: e._forward_pass_fast(X.copy()),
        lambda e: e._forward_pass_fast(X[:1].copy()),
        lambda e: e.predict(X[:1].copy()),
        lambda e: e.partial_fit(X.copy(), y).loss_,
        lambda e: e.fit(X, y).n_layers_,
        lambda e: e.predict(X),
    ]
    for call in calls:
        assert_same_outcome(estimators, call)


@pytest.mark.parametrize("n_layers", [2, 3])
def test_the_first_layers_can_be_taken_by_either_name_of_the_sigmoid(n_layers):
    X, y = data_for("MLPRegressor")
    expected, _ = both("MLPRegressor", **SMALL, activation="logistic")
    _, found = both("MLPRegressor", **SMALL, activation="sigmoid")
    for estimator in (expected, found):
        estimator.fit(X, y).n_layers_ = n_layers
    np.testing.assert_allclose(found.predict(X), expected.predict(X), rtol=1e-9)
    assert found.activation == "sigmoid"


def test_what_only_denseloop_has_is_named_beside_what_was_set():
    X, y = data_for("MLPRegressor")
    options = {"activation": ["relu", "gelu"], "random_state": 0, "warm_start": True}
    estimator = ours.MLPRegressor(**SMALL | options).fit(X, y)
    estimator.out_activation_ = "logistic"
    assert estimator.predict(X).max() <= 1
    with pytest.raises(ValueError, match=r"out_activation_='logistic'.*activation=\['relu'"):
        estimator.fit(X, y)
    estimator.n_layers_ = 3
    with pytest.raises(ValueError, match="n_layers_=3 of a network of 4 layers.*activation="):
        estimator.predict(X)
    with pytest.raises(ValueError, match="n_layers_=3"):
        estimator.jacobian(X)


def test_a_loss_that_scikit_learn_lacks_is_trained_with_any_output():
    X, y = data_for("MLPRegressor")
    y = (y > 0).astype(float)
    options = {"loss": Huber(1.0), "max_iter": 30, "random_state": 0, "warm_start": True}
    estimator = ours.MLPRegressor(**SMALL | options).fit(X, y)
    estimator.out_activation_ = "logistic"
    before = estimator.fit(X, y).loss_curve_[30]
    assert estimator.loss_ < before
