"""Weights and biases that the user sets count as in scikit-learn, whatever NumPy takes."""

import copy
import pickle

import joblib
import numpy as np
import pytest
from denseloop.neural_network import _prediction
from denseloop.neural_network._network import ACTIVATIONS, EstimatorNetwork
from scipy.sparse import csr_array, csr_matrix

from tests.estimators.perceptrons import UNHEEDED, both, data, data_for

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

BOTH = ["MLPClassifier", "MLPRegressor"]


def to_dtype(dtype):
    return lambda array: (3 * array).astype(dtype)


def read_only(array):
    array = array.copy()
    array.setflags(write=False)
    return array


# What becomes of each array of coefs_ and of intercepts_, or None for those that stay.
EDITS = {
    "float16": (to_dtype("f2"), to_dtype("f2")),
    "float32": (to_dtype("f4"), to_dtype("f4")),
    "longdouble": (to_dtype("g"), to_dtype("g")),
    "big-endian": (to_dtype(">f8"), to_dtype(">f8")),
    "whole numbers": (to_dtype("i2"), to_dtype("i8")),
    "booleans": (lambda array: array > 0, lambda array: array > 0),
    "weights of another dtype": (to_dtype("f4"), None),
    "biases of another dtype": (None, to_dtype("f4")),
    "columns first": (np.asfortranarray, None),
    "every second row": (lambda array: np.repeat(array, 2, axis=0)[::2], None),
    "read-only": (read_only, read_only),
    "a float": (None, lambda bias: 0.3),
    "a NumPy float": (None, lambda bias: np.float32(0.3)),
    "a whole number": (None, lambda bias: 2),
    "rows": (None, lambda bias: bias[np.newaxis]),
    "one element": (None, lambda bias: bias[:1]),
    "lists": (None, lambda bias: bias.tolist()),
    "sparse": (csr_array, None),
    "not a number": (lambda array: np.nan * array, None),
}
SAMPLES = {
    "float64": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "int": lambda X: (3 * X).astype(np.int64),
    "lists": lambda X: X.tolist(),
    "sparse": csr_matrix,
}


def by_joblib(estimator, folder):
    joblib.dump(estimator, folder / "estimator")
    return joblib.load(folder / "estimator")


COPIES = {
    "itself": lambda estimator, _: estimator,
    "pickle": lambda estimator, _: pickle.loads(pickle.dumps(estimator)),
    "joblib": by_joblib,
    "copy": lambda estimator, _: copy.copy(estimator),
    "deepcopy": lambda estimator, _: copy.deepcopy(estimator),
}


def edited(estimator, edit):
    """Edit each array of weights and of biases of the estimator, which is returned."""
    edit_weights, edit_biases = edit
    if edit_weights:
        estimator.coefs_ = [edit_weights(coef) for coef in estimator.coefs_]
    if edit_biases:
        estimator.intercepts_ = [edit_biases(bias) for bias in estimator.intercepts_]
    return estimator


def outputs_of(estimator, X):
    return (estimator.predict_proba if hasattr(estimator, "classes_") else estimator.predict)(X)


