"""The estimators of Dask collections fit as the local ones do, to the bit."""

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from denseloop.dask import DaskMLPClassifier, DaskMLPRegressor

from tests.dask.fits import (
    CUTS,
    SOLVERS,
    TARGETS,
    assert_same,
    collections,
    data,
    fitted_both,
    local_of,
    models_in,
    outcome,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


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
