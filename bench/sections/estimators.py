"""scikit-learn's perceptrons and denseloop's in their place: fits, one row, a grid search.

On one thread the fits and the row; on several the search, by as many processes.
"""

import warnings
from dataclasses import replace
from functools import partial

import numpy as np
from denseloop import neural_network
from joblib import parallel_config
from joblib.externals.loky import get_reusable_executor
from sklearn import datasets
from sklearn import neural_network as scikit_learn
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from bench.harness.job import REFERENCE
from bench.harness.ways import measure_ways
from bench.sections.fits import ACTIVATIONS, fits

PEER = "scikit-learn"
# scikit-learn's comes first: what it comes to is what the other must come to.
CLASSIFIERS = {PEER: scikit_learn.MLPClassifier, REFERENCE: neural_network.MLPClassifier}
ROUNDS, SLOW_ROUNDS, SEARCH_ROUNDS = 7, 5, 3
COMPARED_EPOCHS, TOLERANCE = 50, 1e-9  # relative, of the losses

FOLDS = 5
GRID = {  # 48 candidates
    "mlp__hidden_layer_sizes": [(4,), (8,), (16,), (8, 8)],
    "mlp__alpha": [1e-4, 1e-2],
    "mlp__learning_rate_init": [1e-3, 3e-3, 1e-2],
    "mlp__activation": list(ACTIVATIONS),
}
SEARCH_EPOCHS = 300


def points(job):
    """What there is to measure: labels, and functions that return an entry each."""
    if not job.has_peer(PEER):
        return []  # nobody to come to the same as
    found = one_by_one(job) if job.threads == 1 else [("grid search", of_a_search)]
    return [(label, partial(quietly, run, job)) for label, run in found if job.has_case(label)]


def one_by_one(job):
    chosen = [fit for fit in fits() if not (job.quick and fit.slow)]
    found = [
        (f"{fit.name}, {activation}", partial(of_a_fit, fit, activation))
        for fit in chosen
        for activation in ACTIVATIONS
    ]
    return [*found, ("predict of one row", partial(of_a_row, chosen[0]))]


def quietly(run, job):
    with warnings.catch_warnings():  # that a fit took all the epochs it was given
        warnings.simplefilter("ignore", ConvergenceWarning)
        return run(job)


def described(case, repeated, job):
    return {"case": case, "repeated": repeated, "dtype": "float64", "threads": job.threads}


def same_as_the_peers(fault):
    """A `fault` for `measure_ways` from one of the peer's result and another."""
    found = {}

    def compared(name, result):
        found[name] = result
        return fault(found[PEER], result)

    return compared


def of_a_fit(fit, activation, job):
    ways = {name: partial(fit.fitted, found, activation) for name, found in CLASSIFIERS.items()}
    short = replace(job, rounds=min(SLOW_ROUNDS if fit.slow else ROUNDS, job.rounds))
    entry = described(f"{fit.name}, {activation}", "fit", job) | {
        "fit": fit.name,
        "activation": activation,
        "epochs": fit.epochs,
    }
    return entry | {"peers": measure_ways(ways, same_as_the_peers(other_losses), short)}


def other_losses(expected, model):
    if model.n_iter_ != expected.n_iter_:
        return f"{model.n_iter_} epochs, expected {expected.n_iter_}"
    losses, wanted = (np.array(m.loss_curve_[:COMPARED_EPOCHS]) for m in (model, expected))
    error = np.max(abs(losses / wanted - 1))
    if not error <= TOLERANCE:
        return f"losses are off by {error:.2g}, allowed are {TOLERANCE:.2g}"
    return None


def of_a_row(fit, job):
    models = {name: fit.fitted(found, ACTIVATIONS[0]) for name, found in CLASSIFIERS.items()}
    labels = {
        name: np.concatenate([model.predict(row) for row in fit.X[:, np.newaxis]])
        for name, model in models.items()
    }

    def fault(name, _):
        differing = np.count_nonzero(labels[name] != labels[PEER])
        return f"{differing} rows have another label" if differing else None

    ways = {name: partial(model.predict, fit.X[:1]) for name, model in models.items()}
    short = replace(job, rounds=min(ROUNDS, job.rounds))
    entry = described(f"predict of one row, {fit.data}", "call", job)
    return entry | {"peers": measure_ways(ways, fault, short)}


def of_a_search(job):
    data = datasets.load_breast_cancer(return_X_y=True)
    ways = {name: partial(searched, found, data, job) for name, found in CLASSIFIERS.items()}
    short = replace(job, rounds=min(SEARCH_ROUNDS, job.rounds))
    candidates = np.prod([len(values) for values in GRID.values()])
    size = f"{candidates} candidates × {FOLDS} folds, {job.threads} processes"
    case = f"grid search, breast cancer, {size}"
    try:
        peers = measure_ways(ways, same_as_the_peers(other_choice), short, times=1)
    finally:
        get_reusable_executor().shutdown()  # else this process waits minutes for idle ones
    return described(case, "search", job) | {"peers": peers}


def searched(classifier, data, job):
    """With joblib's default backend and, as by default on so many CPUs, one thread a process."""
    network = classifier(max_iter=SEARCH_EPOCHS, random_state=0)
    search = GridSearchCV(
        Pipeline([("scaler", StandardScaler()), ("mlp", network)]),
        GRID,
        cv=FOLDS,
        n_jobs=job.threads,
    )
    with parallel_config("loky", inner_max_num_threads=1):
        return search.fit(*data)


def other_choice(expected, search):
    if search.best_params_ != expected.best_params_:
        return f"chose {search.best_params_}, expected {expected.best_params_}"
    score, wanted = float(search.best_score_), float(expected.best_score_)
    if score != wanted:
        return f"best score {score!r}, expected {wanted!r}"
    return None