def assert_same_outputs(estimators, X):
    theirs, ours = estimators
    try:
        expected = outputs_of(theirs, X)
    except TypeError:  # of whole numbers only
        with pytest.raises(TypeError):
            outputs_of(ours, X)
        return
    found = outputs_of(ours, X)
    assert found.dtype == expected.dtype
    tolerance = 1e-5 if found.dtype == np.float32 else 1e-12
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", BOTH)
def test_outputs_are_scikit_learns(name, edit, how, tmp_path):
    X, y = data_for(name)
    estimators = both(name, hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    estimators = [
        COPIES[how](edited(estimator.fit(X, y), EDITS[edit]), tmp_path) for estimator in estimators
    ]
    for convert in SAMPLES.values():
        assert_same_outputs(estimators, convert(X[:50]))
    np.testing.assert_array_equal(*(estimator.predict(X).round(6) for estimator in estimators))


@pytest.mark.parametrize("edit", EDITS)
def test_scikit_learns_pickle_predicts_the_same(edit):
    X, y = data("iris")
    theirs, ours = both("MLPClassifier", hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    edited(theirs.fit(X, y), EDITS[edit])
    ours.__setstate__(pickle.loads(pickle.dumps(theirs.__getstate__())))
    assert_same_outputs([theirs, ours], X)


@pytest.mark.parametrize("samples", [3, 3000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_outputs_of_float32_weights_have_the_digits_of_the_samples(dtype, samples):
    X, y = data("iris")
    estimators = both("MLPClassifier", hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    for estimator in estimators:
        estimator.fit(X.astype(np.float32), y)
    for coef, expected in zip(estimators[1].coefs_, estimators[0].coefs_):
        coef[...] = expected
    for bias, expected in zip(estimators[1].intercepts_, estimators[0].intercepts_):
        bias[...] = expected
    assert_same_outputs(estimators, np.resize(X, (samples, 4)).astype(dtype))


def test_later_changes_of_arrays_set_by_hand_count():
    X, y = data("diabetes")
    estimators = both("MLPRegressor", hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    for k, change in enumerate(("replace", "item", "array", "container")):
        for estimator in estimators:
            if change == "replace":
                given = [coef.copy() for coef in estimator.fit(X, y).coefs_]
                estimator.coefs_, estimator.given = given, given
            elif change == "item":
                estimator.given[0][0, 0] = 5
            elif change == "array":
                estimator.given[1][...] += 1
            else:
                estimator.given[0] = 2 * estimator.given[0]
        for samples in (X[:3], np.resize(X, (3000, X.shape[1]))):
            assert_same_outputs(estimators, samples)
        assert k == 0 or estimators[1].given is estimators[1].coefs_


@pytest.mark.parametrize("trained_on", [np.float64, np.float32])
def test_a_few_samples_need_no_copy_of_the_weights(trained_on, monkeypatch):
    X, y = data("iris")
    [_, estimator] = both("MLPClassifier", hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    estimator.fit(X.astype(trained_on), y)
    expected = estimator.predict_proba(X)
    if trained_on == np.float64:
        estimator.coefs_ = [coef.copy() for coef in estimator.coefs_]
    monkeypatch.delattr(_prediction, "EstimatorNetwork")
    np.testing.assert_allclose(estimator.predict_proba(X), expected, rtol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_computed_from_weights_set_by_hand(name):
    X, y = data("diabetes")
    [_, estimator] = both("MLPRegressor", hidden_layer_sizes=(4, 3), max_iter=3, random_state=0)
    estimator.set_params(activation=["tanh", name]).fit(X, y)
    expected = estimator.predict(X)
    estimator.intercepts_[0] = estimator.intercepts_[0].copy()
    np.testing.assert_allclose(estimator.predict(X), expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("edit", "kind", "message"),
    [
        (lambda e: e.coefs_.__setitem__(0, e.coefs_[0].tolist()), TypeError, "got list"),
        (lambda e: e.coefs_.__setitem__(0, None), TypeError, "got NoneType"),
        (lambda e: e.coefs_.__setitem__(1, e.coefs_[1].astype(str)), TypeError, "dtype <U"),
        (lambda e: e.coefs_.__setitem__(0, np.ones((2, 4))), ValueError, r"\(4, n_units\)"),
        (lambda e: e.coefs_.__setitem__(1, np.ones((5, 3))), ValueError, r"got \(5, 3\)"),
        (lambda e: e.coefs_.__setitem__(1, np.ones(4)), ValueError, r"got \(4,\)"),
        (lambda e: e.coefs_.pop(), IndexError, "each of the 2 layers, got 1 and 2"),
        (lambda e: e.intercepts_.__setitem__(0, np.ones(7)), ValueError, r"of shape \(4,\), or"),
        (lambda e: e.intercepts_.__setitem__(0, np.ones((4, 1))), ValueError, r"got shape \(4, 1"),
        (lambda e: e.intercepts_.__setitem__(0, [1j] * 4), TypeError, "dtype complex128"),
    ],
)
def test_what_scikit_learn_cannot_use_is_refused_and_explained(edit, kind, message):
    X, y = data("iris")
    theirs, ours = both("MLPClassifier", hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    for estimator in (theirs, ours):
        edit(estimator.fit(X, y))
    with pytest.raises((AttributeError, LookupError, TypeError, ValueError)):
        theirs.predict(X)
    for use in (ours.predict, ours.jacobian):
        with pytest.raises(kind, match=message):
            use(X)


@pytest.mark.parametrize("edit", ["float16", "whole numbers", "a float", "rows", "sparse"])
def test_a_training_goes_on_from_weights_set_by_hand(edit):
    X, y = data("iris")
    [_, estimator] = both("MLPClassifier", hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    edited(estimator.fit(X, y), EDITS[edit])
    before, derivatives = estimator.predict_proba(X), estimator.jacobian(X)
    estimator.set_params(learning_rate_init=1e-12, warm_start=True).fit(X, y)
    assert own_network_of(estimator)
    np.testing.assert_allclose(estimator.predict_proba(X), before, rtol=1e-6)
    np.testing.assert_allclose(estimator.jacobian(X), derivatives, rtol=1e-6, atol=1e-9)


def own_network_of(estimator):
    network = estimator._network
    return isinstance(network, EstimatorNetwork) and estimator.coefs_[0] is network.weights[0]


def test_a_shallow_copy_shares_the_weights_until_one_is_trained():
    X, y = data("iris")
    for estimator in both("MLPClassifier", hidden_layer_sizes=(4,), max_iter=3, random_state=0):
        copied = copy.copy(estimator.fit(X, y))
        estimator.coefs_[0][0, 0] = 5
        np.testing.assert_array_equal(copied.predict_proba(X), estimator.predict_proba(X))
    before, curve = copied.predict_proba(X), [*copied.loss_curve_]
    estimator.partial_fit(X, y)
    np.testing.assert_array_equal(copied.predict_proba(X), before)
    assert copied.loss_curve_ == curve and len(estimator.loss_curve_) == len(curve) + 1


@pytest.mark.parametrize("kind", ["coefs_", "intercepts_"])
def test_one_array_of_fewer_digits_takes_none_from_the_others(kind):
    X, y = data("diabetes")
    for estimator in both("MLPRegressor", hidden_layer_sizes=(4,), max_iter=3):
        estimator.partial_fit(X, y)
        arrays = getattr(estimator, kind)
        arrays[0] = arrays[0].astype(np.float32)
        estimator.partial_fit(X, y)
        dtypes = {array.dtype for array in (*estimator.coefs_[1:], estimator.intercepts_[1])}
        assert dtypes == {np.dtype(np.float64)}
