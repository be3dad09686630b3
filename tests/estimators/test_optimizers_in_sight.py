"""An estimator's `_optimizer` can be read and written as scikit-learn's."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from tests.estimators.perceptrons import UNHEEDED, assert_same_fit, both, data_for, ours, theirs

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

BOTH = ["MLPClassifier", "MLPRegressor"]
SMALL = {"hidden_layer_sizes": (6, 4), "random_state": 1, "max_iter": 6}
NUMBERS = ["learning_rate", "learning_rate_init"]
SGD = [*NUMBERS, "lr_schedule", "momentum", "nesterov", "power_t"]
ADAM = [*NUMBERS, "t", "beta_1", "beta_2", "epsilon"]
OPTIONS = {
    "adam": {},
    "constant": {"solver": "sgd"},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "batch_size": 64},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.5, "n_iter_no_change": 1},
    "no momentum": {"solver": "sgd", "momentum": 0.0},
    "classical momentum": {"solver": "sgd", "nesterovs_momentum": False},
}


def partially_fitted(name, X, y, **options):
    estimators = [getattr(module, name)(**SMALL, **options) for module in (theirs, ours)]
    for estimator in estimators:
        classes = {"classes": np.unique(y)} if name == "MLPClassifier" else {}
        estimator.partial_fit(X, y, **classes)
    return estimators


def assert_same_optimizer(expected, found, rtol=1e-9):
    adam = isinstance(expected, AdamOptimizer)
    assert isinstance(found, AdamOptimizer if adam else SGDOptimizer)
    for name in ADAM if adam else SGD:
        value, wanted = getattr(found, name), getattr(expected, name)
        assert value == (wanted if isinstance(wanted, str) else pytest.approx(wanted, rel=rtol))
    for name in ("ms", "vs") if adam else ("velocities",):
        values, wanted = getattr(found, name), getattr(expected, name)
        assert type(values) is list and len(values) == len(wanted)
        for value, array in zip(values, wanted, strict=True):
            assert value.dtype == array.dtype and value.shape == array.shape
            scale = abs(array).max()
            np.testing.assert_allclose(value, array, rtol=rtol, atol=rtol * scale)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", BOTH)
def test_it_is_scikit_learns_after_a_fit_and_after_each_partial_fit(name, options):
    X, y = data_for(name)
    estimators = [
        getattr(module, name)(**SMALL | {"max_iter": 30} | OPTIONS[options]).fit(X, y)
        for module in (theirs, ours)
    ]
    assert_same_optimizer(*(each._optimizer for each in estimators))
    for _ in range(3):
        for estimator in estimators:
            estimator.partial_fit(X, y)
        assert_same_optimizer(*(each._optimizer for each in estimators))


def test_an_adaptive_rate_ends_where_scikit_learns_does():
    X, y = [[3, 2], [1, 6]], [1, 0]
    options = {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.5, "max_iter": 3000}
    expected, found = (
        module.MLPClassifier(**options, random_state=0).fit(X, y) for module in (theirs, ours)
    )
    assert found._optimizer.learning_rate == expected._optimizer.learning_rate < 1e-6


def halve_arrays(optimizer, names):
    for name in names:
        for array in getattr(optimizer, name):
            array *= 0.5


def zero_arrays(optimizer, names):
    for name in names:
        setattr(optimizer, name, [np.zeros_like(array) for array in getattr(optimizer, name)])


def replace_one_array(optimizer, names):
    for name in names:
        getattr(optimizer, name)[1] = getattr(optimizer, name)[1] + 0.25


WRITTEN = {
    "rate": lambda o: setattr(o, "learning_rate", 0.5),
    "rate in NumPy's type": lambda o: setattr(o, "learning_rate", np.float32(0.125)),
    "initial rate": lambda o: setattr(o, "learning_rate_init", 0.05),
    "uphill": lambda o: (
        setattr(o, "learning_rate", -0.01),
        setattr(o, "learning_rate_init", -0.01),
    ),
}
WRITTEN_SGD = WRITTEN | {
    "momentum": lambda o: setattr(o, "momentum", 0.5),
    "no momentum": lambda o: setattr(o, "momentum", 0),
    "momentum beyond 1": lambda o: setattr(o, "momentum", 1.05),
    "classical": lambda o: setattr(o, "nesterov", False),
    "schedule": lambda o: (setattr(o, "lr_schedule", "invscaling"), setattr(o, "power_t", 0.3)),
    "adaptive": lambda o: setattr(o, "lr_schedule", "adaptive"),
    "arrays in place": lambda o: halve_arrays(o, ["velocities"]),
    "arrays": lambda o: zero_arrays(o, ["velocities"]),
    "an array": lambda o: replace_one_array(o, ["velocities"]),
    "stopping": lambda o: setattr(o, "trigger_stopping", lambda *a: False),
}
WRITTEN_ADAM = WRITTEN | {
    "betas": lambda o: (setattr(o, "beta_1", 0.7), setattr(o, "beta_2", 0.9)),
    "epsilon": lambda o: setattr(o, "epsilon", 0.01),
    "start": lambda o: (setattr(o, "t", 0), zero_arrays(o, ["ms", "vs"])),
    "time": lambda o: setattr(o, "t", 100),
    "arrays in place": lambda o: halve_arrays(o, ["ms", "vs"]),
    "second moments": lambda o: replace_one_array(o, ["vs"]),
    "rates of each": lambda o: setattr(o, "learning_rate_init", np.float64(0.01)),
}
CASES = [
    *(("no momentum", each) for each in WRITTEN_SGD),
    *(("constant", each) for each in WRITTEN_SGD),
    *(("adaptive", each) for each in WRITTEN_SGD),
    *(("invscaling", each) for each in WRITTEN_SGD),
    *(("adam", each) for each in WRITTEN_ADAM),
]


@pytest.mark.parametrize(("options", "written"), CASES)
@pytest.mark.parametrize("name", BOTH)
def test_what_is_written_counts_in_the_next_partial_fits(name, options, written):
    X, y = data_for(name)
    estimators = partially_fitted(name, X, y, **OPTIONS[options])
    for estimator in estimators:
        estimator.partial_fit(X, y)
        (WRITTEN_ADAM if options == "adam" else WRITTEN_SGD)[written](estimator._optimizer)
    assert_same_optimizer(*(each._optimizer for each in estimators))
    for _ in range(4):
        for estimator in estimators:
            estimator.partial_fit(X, y)
        assert_same_optimizer(*(each._optimizer for each in estimators), rtol=1e-7)
    assert_same_fit(*estimators, X, rtol=1e-8)


@pytest.mark.parametrize("options", ["adam", "constant"])
def test_a_rate_can_be_written_between_all_partial_fits(options):
    X, y = data_for("MLPClassifier")
    estimators = partially_fitted("MLPClassifier", X, y, **OPTIONS[options])
    for estimator in estimators:
        held = estimator._optimizer
        for k in range(10):
            held.learning_rate = held.learning_rate_init = 0.1 / (k + 1)
            estimator.partial_fit(X, y)
        assert estimator._optimizer is held
    assert_same_fit(*estimators, X)


@pytest.mark.parametrize("options", ["adam", "constant"])
def test_what_was_read_stays_as_it_is(options):
    X, y = data_for("MLPRegressor")
    _, estimator = partially_fitted("MLPRegressor", X, y, **OPTIONS[options])
    optimizer = estimator._optimizer
    names = ("ms", "vs") if options == "adam" else ("velocities",)
    read = {name: getattr(optimizer, name) for name in names}
    values = {name: [array.copy() for array in arrays] for name, arrays in read.items()}
    copied, deep = copy.copy(optimizer), copy.deepcopy(optimizer)
    loaded = pickle.loads(pickle.dumps(optimizer))
    estimator.partial_fit(X, y)
    for name in names:
        for kept in (read[name], *(getattr(each, name) for each in (copied, deep, loaded))):
            for array, value in zip(kept, values[name], strict=True):
                np.testing.assert_array_equal(array, value)
        assert not np.array_equal(getattr(optimizer, name)[0], values[name][0])
    if options == "adam":
        assert (copied.t, loaded.t, optimizer.t) == (2, 2, 4)


@pytest.mark.parametrize("options", ["adam", "constant"])
def test_a_copied_optimizer_can_be_put_back(options):
    X, y = data_for("MLPRegressor")
    estimators = partially_fitted("MLPRegressor", X, y, **OPTIONS[options])
    for estimator in estimators:
        saved = copy.copy(estimator._optimizer)
        estimator.partial_fit(X, y).partial_fit(X, y)
        estimator._optimizer = saved
        estimator.partial_fit(X, y)
    assert_same_fit(*estimators, X)


def test_without_an_optimizer_the_next_partial_fit_starts_afresh():
    X, y = data_for("MLPRegressor")
    estimators = partially_fitted("MLPRegressor", X, y)
    for estimator in estimators:
        del estimator._optimizer
        estimator.partial_fit(X, y)
    assert_same_fit(*estimators, X)


def test_callbacks_read_and_write_it():
    pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks since 1.9")
    X, y = data_for("MLPRegressor")

    class Halving:
        def __init__(self):
            self.rates, self.updates = [], []

        def setup(self, estimator, context):
            pass

        teardown = setup

        def on_fit_task_begin(self, estimator, context, **told):
            pass

        def on_fit_task_end(self, estimator, context, **told):
            if context.task_name == "epoch":
                optimizer = estimator._optimizer
                self.rates.append(optimizer.learning_rate)
                self.updates.append(optimizer.t)
                optimizer.learning_rate_init *= 0.5
                optimizer.beta_1 -= 0.1

    watcher, options = Halving(), SMALL | {"shuffle": False, "batch_size": 100}
    found = ours.MLPRegressor(**options).set_callbacks(watcher).fit(X, y)
    expected, rates = theirs.MLPRegressor(**options), []
    for _ in range(6):
        expected.partial_fit(X, y)
        rates.append(expected._optimizer.learning_rate)
        expected._optimizer.learning_rate_init *= 0.5
        expected._optimizer.beta_1 -= 0.1
    assert watcher.rates == pytest.approx(rates) and watcher.updates == [3, 6, 9, 12, 15, 18]
    for wanted, value in zip(expected.coefs_, found.coefs_, strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("sizes", [(), (5,), (4, 3)])
@pytest.mark.parametrize("name", BOTH)
def test_lbfgs_leaves_what_unpacks_its_parameters(name, sizes):
    X, y = data_for(name)
    options = SMALL | {"hidden_layer_sizes": sizes, "solver": "lbfgs"}
    expected, found = (getattr(module, name)(**options).fit(X, y) for module in (theirs, ours))
    assert found._coef_indptr == expected._coef_indptr
    assert found._intercept_indptr == expected._intercept_indptr
    packed = np.hstack([array.ravel() for array in (*expected.coefs_, *expected.intercepts_)])
    for each in (expected, found):
        each._unpack(2 * packed)
    np.testing.assert_array_equal(found.coefs_[0], expected.coefs_[0])
    np.testing.assert_allclose(found.predict(X), expected.predict(X), rtol=1e-9)


@pytest.mark.parametrize(
    ("solver", "name", "value"),
    [("adam", "epsilon", 0.0), ("sgd", "momentum", 1.0), ("sgd", "momentum", -0.5)],
)
def test_numbers_that_only_scikit_learn_takes_are_used(solver, name, value):
    X, y = data_for("MLPRegressor")
    losses = []
    for estimator in both("MLPRegressor", solver=solver, learning_rate_init=1e-4, max_iter=3):
        estimator.partial_fit(X, y)
        setattr(estimator._optimizer, name, value)
        with np.errstate(all="ignore"):
            losses.append([estimator.partial_fit(X, y).loss_ for _ in range(3)])
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-9)


def test_a_momentum_of_1_is_scikit_learns():
    X, y = data_for("MLPRegressor")
    options = {"solver": "sgd", "momentum": 1.0, "learning_rate_init": 1e-5, "max_iter": 4}
    expected, found = (e.fit(X, y).loss_curve_ for e in both("MLPRegressor", **options))
    np.testing.assert_allclose(found, expected, rtol=1e-9)
