"""The data sets and parameters with which scikit-learn's perceptrons are fitted."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from sklearn import datasets
from sklearn.preprocessing import StandardScaler

from bench.sections.cases import random_case

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
    case = random_case(10_000, [784, 128, 10], 0.5, np.dtype("float64"), loss="cross_entropy")
    return case.X, case.y.argmax(axis=1)


@dataclass(frozen=True)
class Fit:
    """A classifier's fit that makes a fixed number of epochs, whatever its loss.

    Parameters
    ----------
    data : str
        Name of the data set.
    X : float64 array of shape (samples, features)
    labels : integer array of shape (samples,)
    hidden_layer_sizes, solver, batch_size
        Parameters of `MLPClassifier`.
    epochs : int
    slow : bool
        Whether a quick run leaves it out.
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

    def run(self, classifier, activation):
        """Fit a new estimator of the class `classifier` and return it."""
        return self.new(classifier, activation).fit(self.X, self.labels)

    def new(self, classifier, activation):
        """Return a new estimator of the class `classifier`."""
        return classifier(
            self.hidden_layer_sizes,
            activation,
            solver=self.solver,
            batch_size=self.batch_size,
            max_iter=self.epochs,
            n_iter_no_change=10**6,
            tol=0,
            random_state=0,
        )


def make_fit(data, hidden_layer_sizes, solver, batch_size, epochs, slow=False):
    name = data.__name__.replace("_", " ")
    return Fit(name, *data(), hidden_layer_sizes, solver, batch_size, epochs, slow)


def all_fits():
    """Return all fits; their epochs are chosen so that scikit-learn takes 0.1 to 1 s."""
    return [
        make_fit(iris, (10,), "adam", 150, 500),
        make_fit(moons, (16, 16), "adam", 200, 200),
        make_fit(moons, (16, 16), "adam", 32, 50),
        make_fit(breast_cancer, (30,), "adam", 32, 100),
        make_fit(digits, (100,), "adam", 200, 50),
        make_fit(digits, (100,), "sgd", 200, 50),
        make_fit(digits, (256, 256), "adam", 200, 12, slow=True),
        make_fit(random, (128,), "adam", 128, 4, slow=True),
    ]
