"""All private names of scikit-learn (1.7 to 1.9) and NumPy that the estimators use.

The estimators also override or call these methods of scikit-learn's perceptrons: `_fit`,
`_check_solver`, `_initialize`, `_init_coef`, `_validate_input`, `_forward_pass_fast`, `_predict`,
`_score`, `_update_no_improvement_count`, `_fit_stochastic` and `_fit_lbfgs`; and use their
attributes `_label_binarizer`, `_optimizer`, `_random_state`, `_no_improvement_count`,
`_best_coefs`, `_best_intercepts`, `_coef_indptr` and `_intercept_indptr`. `_overrides.py` names
the methods and functions of theirs that a program may replace.
"""

from typing import TYPE_CHECKING

from sklearn import neural_network
from sklearn.base import _fit_context as fit_context
from sklearn.neural_network import _base as base
from sklearn.neural_network import _multilayer_perceptron as multilayer_perceptron
from sklearn.neural_network._multilayer_perceptron import BaseMultilayerPerceptron
from sklearn.neural_network._stochastic_optimizers import (
    AdamOptimizer,
    BaseOptimizer,
    SGDOptimizer,
)
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.optimize import _check_optimize_result as check_optimize_result
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator as EstimatorMixin

    class CallbackSupportMixin:
        """What all supported versions have."""
else:
    EstimatorMixin = object  # what is mixed into an estimator need not be one itself
    try:
        from sklearn.callback import CallbackSupportMixin
    except ImportError:  # before 1.9

        class CallbackSupportMixin:
            """This scikit-learn has no callbacks."""


PERCEPTRON_MODULES = (neural_network, multilayer_perceptron)  # both name the two classes

# Where scikit-learn warns in a fit.
WARNING_MODULE = multilayer_perceptron.__name__

# The words of scikit-learn's error.
NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


def bit_generator(random_state):
    """Return the bit generator of a `numpy.random.RandomState`."""
    return random_state._bit_generator


__all__ = [
    "NOT_FINITE",
    "PERCEPTRON_MODULES",
    "AdamOptimizer",
    "BaseMultilayerPerceptron",
    "BaseOptimizer",
    "CallbackSupportMixin",
    "EstimatorMixin",
    "Interval",
    "SGDOptimizer",
    "WARNING_MODULE",
    "StrOptions",
    "base",
    "bit_generator",
    "check_optimize_result",
    "check_sample_weight",
    "fit_context",
    "multilayer_perceptron",
]
