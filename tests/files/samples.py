"""Networks and estimators whose files are tested; `python -m tests.files.samples` writes some.

Those in version_1 were written by the first version of the format. They must load for ever, so
they are not written again: a newer format gets a folder of its own.
"""

import sys
from pathlib import Path

import denseloop as dl
import numpy as np

FOLDER = Path(__file__).parent
RANDOM = np.random.default_rng(41)
X, Y = RANDOM.random((30, 3)), RANDOM.random((30, 2))
OPTIMIZERS = {
    "gradient descent": dl.GradientDescent(0.1),
    "nesterov": dl.GradientDescent(dl.InverseScaling(0.1), momentum=0.9, nesterov=True),
    "adaptive": dl.GradientDescent(dl.Adaptive(0.1, patience=2)),
    "adam": dl.Adam(0.01),
    "rprop": dl.RPROP(),
    "lm": dl.LevenbergMarquardt(),
    "lbfgs": dl.LBFGS(),
}


def a_network():
    """Return a network with a history, the state of Adam, a slope, and scaled samples."""
    activations = [dl.LeakyReLU(0.1), "tanh", "identity"]
    network = dl.Network(
        [3, 4, 3, 2], activation=activations, scaling="standard", seed=2**127 + 1, dtype="float32"
    )
    options = {"optimizer": dl.Adam(dl.Adaptive(0.01)), "batch_size": 8, "shuffle": True}
    network.train(X, Y, epochs=3, eval_set=(X[:5], Y[:5]), **options)
    return network


def some_networks():
    """Return networks without biases, of which some were trained alone."""
    networks = dl.Networks([3, 4, 2], count=3, seed=5, bias=False, activation="gelu")
    networks[1].train(X, Y, optimizer=dl.RPROP(), epochs=4)
    networks[2].train(X, Y, optimizer=dl.LevenbergMarquardt(), epochs=2, record_output=True)
    return networks


def a_classifier():
    """Return a fitted classifier of texts, with weights of its classes."""
    from denseloop.neural_network import MLPClassifier

    labels = np.array(["ant", "bee", "cow"])[np.arange(30) % 3]
    weights = {"ant": 1, "bee": 2.5, "cow": 1}
    options = {"class_weight": weights, "max_iter": 4, "tol": 1.0, "random_state": 7}
    return MLPClassifier((5,), "tanh", batch_size=10, **options).fit(X, labels)


def an_ensemble():
    """Return a regressor of two members, with numbers of the samples that they have not seen."""
    from denseloop.neural_network import MLPEnsembleRegressor

    options = {"max_iter": 4, "tol": 1.0, "oob_score": True, "random_state": 7}
    return MLPEnsembleRegressor(2, hidden_layer_sizes=(5,), **options).fit(X, Y[:, 0])


def groups():
    """Return a classifier with a network for each of three groups, and one for others."""
    from denseloop.neural_network import MLPGroupsClassifier

    options = {"max_iter": 4, "unseen": "pooled", "random_state": 7}
    names = np.array(["north", "south", "west"])[np.arange(30) // 10]
    return MLPGroupsClassifier((4,), **options).fit(X, np.arange(30) % 3 > 0, groups=names)


def write(folder):
    """Write all files."""
    a_network().save(folder / "network.safetensors", training=True)
    some_networks().save(folder / "networks.safetensors", training=True)
    a_classifier().save(folder / "classifier.safetensors")
    an_ensemble().save(folder / "ensemble.safetensors")
    groups().save(folder / "groups.safetensors")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
