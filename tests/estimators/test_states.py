"""A fit leaves a sound estimator: after errors, in copies, and while other threads predict."""

import copy
import threading
import warnings

import numpy as np
import pytest
from denseloop import Network
from denseloop.neural_network import MLPClassifier, MLPRegressor
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning

from tests.estimators.perceptrons import UNHEEDED, both, data

pytestmark = [pytest.mark.filterwarnings(message) for message in UNHEEDED]


def test_a_column_of_validation_labels_is_taken_as_labels():
    X, y = data("iris")
    options = {"early_stopping": True, "max_iter": 20, "random_state": 0}
    flat = MLPClassifier(**options).fit(X, y, eval_set=(X, y))
    with pytest.warns(DataConversionWarning):
        column = MLPClassifier(**options).fit(X, y, eval_set=(X, y[:, None]))
    assert column.validation_scores_ == flat.validation_scores_
    assert max(flat.validation_scores_) > 0.3
    with pytest.raises(ValueError, match="classes that y has not"), warnings.catch_warnings():
        warnings.simplefilter("ignore", DataConversionWarning)
        MLPClassifier(**options).fit(X, y, eval_set=(X, y[:, None] + 1))


def test_sparse_indicators_can_be_in_the_validation_set():
    X, y = data("labels")
    theirs, ours = both("MLPClassifier", early_stopping=True, max_iter=5)
    theirs.fit(X, y), ours.fit(X, csr_matrix(y))  # scikit-learn 1.7 fails with a sparse y
    assert ours.validation_scores_ == theirs.validation_scores_
    ours.fit(X, csr_matrix(y), eval_set=(X, csr_matrix(y)))
    assert ours.validation_scores_[-1] == ours.score(X, y)


@pytest.mark.parametrize(
    ("options", "eval_set"),
    [
        ({}, (np.zeros((4, 10)), np.zeros((4, 2)))),
        ({}, (np.zeros((4, 9)), np.zeros(4))),
        ({"solver": "lbfgs"}, (np.zeros((4, 10)), np.zeros(4))),
        ({"solver": "lm", "loss": "absolute_error"}, None),
    ],
)
def test_a_refused_call_leaves_a_fitted_estimator_unchanged(options, eval_set):
    X, y = data("diabetes")
    estimator = MLPRegressor(hidden_layer_sizes=5, max_iter=20, random_state=0).fit(X, y)
    before = estimator.predict(X)
    with pytest.raises(ValueError):
        estimator.set_params(**options).fit(X, y, eval_set=eval_set)
    np.testing.assert_array_equal(estimator.predict(X), before)


def test_levenberg_marquardt_ignores_early_stopping():
    X, y = data("diabetes")
    options = {"hidden_layer_sizes": 3, "solver": "lm", "activation": "tanh", "random_state": 0}
    plain = MLPRegressor(**options).fit(X, y)
    found = MLPRegressor(**options, early_stopping=True).fit(X, y)
    assert found.best_loss_ == plain.best_loss_


@pytest.mark.parametrize(
    "estimator",
    [MLPRegressor(solver="lm"), MLPRegressor(solver="rprop"), MLPClassifier(solver="rprop")],
)
def test_a_solver_that_takes_all_samples_has_no_partial_fit(estimator):
    assert not hasattr(estimator, "partial_fit")
    assert hasattr(estimator.set_params(solver="sgd"), "partial_fit")


def test_an_interrupted_levenberg_marquardt_keeps_its_steps(monkeypatch):
    X, y = data("diabetes")

    def train(network, *arguments, epochs, **options):
        original(network, *arguments, epochs=2, **options)
        raise KeyboardInterrupt

    original = Network.train
    monkeypatch.setattr(Network, "train", train)
    estimator = MLPRegressor(hidden_layer_sizes=3, solver="lm", activation="tanh", random_state=0)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        estimator.fit(X, y)
    assert estimator.n_iter_ == len(estimator.loss_curve_) == 2
    assert estimator.loss_ < estimator.loss_curve_[-1]


def test_a_batch_without_weight_leaves_the_loss_a_number():
    X, y = data("diabetes")
    weight = np.ones(len(y))
    weight[:50] = 0
    estimator = MLPRegressor("poisson", 5, batch_size=50, shuffle=False, max_iter=5, random_state=0)
    estimator.fit(X, y - y.min(), sample_weight=weight)
    assert np.isfinite(estimator.loss_curve_).all()


def test_a_partial_fit_goes_on_in_another_dtype():
    X, y = data("iris")
    estimator = MLPClassifier(5, random_state=0).partial_fit(
        X.astype(np.float32), y, classes=[0, 1, 2]
    )
    estimator.coefs_ = [coef.astype(np.float64) for coef in estimator.coefs_]
    estimator.intercepts_ = [bias.astype(np.float64) for bias in estimator.intercepts_]
    estimator.partial_fit(X, y)
    assert estimator.coefs_[0].dtype == np.float64


def test_training_a_shallow_copy_changes_nothing_in_the_original():
    X, y = data("iris")
    estimator, twin = (MLPClassifier(5, random_state=0) for _ in range(2))
    for each in (estimator, twin):
        each.partial_fit(X, y, classes=[0, 1, 2])
    copy.copy(estimator).partial_fit(X, y)
    for each in (estimator, twin):
        each.partial_fit(X, y)
    np.testing.assert_array_equal(estimator.coefs_[0], twin.coefs_[0])


def test_parameters_that_are_not_finite_can_be_copied():
    X, y = data("iris")
    estimator = MLPClassifier(5, max_iter=3, random_state=0).fit(X, y)
    estimator.coefs_[0][0, 0] = np.nan
    assert np.isnan(copy.deepcopy(estimator).coefs_[0][0, 0])


@pytest.mark.parametrize("samples", [1, 300])
def test_others_can_predict_during_a_fit(samples):
    X, y = data("digits")
    estimator = MLPClassifier((50, 50), max_iter=60, random_state=0, warm_start=True)
    estimator.set_params(tol=0, n_iter_no_change=1000).fit(X, y)
    done, errors = threading.Event(), []

    def predict():
        while not done.is_set():
            try:
                estimator.predict(X[:samples])
            except RuntimeError as error:
                errors.append(error)

    thread = threading.Thread(target=predict)
    thread.start()
    try:
        for _ in range(5):
            estimator.fit(X, y)
    finally:
        done.set()
        thread.join()
    assert not errors


def test_a_warning_of_scipys_solver_names_the_line_of_the_fit():
    X, y = data("iris")
    with pytest.warns(ConvergenceWarning) as caught:
        MLPClassifier((4,), solver="lbfgs", max_iter=2, random_state=0).fit(X, y)
    assert {warning.filename for warning in caught} == {__file__}


@pytest.mark.parametrize("first", [{"solver": "lbfgs"}, {"early_stopping": True}])
def test_levenberg_marquardt_goes_on_from_another_solver(first):
    X = np.linspace(-1, 1, 60)[:, None]
    y = np.sin(2 * X[:, 0])
    regressor = MLPRegressor(
        hidden_layer_sizes=(4,), activation="tanh", max_iter=15, warm_start=True, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        before = regressor.set_params(**first).fit(X, y).loss_
        curve = len(getattr(regressor, "loss_curve_", []))
        regressor.set_params(solver="lm", early_stopping=False).fit(X, y)
    assert len(regressor.loss_curve_) == curve + regressor.n_iter_
    assert regressor.best_loss_ == regressor.loss_ < before
