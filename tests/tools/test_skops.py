"""skops keeps estimators with the state of their optimizers: `make tools`."""

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor

skops = pytest.importorskip("skops.io", reason="skops is missing: make tools")
pytestmark = pytest.mark.filterwarnings("ignore")  # a few iterations do not converge

X = np.random.default_rng(0).standard_normal((40, 3)).astype(np.float32)
LABELS = np.arange(40) % 3


def returned(estimator):
    data = skops.dumps(estimator)
    types = skops.get_untrusted_types(data=data)
    assert types and all(name.startswith("denseloop.") for name in types)
    return skops.loads(data, trusted=types)


@pytest.mark.parametrize("solver", ["sgd", "adam", "rprop", "lbfgs"])
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_an_estimator_comes_back_and_goes_on(kind, solver):
    options = {"solver": solver, "max_iter": 3, "random_state": 0}
    expected = kind(hidden_layer_sizes=(4,), **options).fit(X, LABELS)
    found = returned(expected)
    assert type(found) is kind and found._network is not None
    assert found.predict(X).tobytes() == expected.predict(X).tobytes()
    for estimator in (found, expected):
        if hasattr(estimator, "partial_fit"):
            estimator.partial_fit(X, LABELS)
        else:
            estimator.set_params(warm_start=True).fit(X, LABELS)
    for ours, theirs in zip(found.coefs_, expected.coefs_):
        np.testing.assert_array_equal(ours, theirs)


def test_a_damped_fit_comes_back():
    expected = MLPRegressor(solver="lm", hidden_layer_sizes=3, max_iter=5).fit(X, LABELS)
    assert returned(expected).predict(X).tobytes() == expected.predict(X).tobytes()
