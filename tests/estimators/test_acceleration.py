"""accelerate_sklearn puts denseloop's perceptrons in place of scikit-learn's, and back."""

import copy
import pickle
import subprocess
import sys

import denseloop
import numpy as np
import pytest
from denseloop import neural_network as ours
from sklearn import neural_network
from sklearn.datasets import load_iris
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor, _multilayer_perceptron
from sklearn.utils.discovery import all_estimators

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.*`disp` and `iprint`"),  # scikit-learn 1.7's, for SciPy
]
THEIRS = MLPClassifier, MLPRegressor  # imported before any acceleration


@pytest.fixture
def accelerated():
    with denseloop.accelerate_sklearn():
        yield


def found():
    """Return the two classes that a program now finds, the same in every module."""
    classes = neural_network.MLPClassifier, neural_network.MLPRegressor
    private = _multilayer_perceptron.MLPClassifier, _multilayer_perceptron.MLPRegressor
    assert classes == private
    return classes


OURS = ours.MLPClassifier, ours.MLPRegressor


def test_the_classes_are_replaced_and_put_back():
    assert found() == THEIRS
    acceleration = denseloop.accelerate_sklearn()
    assert found() == OURS
    acceleration.undo()
    assert found() == THEIRS


def test_a_with_that_fails_puts_them_back():
    with pytest.raises(RuntimeError, match="of the program"), denseloop.accelerate_sklearn():
        raise RuntimeError("of the program")
    assert found() == THEIRS


def test_they_are_put_back_by_the_last_of_several_calls_to_be_undone():
    first, second = denseloop.accelerate_sklearn(), denseloop.accelerate_sklearn()
    first.undo()
    first.undo()
    assert found() == OURS
    second.undo()
    assert found() == THEIRS


def test_undoing_twice_is_harmless_and_does_not_end_a_later_acceleration():
    first = denseloop.accelerate_sklearn()
    first.undo()
    with denseloop.accelerate_sklearn():
        first.undo()
        assert found() == OURS
    first.undo()
    assert found() == THEIRS


@pytest.mark.filterwarnings("ignore")  # of the modules that this imports
def test_scikit_learns_discovery_finds_them(accelerated):
    assert set(OURS) == {cls for name, cls in all_estimators() if name.startswith("MLP")}


def test_a_pickle_can_be_read_once_undone():
    with denseloop.accelerate_sklearn():
        text = pickle.dumps(neural_network.MLPClassifier(7))
    assert b"denseloop.neural_network" in text and b"sklearn" not in text
    read = pickle.loads(text)
    assert type(read) is ours.MLPClassifier and read.hidden_layer_sizes == 7


SOLVERS = [
    {"solver": "adam", "beta_1": 0.8, "beta_2": 0.99},
    {"solver": "sgd", "learning_rate_init": 0.1},
    {"solver": "sgd", "momentum": 0.7, "nesterovs_momentum": False},
    {"solver": "sgd", "momentum": 0},
    {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.1},
    {"solver": "lbfgs"},
]


@pytest.fixture(params=SOLVERS, ids=str)
def solver(request):
    return {**request.param, "random_state": 0, "max_iter": 20}


@pytest.mark.parametrize("k", [0, 1], ids=["classifier", "regressor"])
def test_what_scikit_learn_pickled_is_read_as_ours_and_goes_on(k, solver):
    X, y = load_iris(return_X_y=True)
    theirs = THEIRS[k](hidden_layer_sizes=(6, 5), **solver).fit(X, y)
    text = pickle.dumps(theirs)
    with denseloop.accelerate_sklearn():
        mine = pickle.loads(text)
    assert type(mine) is OURS[k]
    defaults = OURS[k]().get_params()
    assert mine.get_params() == {**defaults, **theirs.get_params()}
    np.testing.assert_allclose(mine.predict(X), theirs.predict(X), rtol=1e-12)
    assert not hasattr(mine, "_sklearn_version")
    for _ in range(3):
        for estimator in (mine, theirs):
            go_on = estimator.fit if theirs.solver == "lbfgs" else estimator.partial_fit
            go_on(X, y)
    for a, b in zip(mine.coefs_ + mine.intercepts_, theirs.coefs_ + theirs.intercepts_):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    assert mine.loss_ == pytest.approx(theirs.loss_, rel=1e-10)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("k", [0, 1], ids=["classifier", "regressor"])
