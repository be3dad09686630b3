"""What the tests of denseloop.neural_network share: data, and two estimators side by side."""

import functools
import warnings

import numpy as np
from denseloop import neural_network as ours
from sklearn import datasets
from sklearn import neural_network as theirs
from sklearn.preprocessing import scale

# For pytest.mark.filterwarnings.
UNHEEDED = [
    "ignore::sklearn.exceptions.ConvergenceWarning",
    # Scikit-learn 1.7 gives SciPy's L-BFGS an option that newer SciPy warns of.
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
    """X (at most 300 samples, every feature and number to predict standardized), y."""
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
    """Scikit-learn's, ours."""
    parameters = {"random_state": 1, **parameters}
    return [getattr(module, name)(**parameters) for module in (theirs, ours)]


def fit(estimator, X, y, **options):
    """A call to be told of."""
    return lambda: estimator.fit(X, y, **options)


def of(name):
    return data("iris" if name == "MLPClassifier" else "diabetes")


def told(call):
    """What the call warns of, and its error if it fails; categories and messages."""
    error = None
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", ".*`iprint` options", DeprecationWarning)
        try:
            call()
        except Exception as caught:
            error = type(caught), str(caught)
    return [(warning.category, str(warning.message)) for warning in warned], error


def assert_told_the_same(calls):
    expected, found = (told(call) for call in calls)
    assert found == expected
    return expected


EQUAL = ["n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"]
CLOSE = ["best_loss_", "validation_scores_", "best_validation_score_"]


def assert_same_fit(expected, found, X, rtol=1e-9):
    """Of the fitted estimators; losses and scores to rtol over the first 50 epochs."""
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
