"""scikit-learn's perceptrons, trained by denseloop's fused loop.

``from denseloop.neural_network import MLPClassifier`` in place of ``from sklearn.neural_network
import MLPClassifier``: the same parameters, the same numbers for the same `random_state`, sooner.
"""

try:
    from sklearn import __version__ as _version
except ImportError as _error:
    raise ImportError(
        "denseloop.neural_network needs scikit-learn 1.7 or newer: pip install denseloop[sklearn]"
    ) from _error
if tuple(int(part) for part in _version.split(".")[:2]) < (1, 7):
    raise ImportError(
        f"denseloop.neural_network needs scikit-learn 1.7 or newer, found {_version}: "
        f"pip install denseloop[sklearn]"
    )

from denseloop.neural_network.classifier import MLPClassifier
from denseloop.neural_network.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
