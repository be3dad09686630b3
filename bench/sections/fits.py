"""What scikit-learn's perceptrons are asked to fit: data sets and parameters."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from sklearn import datasets
from sklearn.preprocessing import StandardScaler

from bench.sections.cases import drawn

ACTIVATIONS = "logistic", "relu"


@cache
def iris():
    return datasets.load_iris(return_X_y=True)


@cache
def moons():
    return datasets.make_moons(1000, noise=0.2, random_state=0)


@cache
def breast_cancer():
    X, labels = datasets.load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X), labels


@cache
def digits():
    X, labels = datasets.load_digits(return_X_y=True)
    return X / 16, labels


@cache
def random():
    case = drawn(10_000, [784, 128, 10], 0.5, np.dtype("float64"), loss="cross_entropy")
    return case.X, case.y.argmax(axis=1)


@dataclass(frozen=True)
class Fit:
    """A classifier that goes through its samples so many times, whatever its loss.

    X (samples, features) is float64, the labels are (samples,) integers.
    """

    data: str
    X: np.ndarray
    labels: np.ndarray
    hidden_layer_sizes: tuple[int, ...]
    solver: str
    batch_size: int
    epochs: int
    slow: bool

    @property
    def name(self):
        layers = [self.X.shape[1], *self.hidden_layer_sizes, self.n_outputs]
        solver = {"adam": "Adam", "sgd": "SGD"}[self.solver]
        shape = f"{len(self.X)} × {'-'.join(map(str, layers))}"
        return f"{self.data}, {shape}, {solver}, batches of {self.batch_size}"

    @property
    def n_outputs(self):
        classes = len(np.unique(self.labels))
        return 1 if classes == 2 else classes

    def fitted(self, classifier, activation):
        """A new estimator of the class `classifier`, fitted."""
        return classifier(
            self.hidden_layer_sizes,
            activation,
            solver=self.solver,
            batch_size=self.batch_size,
            max_iter=self.epochs,
            n_iter_no_change=10**6,
            tol=0,
            random_state=0,
        ).fit(self.X, self.labels)


def of(data, hidden_layer_sizes, solver, batch_size, epochs, slow=False):
    name = data.__name__.replace("_", " ")
    return Fit(name, *data(), hidden_layer_sizes, solver, batch_size, epochs, slow)


def fits():
    """All of them; the epochs are so many that a fit of scikit-learn's takes 0.1 to 1 s."""
    return [
        of(iris, (10,), "adam", 150, 500),
        of(moons, (16, 16), "adam", 200, 200),
        of(moons, (16, 16), "adam", 32, 50),
        of(breast_cancer, (30,), "adam", 32, 100),
        of(digits, (100,), "adam", 200, 50),
        of(digits, (100,), "sgd", 200, 50),
        of(digits, (256, 256), "adam", 200, 12, slow=True),
        of(random, (128,), "adam", 128, 4, slow=True),
    ]
