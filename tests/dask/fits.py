"""Fits of an estimator of collections and of the local one, compared."""

import pickle
import warnings

import dask
import dask.array as da
import numpy as np
from denseloop.dask import DaskMLPClassifier, DaskMLPRegressor
from denseloop.neural_network import MLPClassifier, MLPRegressor

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


def models_in(lazy, model):
    """Return how many tasks of the optimized graph have the model, or a copy."""
    (optimized,) = dask.optimize(lazy)
    weights = model.coefs_[0].tobytes()
    return sum(weights in pickle.dumps(task) for task in dict(optimized.__dask_graph__()).values())


def outcome(fit):
    """Return the error that a fit raises, or what it warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fit()
        except Exception as error:
            return type(error), str(error).replace("Dask", "").split("(array")[0]
    return {(w.category, str(w.message)) for w in caught if w.category is not ResourceWarning}
