"""scikit-learn's MLPClassifier, for the cases that it can express.

It ties the loss to the output activation: cross-entropy to softmax, and squared error to the
identity, which no case has. It always takes the mean over the batch.
"""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

NAME = "scikit-learn"
LIBRARIES = ["scikit-learn"]


def variants(case, threads):
    activations = case.activation, case.output_activation
    expressible = activations == ("sigmoid", "softmax") and case.reduction == "mean" and case.biases
    return {"": classifier(case)} if expressible and case.updates else {}


def classifier(case):
    labels = case.y.argmax(axis=1)
    model = MLPClassifier(
        hidden_layer_sizes=case.layer_sizes[1:-1],
        activation="logistic",
        solver="adam" if case.optimizer == "adam" else "sgd",
        alpha=0.0,
        batch_size=case.batch_size or len(case.X),
        learning_rate_init=case.learning_rate,
        momentum=0.0,
        shuffle=False,
        n_iter_no_change=np.inf,
        warm_start=True,
    )

    def fit(epochs):
        model.set_params(max_iter=epochs)
        with warnings.catch_warnings():  # about stopping before it converges
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(case.X, labels)

    fit(1)  # allocates the parameters, from which the warm starts below continue

    def run(epochs):
        for mine, first in zip(
            model.coefs_ + model.intercepts_, case.weights + case.biases, strict=True
        ):
            mine[...] = first
        before = len(model.loss_curve_)
        fit(epochs)
        return model.loss_curve_[before:], model.coefs_ + model.intercepts_

    return run
