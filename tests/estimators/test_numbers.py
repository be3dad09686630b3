"""denseloop.neural_network gives the numbers of scikit-learn's perceptrons, epoch by epoch."""

import warnings

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier
from sklearn import neural_network

from tests.estimators.perceptrons import (
    assert_same_fit,
    assert_same_messages,
    both,
    data,
    estimator_name,
    messages_of,
)

DATA = ["iris", "wine", "breast cancer", "digits", "diabetes", "linnerud", "labels"]
VARIANTS = {
    "as they come": {},
    "identity": {"activation": "identity"},
    "logistic": {"activation": "logistic"},
    "tanh": {"activation": "tanh"},
    "batches of 32": {"batch_size": 32},
    "batches of 7": {"batch_size": 7},
    "one batch": {"batch_size": 10_000},
    "no shuffle": {"shuffle": False},
    "no momentum": {"momentum": 0.0},
    "little classical momentum": {"momentum": 0.3, "nesterovs_momentum": False},
    "invscaling": {"learning_rate": "invscaling", "power_t": 0.3},
    "adaptive": {"learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 2},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 4},
    "early stopping and batches": {"early_stopping": True, "batch_size": 32},
    "large penalty": {"alpha": 10.0},
    "no penalty": {"alpha": 0},
    "no hidden layer": {"hidden_layer_sizes": (), "activation": "logistic"},
    "one hidden layer by its size": {"hidden_layer_sizes": 5},
    "two hidden layers": {"hidden_layer_sizes": (20, 10), "activation": "logistic"},
    "soon contented": {"tol": 0.02, "n_iter_no_change": 3},
    "never contented": {"tol": 0.02, "n_iter_no_change": np.inf},
    "Adam's numbers": {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 0.01},
}


def parameters(**variant):
    # 0.01 for a network that moves far within 50 epochs.
    return {"hidden_layer_sizes": (9,), "max_iter": 50, "learning_rate_init": 0.01, **variant}


def fits(estimators, X, y, times=1, **options):
    def fit(estimator):
        for _ in range(times):
            estimator.fit(X, y, **options)

    return [lambda e=estimator: fit(e) for estimator in estimators]


def partial_fits(estimators, X, y, times, **options):
    def fit(estimator):
        if hasattr(estimator, "predict_proba"):
            options["classes"] = np.arange(y.max() + 1)
        for part in range(times):
            estimator.partial_fit(X[part % 2 :: 2], y[part % 2 :: 2], **options)

    return [lambda e=estimator: fit(e) for estimator in estimators]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("name", DATA)
def test_a_fit_is_scikit_learns(name, solver, variant):
    X, y = data(name)
    estimators = both(estimator_name(name), **parameters(solver=solver, **VARIANTS[variant]))
    assert_same_messages(fits(estimators, X, y))
    assert_same_fit(*estimators, X)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("name", ["breast cancer", "linnerud"])
def test_a_weighted_fit_is_scikit_learns(name, solver, variant, random):
    X, y = data(name)
    estimators = both(estimator_name(name), **parameters(solver=solver, **VARIANTS[variant]))
    weight = random.uniform(0.1, 3, len(X))
    assert_same_messages(fits(estimators, X, y, sample_weight=weight))
    assert_same_fit(*estimators, X)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_a_fit_goes_on_from_a_warm_start_as_scikit_learns(name, solver, variant):
    X, y = data(name)
    options = {"max_iter": 15, **VARIANTS[variant], "warm_start": True}
    estimators = both(estimator_name(name), **parameters(solver=solver, **options))
    assert_same_messages(fits(estimators, X, y, times=3))
    assert_same_fit(*estimators, X)


@pytest.mark.parametrize("variant", [v for v in VARIANTS if not v.startswith("early stopping")])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("name", ["iris", "linnerud"])
def test_partial_fits_are_scikit_learns(name, solver, variant):
    X, y = data(name)
    estimators = both(estimator_name(name), **parameters(solver=solver, **VARIANTS[variant]))
    # Enough epochs for an adaptive rate to be divided between the calls.
    assert_same_messages(partial_fits(estimators, X, y, times=50))
    assert_same_fit(*estimators, X)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("learning_rate", ["constant", "adaptive"])
@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_it_prints_what_scikit_learn_prints(name, learning_rate, early_stopping, capsys):
    X, y = data(name)
    options = {"tol": 0.05, "n_iter_no_change": 2, "early_stopping": early_stopping}
    options |= {"solver": "sgd", "learning_rate": learning_rate, "verbose": True}
    printed = []
    for fit in fits(both(estimator_name(name), **parameters(**options)), X, y):
        messages_of(fit)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert "Iteration 2, loss = " in printed[0]


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_one_sample_is_fitted_as_by_scikit_learn(solver):
    X, y = data("diabetes")
    estimators = both("MLPRegressor", **parameters(solver=solver))
    assert_same_messages(fits(estimators, X[:1], y[:1]))
    assert_same_fit(*estimators, X[:1])


@pytest.mark.parametrize("name", ["iris", "linnerud"])
def test_the_random_state_is_left_as_scikit_learn_leaves_it(name):
    X, y = data(name)
    left = []
    for estimator in both(estimator_name(name), **parameters(tol=0.05, n_iter_no_change=3)):
        estimator.random_state = np.random.RandomState(7)
        estimator.set_params(early_stopping=name == "iris").fit(X, y)
        left.append(estimator.random_state.randint(1 << 30, size=3))
        np.random.seed(7)
        estimator.set_params(random_state=None).fit(X, y)
        left.append(np.random.randint(1 << 30, size=3))
    assert np.array_equal(left[:2], left[2:]) and np.array_equal(left[0], left[1])


@pytest.mark.parametrize("fitted_anew", [False, True])
def test_another_activation_takes_effect_at_the_next_call(fitted_anew):
    X, y = data("diabetes")
    estimators = both("MLPRegressor", **parameters(max_iter=3, tol=0, warm_start=True))
    assert_same_messages(fits(estimators, X, y))
    for estimator in estimators:
        estimator.set_params(activation="tanh")
    if fitted_anew:
        assert_same_messages(fits(estimators, X, y))
    assert_same_fit(*estimators, X)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("classes", [2, 3])
def test_log_probabilities_far_out_are_those_of_scikit_learn(dtype, classes):
    X = np.arange(classes, dtype=dtype)[:, None]
    logits = np.array([[30], [86], [88], [95], [104], [709], [720], [740], [746], [1e4]], dtype)
    found = []
    for kind in (neural_network.MLPClassifier, MLPClassifier):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            classifier = kind((), max_iter=1, random_state=0).fit(X, range(classes))
        classifier.coefs_[0][:] = np.eye(1, classifier.n_outputs_)
        classifier.intercepts_[0][:] = 0
        with np.errstate(divide="ignore", over="ignore"):
            found.append(classifier.predict_log_proba(np.concatenate([logits, -logits])))
    assert found[1].dtype == dtype
    finite = np.isfinite(found[0])
    assert (found[1][~finite] < -90).all()  # SciPy's sigmoid has no subnormal numbers
    if classes > 2:
        np.testing.assert_array_equal(np.isfinite(found[1]), finite)
    rtol = 1e-6 if dtype == np.float64 else 0.02
    np.testing.assert_allclose(found[1][finite], found[0][finite], rtol=rtol)
