"""Scikit-learn's perceptrons, trained by denseloop's fused loop.

They have the parameters of scikit-learn's and give the same numbers for the same `random_state`,
in less time: write ``from denseloop.neural_network import MLPClassifier`` instead of ``from
sklearn.neural_network import MLPClassifier``. `MLPGroupsRegressor` and `MLPGroupsClassifier` fit a
perceptron for each group of the samples.
"""

from denseloop._missing import missing as _missing

try:
    from sklearn import __version__ as _version
except ImportError as _error:
    raise _missing("denseloop.neural_network", "scikit-learn", _error) from _error
if tuple(int(part) for part in _version.split(".")[:2]) < (1, 7):
    raise ImportError(
        f"denseloop.neural_network needs scikit-learn 1.7 or newer, found {_version}: "
        "pip install --upgrade scikit-learn"
    )

from denseloop.neural_network._c import to_c
from denseloop.neural_network._tools import register_estimators as _register_estimators
from denseloop.neural_network.classifier import MLPClassifier
from denseloop.neural_network.ensemble_classifier import MLPEnsembleClassifier
from denseloop.neural_network.ensemble_regressor import MLPEnsembleRegressor
from denseloop.neural_network.groups_classifier import MLPGroupsClassifier
from denseloop.neural_network.groups_regressor import MLPGroupsRegressor
from denseloop.neural_network.regressor import MLPRegressor

__all__ = [
    "MLPClassifier",
    "MLPEnsembleClassifier",
    "MLPEnsembleRegressor",
    "MLPGroupsClassifier",
    "MLPGroupsRegressor",
    "MLPRegressor",
    "to_c",
]

_register_estimators([MLPClassifier, MLPRegressor], [MLPEnsembleClassifier, MLPEnsembleRegressor])
