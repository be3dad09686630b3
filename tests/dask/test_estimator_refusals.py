"""What the estimators of Dask collections refuse, as the local ones do."""

import dask.array as da
import numpy as np
import pytest
from denseloop.dask import DaskMLPClassifier, DaskMLPRegressor
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning

from tests.dask.fits import assert_same, collections, data, local_of, outcome

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize(
    "kind, parameters, message",
    [
        (DaskMLPRegressor, {"alpha": -1}, "'alpha' parameter of DaskMLPRegressor must be"),
        (DaskMLPRegressor, {"batch_size": 0}, "'batch_size' parameter"),
        (DaskMLPRegressor, {"batch_size": 4}, "batch_size must be None, for all rows, or at least"),
        (DaskMLPRegressor, {"early_stopping": True}, "early_stopping=True needs an eval_set"),
        (DaskMLPRegressor, {"solver": "sgd", "momentum": 1.0}, "needs all samples in one memory"),
        (DaskMLPRegressor, {"solver": "lm", "loss": "huber"}, "solver='lm' is for"),
        (DaskMLPClassifier, {"solver": "lm"}, "'solver' parameter of DaskMLPClassifier"),
        (DaskMLPClassifier, {"class_weight": {"maybe": 1}}, "not in class_weight"),
        (DaskMLPClassifier, {"class_weight": [{"no": 1}]}, "class_weight must be a dict or"),
    ],
)
def test_parameters_are_refused_before_anything_changes(client, kind, parameters, message):
    X, y, _ = data("two classes" if kind is DaskMLPClassifier else "one output", rows=300)
    model = kind(3, solver="rprop", max_iter=2, random_state=0)
    remote = [da.from_array(a, chunks=100) for a in (X, y)]
    model.fit(*remote)
    before = model.to_local()
    with pytest.raises(ValueError, match=message):
        model.set_params(**parameters).fit(*remote)
    assert_same(model, before)


def test_parameters_without_sense_are_absent():
    for name in ("shuffle", "validation_fraction"):
        for kind in (DaskMLPClassifier, DaskMLPRegressor):
            with pytest.raises(TypeError, match=name):
                kind(**{name: 0.5})
    assert not hasattr(DaskMLPClassifier(), "partial_fit")


BAD = {
    "Input X of partition 1 contains NaN": lambda X, y, w: (put(X, np.nan), y, w),
    "Input y of partition 1 contains NaN": lambda X, y, w: (X, put(y, np.nan), w),
    "sample_weight of partition 1 contains NaN": lambda X, y, w: (X, y, put(w, np.nan)),
    "sample_weight of partition 1 must be at least 0": lambda X, y, w: (X, y, put(w, -1)),
    "whose squares may overflow": lambda X, y, w: (X * 1e200, y, w),
    "sum of sample_weight must be above 0": lambda X, y, w: (X, y, 0 * w),
    "X must have more than 4 rows, got 4": lambda X, y, w: (X[:4], y[:4], w[:4]),
}


def put(array, value):
    array = array.copy()
    array[150, ...] = value
    return array


@pytest.mark.parametrize("message", BAD)
def test_rows_are_refused(client, message):
    arrays = BAD[message](*data(rows=300))
    X, y, weight = (da.from_array(a, chunks=(100, *a.shape[1:])) for a in arrays)
    model = DaskMLPRegressor(3, max_iter=2)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y, sample_weight=weight)
    assert not hasattr(model, "coefs_")


def labels_of_all_kinds(rows=300):
    random = np.random.default_rng(0)
    numbers = random.integers(3, size=rows)
    texts = np.array(["a", "b", "ccc"], object)[numbers]
    mixed, missing = texts.copy(), texts.copy()
    mixed[250], missing[7] = 5, np.nan
    return {
        "bool": numbers > 0,
        "int8": numbers.astype(np.int8),
        "float": numbers - 1.0,
        "objects": texts,
        "texts": texts.astype(str),
        "one class": 0 * numbers + 4,
        "a column": numbers[:, None],
        "all labels or none": np.repeat((numbers > 1)[:, None], 3, axis=1).astype(float),
        "NaN": np.where(numbers, 1.0, np.nan),
        "mixed": mixed,
        "missing": missing,
        "continuous": numbers + 0.5,
        "several outputs": np.column_stack([numbers, numbers]),
        "many": np.arange(rows) // 2,
        "nearly unique": np.arange(rows),
    }


