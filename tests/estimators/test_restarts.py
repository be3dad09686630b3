"""With `n_restarts` an estimator keeps the best of several fits."""

import copy
import pickle

import numpy as np
import pytest
from denseloop import neural_network
from denseloop.neural_network import MLPClassifier, MLPRegressor, _restarts
from sklearn.base import clone
from sklearn.model_selection import train_test_split

from tests.estimators.perceptrons import UNHEEDED, data, data_for, messages_of

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

NAMES = ["MLPClassifier", "MLPRegressor"]


def make(name, **parameters):
    return getattr(neural_network, name)(
        **{"hidden_layer_sizes": (4,), "max_iter": 12, "random_state": 3} | parameters
    )


def assert_equal(found, expected, X):
    for a, b in zip(found.coefs_ + found.intercepts_, expected.coefs_ + expected.intercepts_):
        np.testing.assert_array_equal(a, b)
    fitted = {name for name in vars(expected) if name.endswith("_") and name[0] != "_"}
    assert fitted == {name for name in vars(found) if name.endswith("_") and name[0] != "_"}
    for name in fitted - {"coefs_", "intercepts_", "classes_", "t_"}:
        assert repr(getattr(found, name)) == repr(getattr(expected, name)), name
    np.testing.assert_array_equal(found.predict(X), expected.predict(X))


