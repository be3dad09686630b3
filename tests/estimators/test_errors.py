"""The perceptrons refuse and warn in scikit-learn's words."""

import re

import numpy as np
import pytest
from denseloop import Huber, Quantile
from sklearn.utils._param_validation import InvalidParameterError

from tests.estimators.perceptrons import (
    assert_same_messages,
    both,
    data,
    data_for,
    fit_later,
    messages_of,
    ours,
)

BOTH = ["MLPClassifier", "MLPRegressor"]
WRONG_PARAMETERS = [
    ("hidden_layer_sizes", "5"),
    ("hidden_layer_sizes", 0),
    ("hidden_layer_sizes", (4, -1)),
    ("hidden_layer_sizes", (4, 0)),
    ("alpha", -1),
    ("alpha", "0.1"),
    ("batch_size", 0),
    ("batch_size", 2.5),
    ("learning_rate", "ghost"),
    ("learning_rate_init", 0),
    ("learning_rate_init", -0.1),
    ("power_t", -1),
    ("max_iter", 0),
    ("max_iter", 1.5),
    ("shuffle", "yes"),
    ("random_state", "seed"),
    ("random_state", -1),
    ("tol", -1),
    ("verbose", "no"),
    ("warm_start", None),
    ("momentum", 2),
    ("momentum", -0.5),
    ("nesterovs_momentum", 1.5),
    ("early_stopping", "ghost"),
    ("validation_fraction", 1),
    ("validation_fraction", -0.1),
    ("beta_1", 1),
    ("beta_1", -0.5),
    ("beta_2", 1),
    ("beta_2", -0.5),
    ("epsilon", 0),
    ("epsilon", "1"),
    ("n_iter_no_change", 0),
    ("n_iter_no_change", 2.5),
    ("max_fun", 0),
]
MORE_CHOICES = [  # ours have more choices, which the message lists
    *[(name, *case) for name in BOTH for case in [("solver", "hadoken"), ("activation", "cloak")]],
    ("MLPRegressor", "loss", "log_loss"),
    ("MLPRegressor", "loss", 0.5),
]


@pytest.mark.parametrize(("parameter", "value"), WRONG_PARAMETERS)
@pytest.mark.parametrize("name", BOTH)
def test_parameters_are_refused_in_the_same_words(name, parameter, value):
    estimators = both(name, **{"max_iter": 2, parameter: value})
    X, y = data_for(name)
    _, error = assert_same_messages([fit_later(estimator, X, y) for estimator in estimators])
    assert error[0] is InvalidParameterError or parameter in error[1] or "Seed" in error[1]


@pytest.mark.parametrize(("name", "parameter", "value"), MORE_CHOICES)
def test_wrong_choices_are_refused_with_a_list_of_choices(name, parameter, value):
    X, y = data_for(name)
    (_, expected), (_, found) = (
        messages_of(fit_later(estimator, X, y)) for estimator in both(name, **{parameter: value})
    )
    assert found[0] is expected[0]
    start = f"The '{parameter}' parameter of {name} must be "
    assert expected[1].startswith(start) and found[1].startswith(start)
    for choice in re.findall(r"'\w+'", expected[1]):
        assert choice in found[1]
    assert found[1].split(". Got ")[1] == expected[1].split(". Got ")[1]


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("name", BOTH)
def test_a_large_batch_is_warned_of_in_the_same_words(name, early_stopping):
    X, y = data_for(name)
    size = len(X) if early_stopping else len(X) + 1
    parameters = {"batch_size": size, "early_stopping": early_stopping, "max_iter": 500, "tol": 0.1}
    warned, error = assert_same_messages([fit_later(e, X, y) for e in both(name, **parameters)])
    assert len(warned) == 1 and "clipped" in warned[0][1] and error is None
    parameters |= {"batch_size": len(X), "early_stopping": False}
    assert assert_same_messages([fit_later(e, X, y) for e in both(name, **parameters)]) == (
        [],
        None,
    )


@pytest.mark.parametrize("name", BOTH)
def test_too_small_a_validation_set_is_refused_in_the_same_words(name):
    X, y = data_for(name)
    estimators = both(name, early_stopping=True, validation_fraction=0.001)
    few = [fit_later(e, X[:10], np.arange(10) % 2) for e in estimators]
    _, (kind, message) = assert_same_messages(few)
    assert kind is ValueError and ("validation set" in message or "test_size" in message)


