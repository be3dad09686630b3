"""The estimators of Dask collections fit as the local ones do, to the bit."""

import pickle
import warnings

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from denseloop.dask import DaskMLPClassifier, DaskMLPRegressor
from denseloop.neural_network import MLPClassifier, MLPRegressor, to_c
from distributed import Client, LocalCluster
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ROWS = 5000
CUTS = {
    "one partition": (ROWS,),
    "whole blocks": (2048, 2048, 904),
    "any rows": (1, 1999, 0, 2500, 500),
    "many": (313,) * 15 + (305,),
}
TARGETS = {
    "one output": DaskMLPRegressor,
    "two outputs": DaskMLPRegressor,
    "two classes": DaskMLPClassifier,
    "three classes": DaskMLPClassifier,
    "several labels": DaskMLPClassifier,
}
SOLVERS = ["adam", "sgd", "rprop", "lbfgs", "lm"]


@pytest.fixture(scope="module")
def client():
    """Return the client of two workers with a thread each."""
    options = {"threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(n_workers=2, **options) as cluster, Client(cluster) as client:
        yield client


def data(targets="one output", dtype="float64", rows=ROWS):
    """Return X, y and weights."""
    random = np.random.default_rng(3)
    X = random.normal(size=(rows, 4)).astype(dtype)
    z = X @ random.normal(size=(4, 3)) + 0.3 * random.normal(size=(rows, 3))
    y = {
        "one output": z[:, 0],
        "two outputs": z[:, :2],
        "two classes": np.array(["no", "yes"])[(z[:, 0] > 0.4).astype(int)],
        "three classes": z.argmax(axis=1) * 10 - 3,
        "several labels": (z > 0).astype(int),
    }[targets]
    return X, y, random.random(rows)


def collections(arrays, cuts=CUTS["any rows"]):
    """Return Dask arrays of the rows, cut so; None stays None."""
    return [None if a is None else collection(a, cuts) for a in arrays]


def collection(array, cuts):
    ends = np.cumsum(cuts)
    parts = [array[end - n : end] for n, end in zip(cuts, ends)]
    return da.concatenate([da.from_array(part, chunks=-1) for part in parts])


def assert_same(model, local):
    """Compare all that a fit has found."""
    mine, theirs = (public(vars(estimator)) for estimator in (model, local))
    assert mine.keys() == theirs.keys()
    for name, value in mine.items():
        if name in ("coefs_", "intercepts_"):
            assert [a.tobytes() for a in value] == [a.tobytes() for a in theirs[name]], name
            assert [a.dtype for a in value] == [a.dtype for a in theirs[name]]
        else:
            assert np.array_equal(value, theirs[name]), name
            assert np.asarray(value).dtype == np.asarray(theirs[name]).dtype, name


def public(values):
    return {k: v for k, v in values.items() if k.endswith("_")}


def fitted_both(targets, cuts, dtype="float64", weighted=False, eval_set=None, **options):
    """Return both estimators, fitted to the same rows; `eval_set` has slices of them."""
    X, y, weight = arrays = data(targets, dtype)
    arrays = [X, y, weight if weighted else None]
    options = {"hidden_layer_sizes": 6, "activation": "tanh", "max_iter": 4, "random_state": 1} | (
        options
    )
    model = TARGETS[targets](**options)

    def sets(read):
        if isinstance(eval_set, list):
            return [tuple(read(arrays, rows)) for rows in eval_set]
        return None if eval_set is None else tuple(read(arrays, eval_set))

    def local_rows(arrays, rows):
        return [a[rows] for a in arrays if a is not None]

    def remote_rows(arrays, rows):
        return [da.from_array(a[rows], chunks=(777, *a.shape[1:])) for a in arrays if a is not None]

    dask_X, dask_y, dask_weight = collections(arrays, cuts)
    model.fit(dask_X, dask_y, sample_weight=dask_weight, eval_set=sets(remote_rows))
    local = local_of(model)
    local.fit(X, y, arrays[2], eval_set=sets(local_rows))
    return model, local


def local_of(model, rows=ROWS):
    """Return the unfitted local estimator that the model promises to equal."""
    kind = MLPClassifier if isinstance(model, DaskMLPClassifier) else MLPRegressor
    parameters = model.get_params()
    del parameters["client"]
    size = parameters.pop("batch_size") or rows
    return kind(**parameters, batch_size=size, shuffle=False)


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weights"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_fit_has_the_bits_of_the_local_one(client, solver, targets, dtype, weighted):
    if solver == "lm" and TARGETS[targets] is DaskMLPClassifier:
        pytest.skip("lm is for squared errors")
    cuts = [*CUTS.values()][(SOLVERS.index(solver) + [*TARGETS].index(targets)) % len(CUTS)]
    eval_set = None if solver == "lbfgs" else [slice(100, 2400), slice(4000, None)]
    model, local = fitted_both(targets, cuts, dtype, weighted, eval_set, solver=solver)
    assert_same(model, local)
    assert model.n_iter_ > 1


@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_batches(client, solver, cuts):
    options = {"solver": solver, "batch_size": 2200, "max_iter": 3}
    assert_same(*fitted_both("three classes", CUTS[cuts], "float64", True, **options))


@pytest.mark.parametrize("loss", ["poisson", "absolute_error", "huber", "quantile"])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_losses(client, loss, solver):
    for weighted in (False, True):
        eval_set = None if solver == "lbfgs" else slice(2500)
        X, y, weight = data()
        y, weight = np.abs(y), weight if weighted else None
        model = DaskMLPRegressor(
            5, loss=loss, solver=solver, batch_size=2100, max_iter=3, random_state=0
        )
        remote = collections([X, y, weight], CUTS["many"])
        sets = remote_sets = None
        if eval_set:
            sets = tuple(a[eval_set] for a in (X, y, weight) if a is not None)
            remote_sets = tuple(a[eval_set] for a in remote if a is not None)
        model.fit(*remote[:2], sample_weight=remote[2], eval_set=remote_sets)
        assert_same(model, local_of(model).fit(X, y, weight, eval_set=sets))


@pytest.mark.parametrize("criterion", ["score", "loss"])
@pytest.mark.parametrize("targets", ["two outputs", "two classes", "several labels"])
def test_early_stopping(client, targets, criterion):
    options = {
        "early_stopping": True,
        "stopping_criterion": criterion,
        "n_iter_no_change": 2,
        "learning_rate_init": 0.3,
        "max_iter": 30,
    }
    model, local = fitted_both(targets, CUTS["many"], eval_set=slice(3000, None), **options)
    assert_same(model, local)
    assert model.n_iter_ < 30


def test_restarts_and_a_list_of_activations(client):
    options = {"n_restarts": 3, "hidden_layer_sizes": (5, 4), "activation": ["gelu", "sigmoid"]}
    assert_same(*fitted_both("two classes", CUTS["whole blocks"], eval_set=[slice(999)], **options))


@pytest.mark.parametrize("solver", ["rprop", "lbfgs"])
def test_a_warm_start_goes_on(client, solver):
    X, y, _ = data("three classes")
    model = DaskMLPClassifier(5, solver=solver, warm_start=True, max_iter=3, random_state=0)
    local = local_of(model)
    for _ in range(2):
        assert_same(model.fit(*collections([X, y])), local.fit(X, y))
    with pytest.raises(ValueError, match="same classes"):
        model.fit(*collections([X, y + 1]))
    assert_same(model, local)


def test_schedules_and_momentum(client):
    for options in (
        {"learning_rate": "adaptive", "tol": 0.5, "n_iter_no_change": 1, "max_iter": 12},
        {"learning_rate": "invscaling", "momentum": 0.5, "nesterovs_momentum": False},
        {"alpha": 1, "momentum": 0},
    ):
        assert_same(*fitted_both("one output", CUTS["many"], solver="sgd", **options))


@pytest.mark.parametrize("class_weight", ["balanced", {"no": 2, "yes": 0.7}])
@pytest.mark.parametrize("weighted", [False, True])
def test_class_weights(client, class_weight, weighted):
    options = {"class_weight": class_weight, "solver": "rprop"}
    assert_same(*fitted_both("two classes", CUTS["any rows"], weighted=weighted, **options))


def test_data_frames(client):
    X, y, weight = data("two classes")
    frame = pd.DataFrame(X, columns=list("abcd")).assign(y=y, weight=weight)
    frame["a"] = (frame["a"] * 9).astype(np.int16)
    remote = dd.from_pandas(frame, npartitions=4)
    model = DaskMLPClassifier(5, solver="rprop", max_iter=4, random_state=0)
    inputs, names = remote[list("abcd")], frame[list("abcd")]
    model.fit(inputs, remote["y"], sample_weight=remote["weight"])
    local = local_of(model).fit(names, frame["y"], frame["weight"])
    assert_same(model, local)
    assert list(model.feature_names_in_) == list("abcd")

    predicted = model.predict(inputs)
    assert isinstance(predicted, dd.Series) and models_in(predicted, model) == 1
    computed = predicted.compute()
    assert computed.dtype == predicted.dtype and computed.index.equals(frame.index)
    assert (computed.to_numpy() == local.predict(names)).all()
    probabilities = model.predict_proba(inputs)
    assert list(probabilities.columns) == ["no", "yes"]
    assert np.array_equal(probabilities.compute(), local.predict_proba(names))
    assert np.isclose(
        model.score(inputs, remote["y"], remote["weight"]),
        local.score(names, frame["y"], frame["weight"]),
        rtol=1e-13,
    )
    with pytest.raises(ValueError, match="feature names"):
        model.predict(remote[list("bacd")])


@pytest.mark.parametrize("targets", ["two outputs", "several labels"])
def test_several_columns_of_a_data_frame(client, targets):
    X, y, _ = data(targets)
    frame = pd.DataFrame(np.hstack([X, y])).rename(columns=str)
    remote = dd.from_pandas(frame, npartitions=3)
    columns = list(frame.columns)
    model = TARGETS[targets](5, solver="rprop", max_iter=4, random_state=0)
    model.fit(remote[columns[:4]], remote[columns[4:]])
    assert_same(model, local_of(model).fit(frame[columns[:4]], frame[columns[4:]]))
    predicted = model.predict(remote[columns[:4]])
    assert isinstance(predicted, dd.DataFrame) and list(predicted.columns) == [*range(y.shape[1])]
    assert np.array_equal(predicted.compute(), model.predict(frame[columns[:4]]))


def test_a_batch_larger_than_all_rows_is_clipped(client):
    X, y, _ = data(rows=300)
    model = DaskMLPRegressor(3, batch_size=301, max_iter=2, random_state=0)
    remote = [da.from_array(a, chunks=100) for a in (X, y)]
    found = outcome(lambda: model.fit(*remote))
    local = local_of(model, 300)
    assert found == outcome(lambda: local.fit(X, y)) and len(found) == 2
    assert_same(model, local)
    assert model.to_local().batch_size == 301


@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_predictions_are_lazy_and_the_local_ones(client, targets, dtype):
    X, y, weight = data(targets, dtype)
    model = TARGETS[targets](5, solver="rprop", max_iter=30, random_state=0)
    remote = collections([X, y, weight])
    local = model.fit(*remote[:2]).to_local()
    many = da.rechunk(remote[0], ((ROWS - 3, 3), (2, 2)))
    methods = ["predict", *(["predict_proba"] if hasattr(model, "predict_proba") else [])]
    for method in methods:
        expected = getattr(local, method)(X)
        assert np.array_equal(getattr(model, method)(X), expected)
        for inputs in remote[0], many:
            found = getattr(model, method)(inputs)
            assert isinstance(found, da.Array) and found.chunks[0] == inputs.chunks[0]
            assert found.dtype == expected.dtype and found.shape == expected.shape
            for computed in found.compute(), found.compute(scheduler="synchronous"):
                assert computed.dtype == expected.dtype
                assert np.array_equal(computed, expected)
            assert models_in(found, model) == 1
    for weights in (None, weight):
        remote_weights = None if weights is None else remote[2]
        found = model.score(*remote[:2], remote_weights)
        assert np.isclose(
            found, local.score(X, y, weights), rtol=1e-6 if dtype == "float32" else 1e-12
        )
        assert model.score(X, y, weights) == local.score(X, y, weights)


def models_in(lazy, model):
    """Return how many tasks of the optimized graph have the model, or a copy."""
    (optimized,) = dask.optimize(lazy)
    weights = model.coefs_[0].tobytes()
    return sum(weights in pickle.dumps(task) for task in dict(optimized.__dask_graph__()).values())


def test_wider_samples_are_predicted_with_their_digits(client):
    X, y, _ = data(dtype="float32")
    model = DaskMLPRegressor(5, solver="rprop", max_iter=5, random_state=0)
    model.fit(*collections([X, y]))
    wide = X.astype(float) + 1e-9
    found = model.predict(collection(wide, CUTS["many"]))
    assert found.dtype == found.compute().dtype == np.float64
    assert np.array_equal(found.compute(), model.to_local().predict(wide))


def test_copies_and_pickles(client, tmp_path):
    X, y, _ = data("three classes")
    model = DaskMLPClassifier(5, solver="rprop", max_iter=3, random_state=0, client=client)
    assert clone(model).client is client and model.get_params()["client"] is client
    model.fit(*collections([X, y]))
    read = pickle.loads(pickle.dumps(model))
    assert read.client is None and model.client is client
    assert_same(read, model)
    assert (read.predict(X) == model.predict(X)).all()
    assert read.set_params(client=client, alpha=1).client is client
    assert not hasattr(clone(model), "coefs_")
    assert "alpha=1" in repr(read)
    local = model.to_local()
    assert type(local) is MLPClassifier
    local.save(tmp_path / "model")
    assert (MLPClassifier.load(tmp_path / "model").predict(X) == model.predict(X).ravel()).all()
    to_c(local, tmp_path / "model.h")
    local.coefs_[0][...] = 0
    assert model.coefs_[0].any()
    with pytest.raises(NotFittedError):
        clone(model).to_local()


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
    "there must be more than 4 rows, got 4": lambda X, y, w: (X[:4], y[:4], w[:4]),
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


def outcome(fit):
    """Return the error that a fit raises, or what it warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fit()
        except Exception as error:
            return type(error), str(error).replace("Dask", "").split("(array")[0]
    return {(w.category, str(w.message)) for w in caught if w.category is not ResourceWarning}


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