def one_by_one(name, count, X, y, **parameters):
    """Return fits without restarts, each going on with the generator of the one before."""
    generator = np.random.RandomState(3)
    return [make(name, **parameters | {"random_state": generator}).fit(X, y) for _ in range(count)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("solver", ["adam", "sgd", "rprop", "lbfgs", "lm"])
def test_the_best_of_fits_that_go_on_with_the_generator_is_kept(name, solver, dtype):
    if (name, solver) == ("MLPClassifier", "lm"):
        pytest.skip("not for classifiers")
    X, y = data_for(name)
    X = X.astype(dtype)
    fits = one_by_one(name, 4, X, y, solver=solver)
    order = np.argsort([fit.loss_ for fit in fits])
    best_counts = {1 + k for k in range(4) if fits[k].loss_ == min(f.loss_ for f in fits[: k + 1])}
    for count in range(1, 5):
        found = make(name, solver=solver, n_restarts=count).fit(X, y)
        assert_equal(found, min(fits[:count], key=lambda fit: fit.loss_), X)
    assert len({fit.loss_ for fit in fits}) == 4 and best_counts and order[0] + 1 in best_counts


@pytest.mark.parametrize("criterion", ["score", "loss"])
@pytest.mark.parametrize("name", NAMES)
def test_with_early_stopping_the_validation_decides_with_the_same_samples(
    name, criterion, monkeypatch
):
    X, y = data_for(name)
    options = {"early_stopping": True, "stopping_criterion": criterion, "max_iter": 40}
    values, shortfall = [], _restarts.shortfall

    def recorded(estimator):
        values.append(shortfall(estimator))
        return values[-1]

    monkeypatch.setattr(_restarts, "shortfall", recorded)
    found = make(name, n_restarts=20, **options).fit(X, y)
    attribute = "best_validation_score_" if criterion == "score" else "best_validation_loss_"
    reached = getattr(found, attribute)
    assert len(values) == 20 and min(values) < values[0]
    assert min(values) == (-reached if criterion == "score" else reached)
    # The split is the first fit's, so that the kept weights reach this score on it.
    generator = np.random.RandomState(3)
    for fan_in, fan_out in [(X.shape[1], 4), (4, found.n_outputs_)]:
        generator.uniform(size=(fan_in, fan_out))
        generator.uniform(size=fan_out)
    _, X_val, _, y_val = train_test_split(X, y, random_state=generator, test_size=0.1)
    if criterion == "score":
        assert found.score(X_val, y_val) == pytest.approx(reached, rel=1e-9)
    else:
        assert min(found.validation_loss_curve_) == reached


def test_the_curves_of_validation_sets_are_those_of_the_best():
    X, y = data("diabetes")
    sets = [(X[:50], y[:50]), (X[50:], y[50:])]
    found = make("MLPRegressor", n_restarts=5).fit(X, y, eval_set=sets)
    assert len(found.loss_curve_) == found.n_iter_ == 12
    for curve in found.evals_result_.values():
        assert len(curve["loss"]) == len(curve["r2"]) == 12
    r2 = [found.score(*samples) for samples in sets]
    np.testing.assert_allclose(
        [curve["r2"][-1] for curve in found.evals_result_.values()], r2, rtol=1e-9
    )
    assert found.validation_loss_curve_ == found.evals_result_["validation_0"]["loss"]


def test_one_that_diverges_is_passed_over(monkeypatch):
    X, y = data("diabetes")
    options = {"shuffle": False}  # so that only weights are drawn
    fits = one_by_one("MLPRegressor", 3, X, y, **options)
    initialize, calls = MLPRegressor._initialize, []

    def fit(diverging):
        def _initialize(self, *arguments):
            initialize(self, *arguments)
            calls.append(None)
            if len(calls) in diverging:
                self.coefs_[0][...] = 1e300

        calls.clear()
        monkeypatch.setattr(MLPRegressor, "_initialize", _initialize)
        return make("MLPRegressor", n_restarts=3, **options).fit(X, y)

    for diverging in ({1}, {2}, {3}, {1, 3}):
        left = [each for k, each in enumerate(fits, 1) if k not in diverging]
        assert_equal(fit(diverging), min(left, key=lambda each: each.loss_), X)
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        fit({1, 2, 3})


@pytest.mark.parametrize("solver", ["adam", "lm"])
def test_an_interrupt_ends_all_fits_and_leaves_the_best(solver, monkeypatch):
    X, y = data("diabetes")
    fits = one_by_one("MLPRegressor", 3, X, y, solver=solver)
    begun, initialize = [], MLPRegressor._initialize

    def _initialize(self, *arguments):
        begun.append(None)
        initialize(self, *arguments)

    monkeypatch.setattr(MLPRegressor, "_initialize", _initialize)
    shown = []

    class Bar:
        def __init__(self, *_):
            pass

        def __enter__(self):
            return self.report

        def __exit__(self, *_):
            pass

        def report(self, finished, *_):
            shown.append(finished)
            if finished >= 27:  # in the third fit, of at most 12 epochs
                raise KeyboardInterrupt

    monkeypatch.setattr("denseloop.neural_network._perceptron.ProgressBar", Bar)
    found = make("MLPRegressor", n_restarts=5, solver=solver)
    with pytest.warns(UserWarning, match="interrupted"):
        found.fit(X, y, progress=True)
    assert len(begun) == 3 and 24 in shown and 27 <= shown[-1] <= 36
    last = fits[2].loss_curve_[shown[-1] - 25]
    if solver == "lm":  # whose loss_ is that of the fitted weights
        last = fits[2].loss_curve_[shown[-1] - 24]
    assert found.loss_ == min(fits[0].loss_, fits[1].loss_, last)


def test_what_does_not_go_together_is_refused():
    X, y = data("diabetes")
    with pytest.raises(ValueError, match="n_restarts > 1 .* warm_start=True .* got n_restarts=2"):
        make("MLPRegressor", n_restarts=2, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="The 'n_restarts' parameter of MLPRegressor must be an"):
        make("MLPRegressor", n_restarts=0).fit(X, y)
    changed = make("MLPRegressor", n_restarts=2)
    changed._backprop = lambda *_: None
    with pytest.raises(ValueError, match="_backprop .* has no n_restarts=2"):
        changed.fit(X, y)


@pytest.mark.parametrize("name", NAMES)
def test_a_partial_fit_does_not_heed_it(name):
    X, y = data_for(name)
    options = {"classes": np.unique(y)} if name == "MLPClassifier" else {}
    one, many = (make(name, n_restarts=n) for n in (1, 4))
    for _ in range(2):
        for estimator in (one, many):
            estimator.partial_fit(X, y, **options)
    assert_equal(many, one, X)


def test_it_is_a_parameter_like_others():
    X, y = data("diabetes")
    found = make("MLPRegressor", n_restarts=3)
    assert clone(found).n_restarts == found.get_params()["n_restarts"] == 3
    found.fit(X, y)
    read, copied = pickle.loads(pickle.dumps(found)), copy.copy(found)
    assert_equal(read, found, X)
    loss = found.loss_
    copied.set_params(random_state=9).fit(X, y)
    assert found.loss_ == loss != copied.loss_
    state = found.__getstate__()
    del state["n_restarts"]  # of a version that had none
    old = MLPRegressor.__new__(MLPRegressor)
    old.__setstate__(state)
    assert old.n_restarts == 1


def test_each_fit_warns_as_one_alone():
    X, y = data("wine")
    warned, error = messages_of(lambda: MLPClassifier(4, max_iter=2, n_restarts=3).fit(X, y))
    assert len(warned) == 3 and len(set(warned)) == 1 and error is None