def test_losses_are_numpys_numbers_as_scikit_learns(k, solver, early_stopping, dtype):
    X, y = load_iris(return_X_y=True)

    def types(cls):
        estimator = cls(solver=solver, early_stopping=early_stopping, max_iter=20, random_state=0)
        estimator.fit(X.astype(dtype), y)
        curve = getattr(estimator, "loss_curve_", ())
        found = [estimator.loss_, getattr(estimator, "best_loss_", None), *curve]
        return [type(number) for number in found]

    assert types(OURS[k]) == types(THEIRS[k])


def test_what_scikit_learn_pickled_can_be_fitted_on_with_our_parameters():
    X, y = load_iris(return_X_y=True)
    text = pickle.dumps(MLPClassifier(warm_start=True, early_stopping=True, max_iter=9).fit(X, y))
    with denseloop.accelerate_sklearn():
        mine = pickle.loads(text).set_params(stopping_criterion="loss", class_weight="balanced")
    mine.fit(X, y)
    assert len(mine.validation_loss_curve_) == mine.n_iter_
    assert mine.best_validation_loss_ == min(mine.validation_loss_curve_)


def test_an_unfitted_pickle_of_scikit_learn_is_read_as_ours():
    text = pickle.dumps(MLPRegressor("poisson", alpha=3))
    with denseloop.accelerate_sklearn():
        read = pickle.loads(text)
    assert type(read) is ours.MLPRegressor
    assert repr(read) == "MLPRegressor(alpha=3, loss='poisson')"


def test_another_version_of_scikit_learn_is_warned_of(accelerated):
    state = {**MLPClassifier().__getstate__(), "_sklearn_version": "1.0.2"}
    with pytest.warns(InconsistentVersionWarning, match="estimator MLPClassifier from .* 1.0.2"):
        ours.MLPClassifier().__setstate__(state)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_an_estimator_made_before_is_copied_as_ours(copied, accelerated):
    X, y = load_iris(return_X_y=True)
    theirs = MLPClassifier(5, random_state=0, max_iter=30).fit(X, y)
    mine = copied(theirs)
    assert type(mine) is ours.MLPClassifier and type(theirs) is MLPClassifier
    assert (mine.predict(X) == theirs.predict(X)).all()


def test_an_estimator_is_copied_as_scikit_learns_once_undone():
    with denseloop.accelerate_sklearn():
        pass
    assert type(copy.deepcopy(MLPClassifier())) is MLPClassifier
    assert type(pickle.loads(pickle.dumps(MLPClassifier()))) is MLPClassifier


def in_a_fresh_python(program):
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_scikit_learn_is_imported_by_the_call_alone():
    program = "import denseloop, sys; print('sklearn' in sys.modules)"
    assert in_a_fresh_python(program) == "False\n"


def test_without_scikit_learn_the_error_says_what_is_missing():
    program = """
import sys
sys.modules["sklearn"] = None  # as if it were not installed
import denseloop
try:
    denseloop.accelerate_sklearn()
except ImportError as error:
    print(error)
from denseloop.__main__ import main
sys.stderr = sys.stdout
print(main(["accelerate", "/dev/null"]))
"""
    message = (
        "denseloop.neural_network needs scikit-learn: pip install scikit-learn (import of sklearn"
    )
    raised, printed, status = in_a_fresh_python(program).splitlines()
    assert raised.startswith(message)
    assert printed == f"denseloop: {raised}" and status == "1"
