"""All that is used of the private parts of scikit-learn, from 1.7 to 1.9, and one of NumPy.

Beside these names, the estimators override or call these methods of its perceptrons: `_fit`,
`_check_solver`, `_initialize`, `_init_coef`, `_validate_input`, `_forward_pass_fast`, `_predict`,
`_score` and `_update_no_improvement_count`; and use their attributes `_label_binarizer`,
`_random_state`, `_no_improvement_count`, `_best_coefs` and `_best_intercepts`.
"""

from sklearn import neural_network
from sklearn.base import _fit_context as fit_context
from sklearn.neural_network import _multilayer_perceptron
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.optimize import _check_optimize_result as check_optimize_result
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before 1.9

    class CallbackSupportMixin:
        """This scikit-learn has no callbacks."""


MODULES_OF_PERCEPTRONS = (neural_network, _multilayer_perceptron)


def bit_generator(random_state):
    """Where a `numpy.random.RandomState` has its random bits from."""
    return random_state._bit_generator


__all__ = [
    "MODULES_OF_PERCEPTRONS",
    "AdamOptimizer",
    "CallbackSupportMixin",
    "SGDOptimizer",
    "StrOptions",
    "bit_generator",
    "check_optimize_result",
    "check_sample_weight",
    "fit_context",
]
