"""Data, and estimators of scikit-learn and denseloop to compare on them."""

import functools
import warnings

import numpy as np
from denseloop import neural_network as ours
from sklearn import datasets
from sklearn import neural_network as theirs
from sklearn.preprocessing import scale

# Arguments of pytest.mark.filterwarnings.
UNHEEDED = [
    "ignore::sklearn.exceptions.ConvergenceWarning",
    # scikit-learn 1.7 passes an option to SciPy's L-BFGS that newer versions of SciPy deprecate.
    "ignore:.*`iprint` options:DeprecationWarning",
]
LOADERS = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
    "diabetes": datasets.load_diabetes,
    "linnerud": datasets.load_linnerud,
}
CLASSES = ["iris", "wine", "breast cancer", "digits"]


@functools.cache
def data(name):
    """Return X and y: at most 300 samples, with standardized features and regression targets."""
    if name == "labels":
        X, y = datasets.make_multilabel_classification(random_state=0)
        return scale(X), y
    X, y = LOADERS[name](return_X_y=True)
    chosen = np.random.default_rng(0).permutation(len(X))[:300]
    X, y = scale(X[chosen]), y[chosen]
    return X, y if name in CLASSES else scale(y)


def estimator_name(data_name):
    return "MLPRegressor" if data_name in ("diabetes", "linnerud") else "MLPClassifier"


def both(name, **parameters):
    """Return scikit-learn's and our estimator of this name."""
    parameters = {"random_state": 1, **parameters}
    return [getattr(module, name)(**parameters) for module in (theirs, ours)]


def fit_later(estimator, X, y, **options):
    """Return a function that fits the estimator."""
    return lambda: estimator.fit(X, y, **options)


def data_for(name):
    return data("iris" if name == "MLPClassifier" else "diabetes")


def messages_of(call):
    """Call, and return the warnings and the error or None, each as a type and a message."""
    error = None
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", ".*`iprint` options", DeprecationWarning)
        try:
            call()
        except Exception as caught:
            error = type(caught), str(caught)
    return [(warning.category, str(warning.message)) for warning in warned], error


def assert_same_messages(calls):
    expected, found = (messages_of(call) for call in calls)
    assert found == expected
    return expected


EQUAL = ["n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"]
CLOSE = ["best_loss_", "validation_scores_", "best_validation_score_"]


def assert_same_fit(expected, found, X, rtol=1e-9):
    """Assert that two fitted estimators agree; losses to rtol over the first 50 epochs."""
    for name in EQUAL:
        assert getattr(found, name) == getattr(expected, name), name
    np.testing.assert_allclose(found.loss_curve_[:50], expected.loss_curve_[:50], rtol, atol=0)
    assert len(found.loss_curve_) == len(expected.loss_curve_)
    for name in CLOSE:
        value, wanted = getattr(found, name), getattr(expected, name)
        assert (value is None) == (wanted is None), name
        if wanted is not None:
            np.testing.assert_allclose(value, wanted, max(rtol, 1e-7), atol=1e-9, err_msg=name)
    for value, wanted in zip(
        found.coefs_ + found.intercepts_, expected.coefs_ + expected.intercepts_, strict=True
    ):
        assert value.dtype == wanted.dtype and value.shape == wanted.shape
        np.testing.assert_allclose(value, wanted, rtol=0, atol=max(1e3 * rtol, 1e-6))
    if hasattr(expected, "classes_"):
        np.testing.assert_array_equal(found.predict(X), expected.predict(X))
    else:
        np.testing.assert_allclose(found.predict(X), expected.predict(X), rtol=0, atol=1e-5)


def assert_same_parameters(expected, found, X, exact=False):
    """Assert that two estimators have the same loss, counts, parameters and predictions."""
    tolerance = {"rtol": 0 if exact else 1e-9, "atol": 0 if exact else 1e-12}
    for name in ("n_iter_", "out_activation_", "n_layers_", "t_"):
        assert getattr(found, name) == getattr(expected, name), name
    np.testing.assert_allclose(found.loss_, expected.loss_, tolerance["rtol"], atol=0)
    arrays = [[*each.coefs_, *each.intercepts_] for each in (expected, found)]
    for wanted, value in zip(*arrays, strict=True):
        assert value.dtype == wanted.dtype
        np.testing.assert_allclose(value, wanted, **tolerance)
    np.testing.assert_allclose(found.predict(X), expected.predict(X), rtol=1e-9, atol=1e-12)
