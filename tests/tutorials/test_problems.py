"""Published problems are solved."""

import denseloop as dl
import numpy as np
import pytest
from denseloop import Network
from denseloop.tutorials import moons
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def test_levenberg_marquardt_gets_below_the_error_of_the_tutorial():
    """It starts from the tutorial's weights; the listing takes 200 000 epochs to 1.50."""
    X, y, random = moons()
    weights = [random.rand(2, 4), random.rand(4, 1)]
    network = Network([2, 4, 1], bias=False, weights=weights)
    history = network.train(X, y, optimizer=dl.RPROP(), epochs=1000)
    assert history.loss[-1] < 1.50


def digits():
    """Return training and test images, (n, 64) from 0 to 1, and the classes of each."""
    X, labels = load_digits(return_X_y=True)
    return train_test_split(X / 16, labels, test_size=0.25, random_state=0)


@pytest.mark.parametrize(
    ("seed", "dtype"), [(0, "float64"), (1, "float64"), (2, "float64"), (0, "float32")]
)
def test_handwritten_digits_are_recognized(seed, dtype):
    X, held_out, labels, held_out_labels = digits()
    network = Network(
        [64, 256, 10],
        activation="relu",
        output_activation="softmax",
        initialization="he_uniform",
        dtype=dtype,
        seed=seed,
    )
    network.train(
        X,
        np.eye(10)[labels],
        optimizer=dl.Adam(dl.InverseScaling(0.01)),
        loss="cross_entropy",
        reduction="mean",
        l2=0.03,
        batch_size=32,
        shuffle=True,
        epochs=60,
    )
    accuracy = (network.forward(held_out).argmax(axis=1) == held_out_labels).mean()
    assert accuracy >= 0.97


def spirals():
    """Return the 194 points of Lang & Witbrock, "Learning to tell two spirals apart" (1988)."""
    k = np.arange(97)
    angle, radius = k * np.pi / 16, 6.5 * (104 - k) / 104
    spiral = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    return np.concatenate([spiral, -spiral]), np.repeat([1.0, 0.0], 97)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_two_spirals_are_told_apart(seed):
    X, y = spirals()
    network = Network([2, 20, 20, 1], activation="tanh", seed=seed)
    decaying = dl.Adam(dl.InverseScaling(0.03, power=0.25))
    network.train(X, y, optimizer=decaying, loss="binary_cross_entropy", epochs=3000)
    assert ((network.forward(X)[:, 0] > 0.5) == y).all()
