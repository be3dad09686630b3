"""scikit-learn's loops over perceptrons against denseloop's estimators that fit many.

An ensemble is measured on one thread and on several, the groups on one.
"""

import warnings
from dataclasses import replace
from functools import partial

import numpy as np
from denseloop.neural_network import MLPEnsembleRegressor, MLPGroupsRegressor
from joblib.externals.loky import get_reusable_executor
from sklearn.datasets import load_diabetes
from sklearn.ensemble import BaggingRegressor
from sklearn.neural_network import MLPRegressor

from bench.harness.calls import measure_calls
from bench.harness.names import REFERENCE, SCIKIT_LEARN
from bench.sections.estimators import compare_with_first, describe

ROUNDS = 3
TOLERANCE = 1e-6  # of the predictions, relative to the largest one
MEMBERS, QUICK_MEMBERS = 50, 5
GROUPS, QUICK_GROUPS = 500, 20
ROWS = 60  # of each group
EPOCHS = 50  # of each group, at most


def measurements(job):
    if not job.has_peer(SCIKIT_LEARN) or "float64" not in job.dtypes:
        return []
    members, groups = (QUICK_MEMBERS, QUICK_GROUPS) if job.quick else (MEMBERS, GROUPS)
    found = [(f"ensemble of {members}, diabetes, 442 × 10-100-1", partial(ensembles, members))]
    if job.threads == 1:
        found.append((f"{groups} groups of {ROWS} × 4-8-1", partial(group_fits, groups)))
    return [
        (f"{case}, float64", partial(measure_fit, case, make, job))
        for case, make in found
        if job.has_case(case)
    ]


def measure_fit(case, make, job):
    short = replace(job, rounds=min(ROUNDS, job.rounds))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about fits that stop before they converge
        try:
            peers = measure_calls(make(job), compare_with_first(compare), short, times=1)
        finally:
            get_reusable_executor().shutdown()  # whose workers would keep this process waiting
    return describe(case, "fit", job) | {"peers": peers}


def compare(expected, predicted):
    error = np.max(abs(predicted - expected)) / np.max(abs(expected))
    return None if error <= TOLERANCE else f"predictions differ by {error:.2g}"


def ensembles(members, job):
    """Return the fits of an ensemble with the default parameters; each predicts once."""
    X, y = load_diabetes(return_X_y=True)
    options = {"n_estimators": members, "n_jobs": job.threads, "random_state": 0}
    models = {
        SCIKIT_LEARN: BaggingRegressor(MLPRegressor(), **options),
        REFERENCE: MLPEnsembleRegressor(**options),
    }
    return {name: lambda model=model: model.fit(X, y).predict(X) for name, model in models.items()}


def group_fits(n_groups, job):
    """Return the fits of a regressor for each group; each predicts once."""
    random = np.random.default_rng(0)
    X, groups = random.uniform(-1, 1, (n_groups * ROWS, 4)), np.repeat(np.arange(n_groups), ROWS)
    y = np.sin(groups + 2 * X[:, 0]) + X[:, 1] * X[:, 2]
    network = {"hidden_layer_sizes": (8,), "activation": "logistic", "max_iter": EPOCHS}
    network["learning_rate_init"] = 0.01  # the default of denseloop's

    def loop():
        rows = X.reshape(n_groups, ROWS, -1), y.reshape(n_groups, ROWS)
        return np.concatenate(
            [MLPRegressor(**network, random_state=0).fit(a, b).predict(a) for a, b in zip(*rows)]
        )

    def together():
        model = MLPGroupsRegressor(**network, random_state=0)
        return model.fit(X, y, groups=groups).predict(X, groups=groups)

    return {SCIKIT_LEARN: loop, REFERENCE: together}
