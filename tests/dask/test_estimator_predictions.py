"""Predictions, copies and pickles of the estimators of Dask collections."""

import pickle

import dask.array as da
import numpy as np
import pytest
from denseloop.dask import DaskMLPClassifier, DaskMLPRegressor
from denseloop.neural_network import MLPClassifier, to_c
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tests.dask.fits import (
    CUTS,
    ROWS,
    TARGETS,
    assert_same,
    collection,
    collections,
    data,
    models_in,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


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
