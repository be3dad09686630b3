"""Scikit-learn's perceptrons, trained by denseloop's fused loop.

They have the parameters of scikit-learn's and give the same numbers for the same `random_state`,
in less time: write ``from denseloop.neural_network import MLPClassifier`` instead of ``from
sklearn.neural_network import MLPClassifier``.
"""

try:
    from sklearn import __version__ as _version
except ImportError as _error:
    raise ImportError(
        "denseloop.neural_network needs scikit-learn 1.7 or newer: pip install denseloop[sklearn] "
        f"({_error})"
    ) from _error
if tuple(int(part) for part in _version.split(".")[:2]) < (1, 7):
    raise ImportError(
        f"denseloop.neural_network needs scikit-learn 1.7 or newer, found {_version}: "
        f"pip install denseloop[sklearn]"
    )

from denseloop.neural_network.classifier import MLPClassifier
from denseloop.neural_network.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
