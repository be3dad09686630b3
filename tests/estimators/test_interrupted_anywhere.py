"""An exception at any bytecode of a fit leaves weights and counts that fit."""

import itertools
import warnings

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor

from tests.interruptions import interrupted

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((20, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
EPOCHS = 3
PERCEPTRONS = {
    "adam": (MLPClassifier, {"solver": "adam", "batch_size": 7}),
    "sgd": (MLPClassifier, {"solver": "sgd", "learning_rate": "invscaling", "n_iter_no_change": 1}),
    "rprop": (MLPRegressor, {"solver": "rprop"}),
    "lm": (MLPRegressor, {"solver": "lm", "activation": "tanh"}),
}


def new_perceptron(name, epochs=EPOCHS):
    kind, parameters = PERCEPTRONS[name]
    return kind(hidden_layer_sizes=(3,), random_state=0, max_iter=epochs, **parameters)


def parameters_of(perceptron):
    arrays = [*perceptron.coefs_, *perceptron.intercepts_]
    return np.concatenate([array.ravel() for array in arrays])


@pytest.mark.parametrize("name", PERCEPTRONS)
def test_an_interrupted_fit_counts_its_epochs(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        after = {
            epochs: parameters_of(new_perceptron(name, epochs).fit(X, Y))
            for epochs in range(1, EPOCHS + 1)
        }
        for at in itertools.count():
            perceptron = new_perceptron(name)
            if not interrupted(at, perceptron.fit, X, Y):
                break
            finished = getattr(perceptron, "n_iter_", 0)
            if finished:
                assert len(perceptron.loss_curve_) == finished, at
                assert perceptron.t_ == finished * len(X), at
                assert np.array_equal(parameters_of(perceptron), after[finished]), at
            assert np.array_equal(parameters_of(perceptron.fit(X, Y)), after[EPOCHS]), at
    assert at > 100
