"""Warnings heed the filters that were written for scikit-learn's, and those for denseloop."""

import pickle
import warnings

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor
from sklearn.exceptions import ConvergenceWarning, InconsistentVersionWarning

from tests.estimators.perceptrons import ours, theirs

X, Y = np.array([[0.0], [1.0], [2.0]]), [0, 1, 2]


def fit(module, **options):
    module.MLPClassifier((3,), random_state=0, **options).fit(X, Y)


def read_old_pickle(module):
    state = module.MLPClassifier((3,), max_iter=1).__getstate__()
    module.MLPClassifier().__setstate__({**state, "_sklearn_version": "1.0.2"})


# Calls that warn with ours as with scikit-learn's module.
CALLS = {
    "adam": lambda module: fit(module, max_iter=1),
    "lbfgs": lambda module: fit(module, solver="lbfgs", max_iter=1),
    "batch": lambda module: fit(module, batch_size=9, max_iter=5000, tol=1),
    "version": read_old_pickle,
}
FILTERS = {
    "sklearn": {"module": "sklearn"},
    "submodule": {"module": r"sklearn\.(neural_network|base)"},
    "category": {"category": UserWarning, "module": "sklearn"},
    "all": {},
}


def seen_in(call, **ignored):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", ".*`iprint` options")
        warnings.filterwarnings("ignore", **ignored)
        call()
    return [(warning.category, str(warning.message)) for warning in seen]


@pytest.mark.parametrize("ignored", FILTERS)
@pytest.mark.parametrize("call", CALLS)
def test_filters_for_scikit_learn_silence_the_same(call, ignored):
    for module in (theirs, ours):
        assert seen_in(lambda m=module: CALLS[call](m), module="none") != []
        assert seen_in(lambda m=module: CALLS[call](m), **FILTERS[ignored]) == []


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("module", ["denseloop", __name__.replace(".", r"\.")])
def test_filters_for_denseloop_and_for_the_user_silence_them_too(call, module):
    assert seen_in(lambda: CALLS[call](ours), module=module) == []


def test_filters_for_other_categories_and_modules_do_not():
    for ignored in ({"category": DeprecationWarning}, {"module": "numpy"}, {"message": "other"}):
        [(category, _)] = seen_in(lambda: CALLS["adam"](ours), **ignored)
        assert category is ConvergenceWarning


def test_an_old_pickle_of_scikit_learns_is_warned_of_at_the_line_that_reads_it():
    estimator = MLPClassifier((3,), max_iter=1)
    content = pickle.dumps(estimator.__getstate__() | {"_sklearn_version": "1.0.2"})
    with pytest.warns(InconsistentVersionWarning) as caught:
        MLPClassifier().__setstate__(pickle.loads(content))
    assert {warning.filename for warning in caught} == {__file__}


def test_the_solver_that_scikit_learn_lacks_warns_as_scikit_learn():
    regressor = MLPRegressor(hidden_layer_sizes=(3,), solver="lm", max_iter=1, random_state=0)
    assert seen_in(lambda: regressor.fit(X, [0.0, 1, 0]), module="sklearn") == []