LABELS = labels_of_all_kinds()


@pytest.mark.parametrize("kind", LABELS)
def test_labels_are_read_and_refused_as_by_the_local_estimator(client, kind):
    X, y = data(rows=300)[0], LABELS[kind]
    model = DaskMLPClassifier(3, solver="rprop", max_iter=2, random_state=0)
    local = local_of(model, 300)
    remote = [da.from_array(a, chunks=(90, *a.shape[1:])) for a in (X, y)]
    found, expected = outcome(lambda: model.fit(*remote)), outcome(lambda: local.fit(X, y))
    assert found == expected
    if isinstance(expected, set):
        assert_same(model, local)
        assert (ConvergenceWarning in {w[0] for w in found}) and (
            (kind == "a column") == (DataConversionWarning in {w[0] for w in found})
        )
        assert model.score(*remote) == local.score(X, y)
        assert np.array_equal(model.predict(remote[0]).compute(), local.predict(X))
        probabilities = model.predict_proba(remote[0]).compute()
        assert np.array_equal(probabilities, local.predict_proba(X))


def test_validation_sets_are_refused(client):
    X, y, weight = (
        da.from_array(a, chunks=100) for a in data("two classes", rows=300)[:2] + (np.ones(300),)
    )
    model = DaskMLPClassifier(3, max_iter=2, random_state=0)
    other = da.from_array(np.array(["yes", "maybe", "no"] * 100), chunks=100)
    for eval_set, error, message in [
        ((X,), ValueError, "eval_set must be a tuple"),
        ([], ValueError, "at least one tuple"),
        ((X[:, :2], y), ValueError, "expecting 4 features"),
        ([(X, y), (X, other)], ValueError, r"y of eval_set\[1\] of partition . has classes that"),
        ((X, y[:, None] == y[:2]), ValueError, "y of eval_set must have 1 column"),
        ((X.compute(), y.compute()), TypeError, "X of eval_set must be a Dask array"),
    ]:
        with pytest.raises(error, match=message):
            model.fit(X, y, eval_set=eval_set)
    with pytest.raises(ValueError, match="eval_set is not for solver='lbfgs'"):
        model.set_params(solver="lbfgs").fit(X, y, eval_set=(X, y))
    with pytest.raises(TypeError, match="X must be a Dask array"):
        model.fit(X.compute(), y)


@pytest.mark.parametrize("solver, kind", [("rprop", "gradients"), ("lm", "equations")])
def test_an_error_during_the_training_keeps_what_is_fitted(client, monkeypatch, solver, kind):
    from denseloop._dask.cluster import ClusterRows

    evaluate, calls = ClusterRows.evaluate, []

    def interrupted(self, asked, *args):
        calls.append(asked)
        if calls.count(kind) >= 4 and (lost or calls.count(kind) == 4 and asked == kind):
            raise interruption
        return evaluate(self, asked, *args)

    monkeypatch.setattr(ClusterRows, "evaluate", interrupted)
    X, y, _ = data()
    remote = collections([X, y])
    model = DaskMLPRegressor(3, solver=solver, random_state=0)
    after = local_of(model).set_params(max_iter=3).fit(X, y)
    interruption, lost = ConnectionError("the scheduler is gone"), True
    with pytest.raises(ConnectionError):
        model.fit(*remote)
    assert [a.tobytes() for a in model.coefs_] == [a.tobytes() for a in after.coefs_]
    interruption, lost = KeyboardInterrupt(), False
    calls.clear()
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(*remote)
    assert_same(model, after)
