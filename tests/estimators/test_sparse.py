"""Sparse samples give the bits of dense ones, and scikit-learn's numbers."""

import copy

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier
from scipy import sparse

from tests.estimators.perceptrons import (
    UNHEEDED,
    assert_same_fit,
    both,
    data_for,
    ours,
    theirs,
)

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

BOTH = ["MLPClassifier", "MLPRegressor"]
SMALL = {"hidden_layer_sizes": (9,), "random_state": 1, "max_iter": 8}
KINDS = [sparse.csr_array, sparse.csc_array, sparse.csr_matrix, sparse.csc_matrix]


@pytest.mark.parametrize("options", [{}, {"early_stopping": True}, {"solver": "lbfgs"}])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BOTH)
def test_sparse_samples_give_the_bits_of_dense_ones(name, kind, options):
    X, y = data_for(name)
    X = np.where(abs(X) < 0.5, 0, X)
    dense, thin = (getattr(ours, name)(**SMALL, **options) for _ in range(2))
    dense.fit(X, y)
    thin.fit(kind(X), y)
    np.testing.assert_array_equal(dense.predict(X), thin.predict(kind(X)))
    np.testing.assert_array_equal(dense.predict(X[:2]), thin.predict(kind(X[:2])))
    for value, wanted in zip(thin.coefs_, dense.coefs_):
        np.testing.assert_array_equal(value, wanted)


def wide(name):
    X = sparse.random_array((600, 3000), density=0.005, format="csr", rng=0)
    score = X[:, :300].sum(axis=1)
    return X, (score > np.median(score)).astype(int) if name == "MLPClassifier" else score


@pytest.mark.parametrize("options", [{}, {"early_stopping": True}, {"solver": "lbfgs"}])
@pytest.mark.parametrize("name", BOTH)
def test_wide_sparse_samples_give_scikit_learns_numbers(name, options):
    X, y = wide(name)
    expected, found = (e.fit(X, y) for e in both(name, **SMALL, **options))
    np.testing.assert_allclose(found.loss_, expected.loss_, rtol=1e-9)
    np.testing.assert_allclose(found.predict(X), expected.predict(X), rtol=1e-6)
    if options != {"solver": "lbfgs"}:  # which has no curve
        assert_same_fit(expected, found, X)


def test_wide_sparse_samples_are_fitted_by_either_name_of_the_sigmoid():
    X, y = wide("MLPRegressor")
    expected = theirs.MLPRegressor(**SMALL, activation="logistic").fit(X, y)
    found = ours.MLPRegressor(**SMALL, activation="sigmoid").fit(X, y)
    assert_same_fit(expected, found, X)
    assert found.activation == "sigmoid"


def test_partial_fits_can_be_wide_and_sparse_or_dense_by_turns():
    X, y = wide("MLPClassifier")
    estimators = both("MLPClassifier", **SMALL)
    for estimator in estimators:
        for samples in (X, X.toarray(), X, X[:3], X):
            estimator.partial_fit(samples, y[: samples.shape[0]], classes=[0, 1])
    assert_same_fit(*estimators, X)


def test_a_copy_of_what_was_fitted_to_wide_samples_predicts():
    X, y = wide("MLPClassifier")
    estimator = MLPClassifier(**SMALL).fit(X, y)
    copied = copy.deepcopy(estimator)
    np.testing.assert_array_equal(copied.predict_proba(X), estimator.predict_proba(X))
