"""The perceptrons work with scikit-learn's tools: copied, stored, searched, changed by hand."""

import copy
import inspect
import pickle
import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from denseloop.neural_network import MLPClassifier
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.ensemble import BaggingRegressor, VotingClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from tests.estimators.perceptrons import (
    UNHEEDED,
    assert_same_fit,
    assert_same_messages,
    both,
    data,
    data_for,
    fit_later,
    ours,
    theirs,
)

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

BOTH = ["MLPClassifier", "MLPRegressor"]
SMALL = {"hidden_layer_sizes": (9,), "random_state": 1, "max_iter": 8}
READER = """
import pickle, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
with open(sys.argv[1], "rb") as file:
    estimator, X, y = pickle.load(file)
first = estimator.predict(X)
estimator.partial_fit(X, y)
with open(sys.argv[2], "wb") as file:
    pickle.dump((first, estimator.predict(X)), file)
"""


@pytest.mark.parametrize("name", BOTH)
def test_classes_are_scikit_learns_with_more_parameters(name):
    own, original = getattr(ours, name), getattr(theirs, name)
    estimator = own()
    assert isinstance(estimator, original) and own.__name__ == name
    assert is_classifier(estimator) == (name == "MLPClassifier") != is_regressor(estimator)
    mine = inspect.signature(own).parameters
    for parameter in inspect.signature(original).parameters.values():
        assert mine[parameter.name].default == parameter.default, parameter
        assert mine[parameter.name].kind == parameter.kind, parameter


def test_the_order_of_parameters_is_scikit_learns():
    for name in BOTH:
        positional = [
            [
                p.name
                for p in inspect.signature(cls).parameters.values()
                if p.kind == p.POSITIONAL_OR_KEYWORD
            ]
            for cls in (getattr(ours, name), getattr(theirs, name))
        ]
        assert positional[0] == positional[1]


@pytest.mark.parametrize("name", BOTH)
def test_a_pickle_is_read_by_another_process_and_goes_on_there(name, tmp_path):
    X, y = data_for(name)
    estimator = getattr(ours, name)(**SMALL).fit(X, y)
    given, answer = tmp_path / "given", tmp_path / "answer"
    given.write_bytes(pickle.dumps((estimator, X, y)))
    subprocess.run([sys.executable, "-c", READER, given, answer], check=True)
    first, second = pickle.loads(answer.read_bytes())
    np.testing.assert_array_equal(first, estimator.predict(X))
    np.testing.assert_array_equal(second, estimator.partial_fit(X, y).predict(X))


def by_joblib(estimator, folder):
    joblib.dump(estimator, folder / "estimator")
    return joblib.load(folder / "estimator", mmap_mode="r")


COPIES = {
    "pickle": lambda estimator, _: pickle.loads(pickle.dumps(estimator)),
    "deepcopy": lambda estimator, _: copy.deepcopy(estimator),
    "joblib": by_joblib,
}


@pytest.mark.parametrize("options", [{}, {"early_stopping": True}, {"solver": "lbfgs"}])
@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("name", BOTH)
def test_a_copy_goes_on_like_scikit_learns(name, how, options, tmp_path):
    X, y = data_for(name)
    copies = []
    for estimator in both(name, **SMALL, **options, warm_start=True):
        estimator.fit(X, y)
        before = [coef.copy() for coef in estimator.coefs_]
        copied = COPIES[how](estimator, tmp_path)
        np.testing.assert_array_equal(copied.predict(X), estimator.predict(X))
        # scikit-learn's own cannot train the read-only arrays of joblib's memory map.
        if estimator.__module__.startswith("denseloop") or how != "joblib":
            copied.fit(X, y)
            copies.append(copied)
        for now, then in zip(estimator.coefs_, before):
            np.testing.assert_array_equal(now, then)
    if len(copies) == 2 and options.get("solver") != "lbfgs":
        assert_same_fit(*copies, X)


def test_a_clone_is_not_fitted():
    estimator = MLPClassifier(3, ["tanh"], class_weight={0: 2.0}, max_iter=2).fit(*data("iris"))
    cloned = clone(estimator)
    assert not hasattr(cloned, "coefs_") and cloned.get_params() == estimator.get_params()