DIVERGING = {"solver": "sgd", "learning_rate_init": 1e3, "max_iter": 20, "random_state": 1}


def test_divergence_is_the_same_error():
    X, y = data("diabetes")
    (_, expected), (warned, found) = (
        messages_of(fit_later(estimator, X, y)) for estimator in both("MLPRegressor", **DIVERGING)
    )
    assert found == expected and found[0] is ValueError and not warned


def test_divergence_with_early_stopping_leaves_the_best_weights(capsys):
    X, y = data("diabetes")
    estimators = both("MLPRegressor", **DIVERGING, early_stopping=True, verbose=True)
    for estimator in estimators:
        assert messages_of(fit_later(estimator, X, y))[1] is None
    expected, found = estimators
    assert found.n_iter_ == expected.n_iter_ == 20 and found.t_ == expected.t_
    assert np.isnan(found.validation_scores_[-1]) and np.isnan(found.loss_curve_[-1])
    assert len(found.validation_scores_) == len(found.loss_curve_) == 20
    np.testing.assert_allclose(found.predict(X), expected.predict(X), rtol=1e-9)
    assert capsys.readouterr().out.count("Validation score: nan") > 20


@pytest.mark.parametrize(
    ("loss", "solver", "words"),
    [
        (Huber(1.0), "lm", "solver='lm' is for loss='squared_error', got loss=Huber(delta=1.0)"),
        (Quantile(0.1), "lm", "solver='lm' is for loss='squared_error'"),
    ],
)
def test_a_solver_refuses_a_loss_that_it_cannot_minimize(loss, solver, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        ours.MLPRegressor(loss, solver=solver).fit(*data("diabetes"))


def two_steps(estimator, first, second):
    """Return a function that calls partial_fit twice."""

    def call():
        estimator.partial_fit(**first)
        estimator.partial_fit(**second)

    return call


X, Y = data("iris")
PARTIAL_FITS = {
    "no classes at first": ({"X": X, "y": Y}, {}, "classes must be passed"),
    "an unknown class": (
        {"X": X, "y": Y, "classes": [0, 1, 2]},
        {"X": X, "y": Y + 1},
        "`y` has classes not in `self.classes_`",
    ),
    "other classes": (
        {"X": X, "y": Y, "classes": [0, 1, 2]},
        {"X": X, "y": Y, "classes": [0, 1, 2, 3]},
        "is not the same as on last call",
    ),
    "too few classes": ({"X": X, "y": Y, "classes": [0, 1]}, {}, "classes not in"),
}


@pytest.mark.parametrize("case", PARTIAL_FITS)
def test_partial_fits_are_refused_in_the_same_words(case):
    first, second, words = PARTIAL_FITS[case]
    calls = [two_steps(estimator, first, second) for estimator in both("MLPClassifier")]
    _, (kind, message) = assert_same_messages(calls)
    assert kind is ValueError and words in message


@pytest.mark.parametrize("name", BOTH)
def test_partial_fit_and_early_stopping_exclude_each_other(name):
    X, y = data_for(name)
    classes = {"classes": [0, 1, 2]} if name == "MLPClassifier" else {}
    calls = [lambda e=e: e.partial_fit(X, y, **classes) for e in both(name, early_stopping=True)]
    _, error = assert_same_messages(calls)
    assert error == (ValueError, "partial_fit does not support early_stopping=True")


def test_a_classifier_by_lbfgs_has_no_partial_fit():
    estimators = both("MLPClassifier", solver="lbfgs")
    assert not any(hasattr(estimator, "partial_fit") for estimator in estimators)
    _, error = assert_same_messages([lambda e=e: e.partial_fit for e in estimators])
    assert error[0] is AttributeError and "partial_fit" in error[1]


def test_other_classes_after_a_warm_start_are_refused_in_the_same_words():
    def call(estimator):
        estimator.fit(X, Y)
        estimator.fit(X, np.minimum(Y, 1))

    estimators = both("MLPClassifier", warm_start=True, max_iter=2)
    _, error = assert_same_messages([lambda e=e: call(e) for e in estimators])
    assert "warm_start can only be used where `y` has the same classes" in error[1]
