"""An exception at any bytecode of a fit leaves weights and counts that fit."""

import warnings

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor

from tests.interruptions import interrupted

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((20, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
PERCEPTRONS = {
    "adam": (MLPClassifier, {"solver": "adam", "batch_size": 7}),
    "sgd": (MLPClassifier, {"solver": "sgd", "learning_rate": "invscaling", "n_iter_no_change": 1}),
    "rprop": (MLPRegressor, {"solver": "rprop"}),
    "lm": (MLPRegressor, {"solver": "lm", "activation": "tanh"}),
    "adam with a list": (MLPClassifier, {"solver": "adam"}),
    "lm with a list": (MLPRegressor, {"solver": "lm", "activation": "tanh"}),
    "lbfgs": (MLPClassifier, {"solver": "lbfgs"}),
    "lbfgs with a callback": (MLPClassifier, {"solver": "lbfgs"}),
}


class Watcher:
    """A callback of scikit-learn, after whose calls the estimator belongs to the epoch told."""

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, **told):
        if context.task_name == "epoch":
            assert estimator.n_iter_ == context.task_id + 1


def new_perceptron(name, epochs):
    kind, parameters = PERCEPTRONS[name]
    perceptron = kind(hidden_layer_sizes=(3,), random_state=0, max_iter=epochs, **parameters)
    return perceptron.set_callbacks(Watcher()) if name.endswith("callback") else perceptron


def fit_options(name):
    return {"eval_set": [(-X, Y)]} if name.endswith("list") else {}


def parameters_of(perceptron):
    arrays = [*perceptron.coefs_, *perceptron.intercepts_]
    return np.concatenate([array.ravel() for array in arrays])


@pytest.mark.parametrize("name", PERCEPTRONS)
def test_an_interrupted_fit_counts_its_epochs(name):
    if name.endswith("callback"):
        pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks since 1.9")
    options, epochs = fit_options(name), 2 if " " in name else 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fits = {k: new_perceptron(name, k).fit(X, Y, **options) for k in range(1, epochs + 1)}
        after = {k: parameters_of(fit) for k, fit in fits.items()}
        # Before the first epoch ends there is little to count: every seventh bytecode will do.
        at, stride = 0, 7
        while True:
            perceptron = new_perceptron(name, epochs)
            if not interrupted(at, perceptron.fit, X, Y, **options):
                break
            finished = getattr(perceptron, "n_iter_", 0)
            if finished:
                assert perceptron.loss_ == fits[finished].loss_, at
                assert perceptron.evals_result_ == fits[finished].evals_result_, at
                if perceptron.solver != "lbfgs":
                    assert len(perceptron.loss_curve_) == finished, at
                    assert perceptron.t_ == finished * len(X), at
                assert np.array_equal(parameters_of(perceptron), after[finished]), at
            assert np.array_equal(parameters_of(perceptron.fit(X, Y)), after[epochs]), at
            if finished and stride > 1:
                at, stride = at - stride, 1
            at += stride
    assert at > 100
