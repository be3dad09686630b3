"""The odd shapes of data and of networks, with their data."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

FEW_ROWS = 1, 5, 50, 200
FITTED_ROWS = 200  # fewest rows of the fit before a prediction is timed
PREDICT, FIT = "predict", "fit"


@dataclass(frozen=True)
class Shape:
    """Some rows and a network, to predict and to fit.

    Parameters
    ----------
    rows : int
    layers : tuple of int
        Features, hidden units and outputs; with several outputs a classifier, else a regressor.
    repeated : tuple of {"predict", "fit"}
        What is timed.
    density : float, optional
        Share of the numbers that a CSR matrix stores; by default the rows are a dense array.
    epochs : int
        Epochs of a fit.
    batch_size : int or "auto"
    slow : bool
        Whether it is called once in a turn, and a quick run leaves it out.
    shared : bool
        Whether it is also measured on several threads.
    in_both : bool
        Whether it is also measured in float32.
    """

    rows: int
    layers: tuple[int, ...]
    repeated: tuple[str, ...] = (PREDICT, FIT)
    density: float | None = None
    epochs: int = 2
    batch_size: int | str = "auto"
    slow: bool = False
    shared: bool = False
    in_both: bool = False

    def name(self, repeated):
        """Return what is timed, "predict" or "fit", with the shape."""
        parts = [repeated, f"{self.rows} × {layers_text(self.layers)}"]
        if self.density is not None:
            parts.append(f"{100 * self.density:g} % stored")
        if repeated == FIT and self.batch_size != "auto":
            parts.append(f"batches of {self.batch_size}")
        return ", ".join(parts)

    @property
    def classes(self):
        """The number of classes, or None if the network is a regressor."""
        return self.layers[-1] if self.layers[-1] > 1 else None

    def data(self, dtype, rows):
        """Return X and the targets: of each class as many rows, or random numbers."""
        random, features = np.random.default_rng(0), self.layers[0]
        if self.density is None:
            X = random.random((rows, features))
        else:  # as texts have them: rows of length 1, some of which may be empty
            X = normalize(sparse.random(rows, features, self.density, "csr", rng=random))
        y = np.arange(rows) % self.classes if self.classes else random.random(rows).astype(dtype)
        return X.astype(dtype), y

    def new(self, estimators, **parameters):
        """Return a new estimator.

        Parameters
        ----------
        estimators : module
            scikit-learn's or denseloop's `neural_network`.
        **parameters
            Parameters in the place of those of the shape.
        """
        make = estimators.MLPClassifier if self.classes else estimators.MLPRegressor
        chosen = {
            "hidden_layer_sizes": self.layers[1:-1],
            "batch_size": self.batch_size,
            "max_iter": self.epochs,
            "n_iter_no_change": 10**6,
            "tol": 0,
            "random_state": 0,
        }
        return make(**chosen | parameters)


def layers_text(layers):
    """Return the layers as text, with the number of neighbours of the same size.

    >>> layers_text((5, 8, 8, 8, 1))
    '5-8 (3 times)-1'
    """
    parts = []
    for size, group in groupby(map(str, layers)):
        sizes = list(group)
        parts += sizes if len(sizes) < 3 else [f"{size} ({len(sizes)} times)"]
    return "-".join(parts)


def texts(rows, features, density, **options):
    return Shape(rows, (features, 100, 10), density=density, shared=True, **options)


SHAPES = [
    *(Shape(rows, (10, 10, 1), epochs=20) for rows in FEW_ROWS),
    Shape(1, (10, 10, 3), (PREDICT,)),  # scikit-learn needs a row of each class to fit
    *(Shape(rows, (10, 10, 3), epochs=20, in_both=rows == 200) for rows in FEW_ROWS[1:]),
    Shape(10**6, (5, 10, 1), epochs=1, batch_size=1000, slow=True, shared=True),
    Shape(2000, (784, 100, 10), shared=True, in_both=True),
    Shape(500, (10_000, 100, 10), slow=True, shared=True),
    Shape(1, (20_000, 500, 1), (PREDICT,)),
    Shape(10, (784, 100, 10)),
    texts(1500, 5000, 0.001),
    texts(1500, 5000, 0.01, in_both=True),
    texts(1500, 5000, 0.05),
    texts(500, 50_000, 0.0012, repeated=(PREDICT,)),
    texts(200, 50_000, 0.0012, repeated=(FIT,), slow=True),
    Shape(1, (5000, 100, 10), (PREDICT,), density=0.01),
    Shape(20_000, (1500, 10, 3), (FIT,), density=0.07, epochs=1, slow=True, shared=True),
    Shape(2000, (300, 100, 10), density=0.3, shared=True),
    Shape(3000, (50, 100, 1000), epochs=1, shared=True),
    Shape(1000, (10, *20 * (8,), 1), (FIT,)),
    Shape(500, (10, 10, 1), (FIT,), epochs=1, batch_size=1),
    Shape(
        1000, (50, 2000, 2000, 1), epochs=1, batch_size=1000, slow=True, shared=True, in_both=True
    ),
]
