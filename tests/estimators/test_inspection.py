"""scikit-learn's tools of inspection take the perceptrons, and joblib's dumps the networks."""

import denseloop as dl
import joblib
import numpy as np
import pytest
from sklearn.inspection import partial_dependence, permutation_importance

from tests.estimators.perceptrons import UNHEEDED, both, data

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

SMALL = {"hidden_layer_sizes": (9,), "random_state": 1, "max_iter": 30}


@pytest.fixture
def fitted():
    """The same fit of scikit-learn's and of ours, and its samples."""
    X, y = data("iris")
    return [estimator.fit(X, y) for estimator in both("MLPClassifier", **SMALL)], X, y


def test_permutation_importances_are_scikit_learns(fitted):
    estimators, X, y = fitted
    options = {"n_repeats": 3, "random_state": 0}
    theirs, ours = (permutation_importance(each, X, y, **options) for each in estimators)
    assert ours.importances.any()
    np.testing.assert_allclose(ours.importances, theirs.importances)


def test_partial_dependences_are_scikit_learns(fitted):
    estimators, X, _ = fitted
    theirs, ours = (
        partial_dependence(each, X, [2], response_method="predict_proba") for each in estimators
    )
    assert np.ptp(ours["average"]) > 0
    np.testing.assert_allclose(ours["average"], theirs["average"], rtol=1e-6)


@pytest.mark.parametrize("compress", [0, 3])
def test_a_network_dumped_by_joblib_goes_on(compress, tmp_path):
    X, y = np.random.default_rng(0).random((2, 30, 2))
    net = dl.Network([2, 3, 2], seed=0)
    net.train(X, y, optimizer="adam", epochs=3)
    joblib.dump(net, tmp_path / "net", compress=compress)
    loaded = joblib.load(tmp_path / "net")
    for each in (net, loaded):
        each.train(X, y, optimizer="adam", epochs=3)
    np.testing.assert_array_equal(loaded.parameters, net.parameters)
