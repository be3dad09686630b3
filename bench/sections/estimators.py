"""scikit-learn's perceptrons against denseloop's: fits, two short calls, a grid search.

The fits and the calls are measured on one thread, the search on several, with a process for each.
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

from bench.harness.calls import measure_calls
from bench.harness.names import REFERENCE, SCIKIT_LEARN
from bench.sections.fits import ACTIVATIONS, all_fits

# scikit-learn's comes first, since denseloop's result is compared with it.
CLASSIFIERS = {SCIKIT_LEARN: scikit_learn.MLPClassifier, REFERENCE: neural_network.MLPClassifier}
ROUNDS, SLOW_ROUNDS, SEARCH_ROUNDS = 7, 5, 3
COMPARED_EPOCHS, TOLERANCE = 50, 1e-9  # relative tolerance of their losses

FOLDS = 5
GRID = {  # 48 candidates
    "mlp__hidden_layer_sizes": [(4,), (8,), (16,), (8, 8)],
    "mlp__alpha": [1e-4, 1e-2],
    "mlp__learning_rate_init": [1e-3, 3e-3, 1e-2],
    "mlp__activation": list(ACTIVATIONS),
}
SEARCH_EPOCHS = 300


def measurements(job):
    if not job.has_peer(SCIKIT_LEARN):
        return []  # there is nothing to compare with
    found = on_one_thread(job) if job.threads == 1 else [("grid search", measure_search)]
    return [
        (label, partial(without_warnings, measure, job))
        for label, measure in found
        if job.has_case(label)
    ]


def on_one_thread(job):
    chosen = [fit for fit in all_fits() if not (job.quick and fit.slow)]
    found = [
        (f"{fit.name}, {activation}", partial(measure_fit, fit, activation))
        for fit in chosen
        for activation in ACTIVATIONS
    ]
    return [
        *found,
        ("predict of one row", partial(measure_row, chosen[0])),
        ("partial fit", partial(measure_partial_fit, chosen[0])),
    ]


def without_warnings(measure, job):
    """Measure without the warnings that the fits stop before they converge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return measure(job)


def describe(case, repeated, job, dtype="float64"):
    return {"case": case, "repeated": repeated, "dtype": dtype, "threads": job.threads}


def compare_with_first(difference):
    """Return a `fault` for `measure_calls` that compares each result with scikit-learn's."""
    results = {}

    def fault(name, result):
        results[name] = result
        return difference(results[SCIKIT_LEARN], result)

    return fault


def measure_fit(fit, activation, job):
    calls = {name: partial(fit.run, found, activation) for name, found in CLASSIFIERS.items()}
    short = replace(job, rounds=min(SLOW_ROUNDS if fit.slow else ROUNDS, job.rounds))
    entry = describe(f"{fit.name}, {activation}", "fit", job) | {
        "fit": fit.name,
        "activation": activation,
        "epochs": fit.epochs,
    }
    return entry | {"peers": measure_calls(calls, compare_with_first(compare_losses), short)}


def compare_losses(expected, model, tolerance=TOLERANCE):
    if model.n_iter_ != expected.n_iter_:
        return f"{model.n_iter_} epochs, expected {expected.n_iter_}"
    losses, wanted = (np.array(m.loss_curve_[:COMPARED_EPOCHS]) for m in (model, expected))
    error = np.max(abs(losses / wanted - 1))
    if not error <= tolerance:
        return f"losses differ by {error:.2g}, tolerance {tolerance:.2g}"
    return None


def measure_row(fit, job):
    models = {name: fit.run(found, ACTIVATIONS[0]) for name, found in CLASSIFIERS.items()}
    labels = {
        name: np.concatenate([model.predict(row) for row in fit.X[:, np.newaxis]])
        for name, model in models.items()
    }

    def fault(name, _):
        differing = np.count_nonzero(labels[name] != labels[SCIKIT_LEARN])
        return f"{differing} rows have another label" if differing else None

    calls = {name: partial(model.predict, fit.X[:1]) for name, model in models.items()}
    short = replace(job, rounds=min(ROUNDS, job.rounds))
    entry = describe(f"predict of one row, {fit.data}", "call", job)
    return entry | {"peers": measure_calls(calls, fault, short)}


def measure_partial_fit(fit, job):
    """Measure one epoch in one batch, after the losses of some epochs were compared."""
    models = {name: fit.new(found, ACTIVATIONS[0]) for name, found in CLASSIFIERS.items()}
    classes = np.unique(fit.labels)
    for model in models.values():
        for _ in range(COMPARED_EPOCHS):
            model.partial_fit(fit.X, fit.labels, classes=classes)
    losses = {name: np.array(model.loss_curve_) for name, model in models.items()}

    def fault(name, _):
        error = np.max(abs(losses[name] / losses[SCIKIT_LEARN] - 1))
        return f"losses differ by {error:.2g}" if not error <= TOLERANCE else None

    calls = {name: partial(m.partial_fit, fit.X, fit.labels) for name, m in models.items()}
    short = replace(job, rounds=min(ROUNDS, job.rounds))
    entry = describe(f"partial fit, {fit.data}, a batch of {fit.batch_size}", "call", job)
    return entry | {"peers": measure_calls(calls, fault, short)}


def measure_search(job):
    data = datasets.load_breast_cancer(return_X_y=True)
    calls = {name: partial(run_search, found, data, job) for name, found in CLASSIFIERS.items()}
    short = replace(job, rounds=min(SEARCH_ROUNDS, job.rounds))
    candidates = np.prod([len(values) for values in GRID.values()])
    size = f"{candidates} candidates × {FOLDS} folds, {job.threads} processes"
    case = f"grid search, breast cancer, {size}"
    try:
        peers = measure_calls(calls, compare_with_first(compare_choices), short, times=1)
    finally:
        # Its idle workers would keep this process waiting for minutes.
        get_reusable_executor().shutdown()
    return describe(case, "search", job) | {"peers": peers}


def run_search(classifier, data, job):
    """Run the search with joblib's default backend and one thread in each process.

    One thread is also the default with as many processes as CPUs.
    """
    network = classifier(max_iter=SEARCH_EPOCHS, random_state=0)
    search = GridSearchCV(
        Pipeline([("scaler", StandardScaler()), ("mlp", network)]),
        GRID,
        cv=FOLDS,
        n_jobs=job.threads,
    )
    with parallel_config("loky", inner_max_num_threads=1):
        return search.fit(*data)


def compare_choices(expected, search):
    if search.best_params_ != expected.best_params_:
        return f"chose {search.best_params_}, expected {expected.best_params_}"
    score, wanted = float(search.best_score_), float(expected.best_score_)
    if score != wanted:
        return f"best score {score!r}, expected {wanted!r}"
    return None
