"""The parameters that both estimators have: their constraints, and which go together."""

from functools import lru_cache
from numbers import Integral

import numpy as np

from denseloop._checks import to_float
from denseloop.neural_network._network import (
    ACTIVATIONS,
    check_hidden_activations,
    hidden_layer_sizes,
)
from denseloop.neural_network._scikit_learn import Interval, StrOptions

# Parameters that both estimators have and scikit-learn's lack or restrict.
SHARED_CONSTRAINTS = {
    "activation": [StrOptions(set(ACTIVATIONS)), list, tuple],
    "stopping_criterion": [StrOptions({"score", "loss"})],
    "n_restarts": [Interval(Integral, 1, None, closed="left")],
}

# Parameters that scikit-learn allows to be integers of any size.
UNBOUNDED = ("alpha", "tol", "learning_rate_init", "power_t", "epsilon")


class CheckedParameters:
    """A mixin for a perceptron of scikit-learn."""

    def _check_combination(self, incremental, eval_set):
        """Raise a ValueError for parameters that do not go together."""
        for name in UNBOUNDED:
            if not np.isfinite(to_float(getattr(self, name))):
                raise ValueError(f"{name} must be finite in float64, got an integer beyond it")
        hidden = hidden_layer_sizes(self)
        if any(size <= 0 for size in hidden):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {hidden}.")
        check_hidden_activations(self)
        if self.n_restarts > 1 and self.warm_start and not incremental:
            raise ValueError(
                f"n_restarts > 1 begins with new weights, which warm_start=True does not: leave "
                f"one of the two out; got n_restarts={self.n_restarts}"
            )
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        if eval_set is not None and self.solver == "lbfgs":
            raise ValueError("eval_set is not for solver='lbfgs'")
        if self.solver == "lm" and self.loss != "squared_error":
            raise ValueError(f"solver='lm' is for loss='squared_error', got loss={self.loss!r}")

    @classmethod
    def _get_param_names(cls):
        return [*_parameter_names(cls)]


@lru_cache(maxsize=64)  # scikit-learn inspects the signature, which takes half the time of a clone
def _parameter_names(estimator_class):
    return super(CheckedParameters, estimator_class)._get_param_names()
