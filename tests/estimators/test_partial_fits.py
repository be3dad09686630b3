"""After the first partial fit, samples that need no conversion skip scikit-learn's validation."""

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier

from tests.estimators.perceptrons import assert_same_messages, both, data_for

WRONG = {
    "nan": lambda X, y: (np.where(X == X[3, 1], np.nan, X), y),
    "too few targets": lambda X, y: (X, y[1:]),
    "no samples": lambda X, y: (X[:0], y[:0]),
    "too few features": lambda X, y: (X[:, 1:], y),
    "complex": lambda X, y: (X + 1j, y),
    "no targets": lambda X, y: (X, y[:0]),
    "unknown labels, or infinite targets": lambda X, y: (X, y + (9 if y.dtype == int else np.inf)),
    "labels in words, or two targets": lambda X, y: (
        X,
        np.full(len(y), "word") if y.dtype == int else y[:2],
    ),
}


def started(name, X, y, **parameters):
    classes = {"classes": np.unique(y)} if name == "MLPClassifier" else {}
    return [e.partial_fit(X, y, **classes) for e in both(name, **parameters)]


@pytest.mark.parametrize("samples", WRONG)
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_later_samples_are_refused_in_the_same_words(name, samples):
    X, y = data_for(name)
    estimators = started(name, X, y)
    wrong = WRONG[samples](X, y)
    _, error = assert_same_messages([lambda e=e: e.partial_fit(*wrong) for e in estimators])
    assert error[0] in (ValueError, TypeError)


KINDS = {
    "float64": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "the other byte order": lambda X: X.astype(X.dtype.newbyteorder()),
    "integers": lambda X: X.astype(int),
    "by columns": np.asfortranarray,
    "a list": lambda X: X.tolist(),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_later_samples_of_every_kind_give_scikit_learns_numbers(name, kind):
    X, y = data_for(name)
    estimators = started(name, X, y)
    for estimator in estimators:
        estimator.partial_fit(KINDS[kind](X), y)
    theirs, ours = estimators
    for a, b in zip(theirs.coefs_, ours.coefs_, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12)
    assert ours.loss_curve_ == pytest.approx(theirs.loss_curve_, rel=1e-9)


def test_a_seed_leaves_generators_of_others_alone():
    X, y = data_for("MLPClassifier")
    generator = np.random.RandomState(5)
    estimator = MLPClassifier(random_state=generator, max_iter=1)
    estimator.partial_fit(X, y, classes=np.unique(y))
    before = generator.get_state()[2], np.random.get_state()[2]
    for _ in range(2):
        estimator.set_params(random_state=0).partial_fit(X, y)
    assert (generator.get_state()[2], np.random.get_state()[2]) == before


def test_a_seed_draws_the_same_order_in_every_partial_fit():
    X, y = data_for("MLPClassifier")
    one, other = started("MLPClassifier", X, y, batch_size=7, random_state=3)
    for _ in range(3):
        one.partial_fit(X, y), other.partial_fit(X, y)
    assert other.loss_curve_ == pytest.approx(one.loss_curve_, rel=1e-9)
