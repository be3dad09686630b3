"""The estimators of groups within scikit-learn: its checks, routing, copies and searches."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from denseloop.neural_network import MLPGroupsClassifier, MLPGroupsRegressor
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

RNG = np.random.default_rng(19)
GROUPS = np.tile(["a", "b", "c"], 40)
X = RNG.standard_normal((120, 2))
Y = X[:, 0] * np.where(GROUPS == "a", 1, -1) + (GROUPS == "c")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def checks(*estimators):
    mark = parametrize_with_checks(list(estimators))
    names, cases = mark.args
    # scikit-learn 1.7 has a generator here, and pytest warns of generators.
    return pytest.mark.parametrize(names, list(cases), **mark.kwargs)


@checks(
    MLPGroupsRegressor(),
    MLPGroupsRegressor(solver="lm", max_iter=50),
    MLPGroupsRegressor(solver="lbfgs", unseen="pooled"),
    MLPGroupsClassifier(),
    MLPGroupsClassifier(solver="rprop"),
)
def test_scikit_learns_checks_pass(estimator, check):
    check(estimator)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def regressor(**options):
    return MLPGroupsRegressor((), solver="rprop", max_iter=60, random_state=0, **options)


def routed():
    estimator = regressor().set_fit_request(groups=True, sample_weight=True)
    return estimator.set_predict_request(groups=True).set_score_request(
        groups=True, sample_weight=True
    )


@pytest.mark.usefixtures("routing")
def test_groups_and_weights_are_routed():
    weights = RNG.random(120) + 0.5
    given = {"groups": GROUPS, "sample_weight": weights}
    folds = [(np.arange(60), np.arange(60, 120)), (np.arange(60, 120), np.arange(60))]
    scores = cross_validate(routed(), X, Y, params=given, cv=folds)["test_score"]
    for (train, test), score in zip(folds, scores):
        own = {name: value[train] for name, value in given.items()}
        left = {name: value[test] for name, value in given.items()}
        assert regressor().fit(X[train], Y[train], **own).score(X[test], Y[test], **left) == score
    assert min(scores) > 0.95  # without groups one line is to fit all


@pytest.mark.usefixtures("routing")
def test_a_search_routes_the_groups_through_a_pipeline():
    pipeline = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), routed())
    search = GridSearchCV(pipeline, {"mlpgroupsregressor__alpha": [0.0, 1e3]}, cv=3)
    search.fit(X, Y, groups=GROUPS, sample_weight=np.ones(120))
    assert search.best_params_ == {"mlpgroupsregressor__alpha": 0.0}
    alone = regressor(alpha=0.0).fit(
        StandardScaler().fit_transform(X), Y, groups=GROUPS, sample_weight=np.ones(120)
    )
    np.testing.assert_array_equal(
        search.best_estimator_.predict(X, groups=GROUPS),
        alone.predict(StandardScaler().fit_transform(X), GROUPS),
    )


def test_a_search_with_a_column_of_groups_needs_no_routing():
    table = pd.DataFrame(X, columns=["u", "v"]).assign(shop=GROUPS)
    search = GridSearchCV(
        regressor(group_column="shop"), {"alpha": [0.0, 1e3]}, scoring="r2", cv=3
    ).fit(table, Y)
    assert search.best_params_ == {"alpha": 0.0} and search.best_score_ > 0.95


@pytest.mark.parametrize("kind", [MLPGroupsRegressor, MLPGroupsClassifier])
def test_clones_and_pickles(kind):
    estimator = kind(5, max_iter=5, random_state=0, unseen="pooled")
    assert clone(estimator).get_params() == estimator.get_params()
    targets = Y if kind is MLPGroupsRegressor else GROUPS
    estimator.fit(X, targets, groups=GROUPS)
    copy = pickle.loads(pickle.dumps(estimator))
    groups = np.where(np.arange(120) < 9, "new", GROUPS)
    np.testing.assert_array_equal(copy.predict(X, groups), estimator.predict(X, groups))
    assert not hasattr(clone(estimator), "parameters_")


def test_a_fitted_group_takes_what_the_documentation_says():
    groups = np.arange(3000)
    fitted = MLPGroupsRegressor(max_iter=1, random_state=0).fit(
        RNG.random((3000, 5)), groups / 1e3, groups=groups
    )
    assert abs(len(pickle.dumps(fitted)) / 3000 - 480) < 2
