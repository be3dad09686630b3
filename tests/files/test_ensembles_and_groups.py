"""Ensembles keep their members in a file, and groups their networks."""

import json

import denseloop as dl
import numpy as np
import pytest

pytest.importorskip("sklearn")
from denseloop.neural_network import (  # noqa: E402
    MLPEnsembleClassifier,
    MLPEnsembleRegressor,
    MLPGroupsClassifier,
    MLPGroupsRegressor,
)

from tests.files.test_damage import assert_refused, changed  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # a few iterations do not converge
X = np.random.default_rng(2).random((60, 3))
NUMBERS = np.arange(60) % 3
NAMES = np.array(["ant", "bee", "cow"])[NUMBERS]
SMALL = {"max_iter": 3, "random_state": 0}


def saved(estimator, folder):
    estimator.save(folder / "x.safetensors")
    found = dl.load(folder / "x.safetensors")
    assert type(found) is type(estimator)
    assert repr(found.get_params()) == repr(estimator.get_params())
    return found


@pytest.mark.parametrize("labels", [NAMES, NUMBERS > 1, NUMBERS.astype(np.int8)])
@pytest.mark.parametrize("bootstrap", [True, False])
def test_an_ensemble_of_classifiers_comes_back(labels, bootstrap, tmp_path):
    options = {"bootstrap": bootstrap, "oob_score": bootstrap, **SMALL}
    expected = MLPEnsembleClassifier(3, hidden_layer_sizes=4, **options).fit(X, labels)
    found = saved(expected, tmp_path)
    np.testing.assert_array_equal(found.classes_, expected.classes_)
    assert found.classes_.dtype == expected.classes_.dtype
    np.testing.assert_array_equal(found.predict(X), expected.predict(X))
    assert found.predict_proba(X).tobytes() == expected.predict_proba(X).tobytes()
    assert found.n_iter_ == expected.n_iter_ and found.n_features_in_ == 3
    assert hasattr(found, "oob_score_") == bootstrap
    if bootstrap:
        assert found.oob_score_ == expected.oob_score_
        ours, theirs = found.oob_decision_function_, expected.oob_decision_function_
        np.testing.assert_array_equal(ours, theirs)


def test_an_ensemble_of_regressors_comes_back_and_grows(tmp_path):
    expected = MLPEnsembleRegressor(3, hidden_layer_sizes=4, oob_score=True, **SMALL)
    expected.fit(X, NUMBERS)
    found = saved(expected, tmp_path)
    for ours, theirs in zip(*(each.predict(X, return_std=True) for each in (found, expected))):
        assert ours.tobytes() == theirs.tobytes()
    np.testing.assert_array_equal(found.oob_prediction_, expected.oob_prediction_)
    found.set_params(n_estimators=5, warm_start=True, oob_score=False).fit(X, NUMBERS)
    assert len(found.estimators_) == 5
    kept = zip(found.estimators_, expected.estimators_)
    assert all(ours.coefs_[0].tobytes() == theirs.coefs_[0].tobytes() for ours, theirs in kept)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("unseen", ["error", "pooled"])
@pytest.mark.parametrize("groups", [NUMBERS, NAMES, None])
def test_groups_come_back(groups, unseen, dtype, tmp_path):
    samples, two = X.astype(dtype), np.c_[NUMBERS, NUMBERS]
    for kind, y in ((MLPGroupsRegressor, two), (MLPGroupsRegressor, NUMBERS)):
        expected = kind(4, unseen=unseen, **SMALL).fit(samples, y, groups=groups)
        found = saved(expected, tmp_path)
        ours, theirs = (each.predict(samples, groups=groups) for each in (found, expected))
        assert ours.tobytes() == theirs.tobytes() and ours.shape == theirs.shape == y.shape
        np.testing.assert_array_equal(found.losses_, expected.losses_)
        np.testing.assert_array_equal(found.n_iter_, expected.n_iter_)
        np.testing.assert_array_equal(found.groups_, expected.groups_)
        one = None if groups is None else groups[0]
        assert repr(found.network(one)) == repr(expected.network(one))
        assert found.network(one).seed == expected.network(one).seed
        if groups is not None and unseen == "pooled":
            other = groups[:5].astype("U9") if groups is NAMES else groups[:5] + 7
            other = np.char.add(other, "!") if groups is NAMES else other
            ours, theirs = (each.predict(samples[:5], groups=other) for each in (found, expected))
            assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("labels", [NAMES, NUMBERS > 1, np.zeros(60, int)])