def test_a_grid_is_searched_by_two_processes():
    X, y = data("iris")
    grid = {"mlpclassifier__alpha": [1e-4, 1e3], "mlpclassifier__solver": ["adam", "lbfgs"]}
    found = []
    for estimator in both("MLPClassifier", **SMALL | {"max_iter": 30}):
        pipeline = make_pipeline(StandardScaler(), estimator)
        search = GridSearchCV(pipeline, grid, n_jobs=2, cv=3).fit(X, y)
        found.append(search.cv_results_["mean_test_score"][::2])  # of adam
    np.testing.assert_allclose(*found)


def test_ensembles_and_cross_validation_give_scikit_learns_scores():
    scores = []
    for module in (theirs, ours):
        X, y = data("wine")
        members = [(str(k), module.MLPClassifier(**SMALL | {"random_state": k})) for k in range(3)]
        voting = VotingClassifier(members, voting="soft")
        scores.append([*cross_val_score(voting, X, y, cv=3)])
        X, y = data("diabetes")
        bagging = BaggingRegressor(module.MLPRegressor(**SMALL), 3, random_state=0)
        scores[-1] += [*cross_val_score(bagging, X, y, cv=3)]
    np.testing.assert_allclose(*scores, rtol=1e-9)


@pytest.mark.parametrize("options", [{}, {"early_stopping": True}])
def test_names_of_features_are_kept_and_required(options):
    X, y = data("iris")
    frame = pd.DataFrame(X, columns=list("abcd"))
    named, nameless = (
        [e.fit(x, y) for e in both("MLPClassifier", **SMALL, **options)] for x in (frame, X)
    )
    assert list(named[1].feature_names_in_) == list("abcd")
    for estimators, samples, words in [
        (named, X[:3], "X does not have valid feature names"),
        (nameless, frame[:3], "X has feature names, but MLPClassifier was fitted without"),
        (named, frame[:3], None),
        (named, frame[["b", "a", "c", "d"]], "feature names"),
    ]:
        warned, error = assert_same_messages(
            [lambda e=e, s=samples: e.predict(s) for e in estimators]
        )
        assert (words is None) == (not warned and error is None)
        assert words is None or words in str(warned) + str(error)


def test_metadata_are_routed_to_fit():
    X, y = data("iris")
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = MLPClassifier(**SMALL).set_fit_request(sample_weight=True, eval_set=True)
        pipeline = make_pipeline(MinMaxScaler(), estimator)
        pipeline.fit(X, y, sample_weight=np.ones(len(X)), eval_set=(X, y))
    assert len(estimator.validation_loss_curve_) == estimator.n_iter_


@pytest.mark.parametrize("name", BOTH)
def test_weights_changed_or_replaced_by_hand_are_used(name):
    X, y = data_for(name)
    estimators = both(name, **SMALL, warm_start=True)
    for estimator in estimators:
        estimator.fit(X, y)
        estimator.coefs_[0][...] *= 2
        estimator.intercepts_[-1] += 0.5
    np.testing.assert_allclose(estimators[1].predict(X), estimators[0].predict(X), rtol=1e-9)
    for _ in (False, True):
        for estimator in estimators:
            estimator.coefs_ = [0.5 * coef for coef in estimator.coefs_]
            estimator.intercepts_[0] = estimator.intercepts_[0] + 0.1
        np.testing.assert_allclose(estimators[1].predict(X), estimators[0].predict(X), rtol=1e-9)
        assert_same_messages([fit_later(estimator, X, y) for estimator in estimators])
        assert_same_fit(*estimators, X)


def test_an_estimator_put_together_by_hand_predicts():
    X, _ = data("diabetes")
    random = np.random.default_rng(0)
    weights, biases = [random.random((10, 3)), random.random((3, 1))], [np.ones(3), np.zeros(1)]
    predicted = []
    for estimator in both("MLPRegressor", hidden_layer_sizes=3):
        estimator.coefs_, estimator.intercepts_ = weights, biases
        estimator.n_layers_, estimator.n_outputs_ = 3, 1
        estimator.out_activation_, estimator.n_features_in_ = "identity", 10
        predicted.append(estimator.predict(X))
    np.testing.assert_allclose(*predicted, rtol=1e-12)


def test_the_estimators_are_imported_when_they_are_asked_for():
    program = (
        "import sys, denseloop as dl; assert 'sklearn' not in sys.modules;"
        "print(dl.neural_network.MLPClassifier.__name__)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "MLPClassifier\n"), run.stderr