def test_classifiers_of_groups_come_back(labels, tmp_path):
    expected = MLPGroupsClassifier(4, **SMALL).fit(X, labels, groups=NUMBERS)
    found = saved(expected, tmp_path)
    ours, theirs = (each.predict_proba(X, groups=NUMBERS) for each in (found, expected))
    assert ours.tobytes() == theirs.tobytes()
    np.testing.assert_array_equal(
        found.predict(X, groups=NUMBERS), expected.predict(X, groups=NUMBERS)
    )


def test_a_column_of_groups_comes_back(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": X[:, 0], "animal": NAMES, "b": X[:, 1]})
    expected = MLPGroupsRegressor(4, group_column="animal", **SMALL).fit(frame, NUMBERS)
    found = saved(expected, tmp_path)
    assert found.predict(frame).tobytes() == expected.predict(frame).tobytes()
    assert found.feature_names_in_.tolist() == expected.feature_names_in_.tolist()
    assert found.n_features_in_ == expected.n_features_in_ == 3
    with pytest.raises(ValueError, match="save needs the group_column of the fit"):
        expected.set_params(group_column=None).save(tmp_path / "x.safetensors")


def test_the_columns_follow_from_the_group_column(tmp_path):
    """The number of columns follows from the parameters, so that no file contradicts them."""
    path = tmp_path / "x.safetensors"
    MLPGroupsRegressor(4, **SMALL).fit(X, NUMBERS, groups=NUMBERS).save(path)

    def change(tree):
        parameters = json.loads(tree["__metadata__"]["parameters"])
        tree["__metadata__"]["parameters"] = json.dumps(parameters | {"group_column": 0})

    path.write_bytes(changed(path.read_bytes(), change))
    assert dl.load(path).predict(np.c_[NUMBERS, X]).shape == (60,)


def test_what_is_not_fitted_comes_back(tmp_path):
    for estimator in (MLPEnsembleRegressor(7), MLPGroupsClassifier(unseen="pooled")):
        assert not hasattr(saved(estimator, tmp_path), "n_features_in_")


def with_fitted(data, change):
    def change_fitted(tree):
        fitted = json.loads(tree["__metadata__"]["fitted"])
        change(fitted)
        tree["__metadata__"]["fitted"] = json.dumps(fitted)

    return changed(data, change_fitted)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda fitted: fitted.update(members=[]), "at least one, all of the same inputs"),
        (lambda fitted: fitted["members"].pop(), "expected no array 'members.1.layers.0."),
        (lambda fitted: fitted["members"].append(3), "fitted.members[2] must be an object"),
        (lambda fitted: fitted["classes"]["values"].pop(), "of classes below 2"),
        (
            lambda fitted: fitted["members"][0]["parameters"].update(solver="adams"),
            "fitted.members[0].parameters.parameters: The 'solver' parameter",
        ),
    ],
)
def test_an_ensemble_that_does_not_fit_is_refused(change, text, tmp_path):
    path = tmp_path / "x.safetensors"
    MLPEnsembleClassifier(2, hidden_layer_sizes=4, **SMALL).fit(X, NAMES).save(path)
    assert_refused(path, with_fitted(path.read_bytes(), change), text)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda fitted: fitted["groups"]["values"].pop(), "a list of 2 integers of at least 0"),
        (lambda fitted: fitted["groups"].update(values=[]), "null, or at least one group"),
        (lambda fitted: fitted["n_iter_"].pop(), "a list of 3 integers of at least 0"),
        (lambda fitted: fitted["classes"]["values"].pop(), "those of 3 outputs"),
        (lambda fitted: fitted.update(more=1), "must not have the field 'more'"),
    ],
)
def test_groups_that_do_not_fit_are_refused(change, text, tmp_path):
    path = tmp_path / "x.safetensors"
    MLPGroupsClassifier(4, **SMALL).fit(X, NAMES, groups=NUMBERS).save(path)
    assert_refused(path, with_fitted(path.read_bytes(), change), text)
