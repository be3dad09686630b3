"""What a program has put in the place of scikit-learn's own methods, functions and values.

Scikit-learn's loop would call or use it, the core cannot. So such a fit is made by scikit-learn's
loop, and such outputs by its forward pass. Nothing is kept from one look to the next, since a
program may replace anything at any time; all looks of a fit take 2 microseconds.
"""

from itertools import pairwise
from operator import attrgetter

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.extmath import safe_sparse_dot

from denseloop import _core
from denseloop.neural_network._network import ACTIVATIONS as HIDDEN_ACTIVATIONS
from denseloop.neural_network._network import SCIKIT_LEARN_NAMES, hidden_layer_sizes
from denseloop.neural_network._optimizer import METHODS, optimizer_fault
from denseloop.neural_network._scikit_learn import (
    BaseMultilayerPerceptron,
    base,
    multilayer_perceptron,
)

SOLVERS = ("sgd", "adam", "lbfgs")  # scikit-learn's
HIDDEN_OF_CORE = {*HIDDEN_ACTIVATIONS}
OUTPUTS_OF_CORE = {*HIDDEN_ACTIVATIONS, *_core.activation_traits}

# Scikit-learn's tables before anybody changes them.
ACTIVATIONS = {
    name: getattr(base, f"inplace_{name}")
    for name in ("identity", "exp", "tanh", "logistic", "relu", "softmax")
}
DERIVATIVES = {
    name: getattr(base, f"inplace_{name}_derivative")
    for name in ("identity", "tanh", "logistic", "relu")
}
LOSS_FUNCTIONS = {
    "squared_error": base.squared_loss,
    "poisson": base.poisson_loss,
    "log_loss": base.log_loss,
    "binary_log_loss": base.binary_log_loss,
}


class Attributes:
    """The attributes of these names of an object, as they are at the import of this module.

    One that is of another package even then counts as replaced.
    """

    def __init__(self, owner, names):
        self.names, self._values_of = tuple(names), attrgetter(*names)
        values = self._values_of(owner)
        theirs = [str(value.__module__).startswith(("sklearn.", "scipy.")) for value in values]
        self._known = tuple(value if known else None for value, known in zip(values, theirs))

    def replaced(self, owner):
        """Return the name of an attribute that `owner` has otherwise, or None."""
        try:
            values = self._values_of(owner)
        except AttributeError as error:  # of what has taken the place of a class
            return error.name
        if values == self._known:
            return None
        pairs = zip(self.names, values, self._known)
        return next((name for name, a, b in pairs if a is not b), None)


class Part:
    """A part of scikit-learn's loop: the methods and functions that it calls by name."""

    def __init__(self, methods, functions):
        self._methods = Attributes(BaseMultilayerPerceptron, methods)
        self._functions = Attributes(multilayer_perceptron, functions)

    def replaced(self, estimator):
        """Return which of them another takes the place of, or None."""
        kind, own = type(estimator), vars(estimator)
        if name := self._methods.replaced(kind):
            owner = next(each for each in kind.__mro__ if name in vars(each))
            return f"{owner.__qualname__}.{name}"
        if not own.keys().isdisjoint(self._methods.names):
            name = next(name for name in self._methods.names if name in own)
            return f"{name} of the estimator itself"
        if name := self._functions.replaced(multilayer_perceptron):
            return f"the {name} that replaces scikit-learn's"
        return None


def stochastic_part(optimizer):
    """Return the part of scikit-learn's loop that trains with this optimizer of scikit-learn's."""
    own = [optimizer, *(f"{optimizer}.{name}" for name in sorted(METHODS))]
    return Part(
        [*METHODS_OF_ANY, "_fit_stochastic", "_update_no_improvement_count"],
        ["safe_sparse_dot", "shuffle", "gen_batches", "_safe_indexing", *own],
    )


METHODS_OF_ANY = ("_backprop", "_compute_loss_grad", "_forward_pass")
PARTS = dict.fromkeys(("sgd", "rprop", "lm"), stochastic_part("SGDOptimizer")) | {
    "adam": stochastic_part("AdamOptimizer"),
    "lbfgs": Part(
        [*METHODS_OF_ANY, "_fit_lbfgs", "_loss_grad_lbfgs", "_unpack"],
        ["safe_sparse_dot", "_pack", "_check_optimize_result", "scipy.optimize.minimize"],
    ),
}
SCORING = Part(
    ["_score_with_function", "_update_no_improvement_count"],
    ["train_test_split", "accuracy_score", "r2_score"],
)
FORWARD_PASS = BaseMultilayerPerceptron._forward_pass_fast
# Attributes that a fit sets while it goes on.
FITTED = (
    "coefs_",
    "intercepts_",
    "n_iter_",
    "t_",
    "loss_",
    "loss_curve_",
    "best_loss_",
    "validation_scores_",
    "best_validation_score_",
    "_no_improvement_count",
    "_best_coefs",
    "_best_intercepts",
    "_optimizer",
)


def of_fit(estimator):
    """Return what replaces a part of scikit-learn's loop in a fit of the estimator, or None."""
    override = of_attributes(type(estimator)) or PARTS[estimator.solver].replaced(estimator)
    if override is None and estimator.early_stopping and estimator.solver != "lbfgs":
        override = SCORING.replaced(estimator)
    return override or _entry_of_fit(estimator)


def of_attributes(kind):
    """Return how a class takes part where a fit sets its attributes, or None.

    The core sets several at once, by none of the class's own functions.
    """
    if kind.__setattr__ is not object.__setattr__:
        return f"{kind.__qualname__}.__setattr__"
    return next((f"{kind.__qualname__}.{name}" for name in FITTED if hasattr(kind, name)), None)


def of_state(estimator, X, first_fit, incremental):
    """Return the value by which scikit-learn trains in a way that the core has not, or None.

    The estimator is initialized.
    """
    if override := _layers(estimator):
        return override
    if (
        estimator.solver in SOLVERS
        and estimator.loss in LOSS_FUNCTIONS
        and estimator.out_activation_ != _usual_output(estimator)
        and estimator.out_activation_ in multilayer_perceptron.ACTIVATIONS
    ):  # scikit-learn leaves out the derivative of the output activation
        return f"out_activation_={estimator.out_activation_!r}"
    if estimator.solver == "sgd" and estimator.momentum >= 1:
        return f"momentum={estimator.momentum!r}"
    if first_fit:
        return _initial_parameters(estimator, X)
    if incremental and "_optimizer" in vars(estimator):
        return optimizer_fault(estimator._optimizer, 2 * len(estimator.coefs_))
    return None


def of_large_numbers(estimator, incremental):
    """Return why numbers whose squares overflow take scikit-learn's loop, or None if it cannot."""
    if _own_option(estimator, incremental, None):
        return None
    return "numbers whose squares may overflow: scale them"


def of_outputs(estimator):
    """Return what replaces a part of scikit-learn's forward pass, or None."""
    lacks_arrays = estimator.n_layers_ > len(estimator.coefs_) + 1  # which the prediction explains
    if not lacks_arrays and (override := _layers(estimator)):
        return override
    if BaseMultilayerPerceptron._forward_pass_fast is not FORWARD_PASS:
        return "the _forward_pass_fast that replaces scikit-learn's"
    if multilayer_perceptron.safe_sparse_dot is not safe_sparse_dot:
        return "the safe_sparse_dot that replaces scikit-learn's"
    if multilayer_perceptron.ACTIVATIONS == ACTIVATIONS:
        return None
    used = {*_hidden_activations(estimator), estimator.out_activation_}
    return _entry("ACTIVATIONS", ACTIVATIONS, used)


def check_scikit_learn_has(estimator, override, incremental, eval_set):
    """Raise a ValueError if the estimator has an option that scikit-learn's loop has not."""
    if option := _own_option(estimator, incremental, eval_set):
        raise ValueError(
            f"{override} takes scikit-learn's own loop, which has no {option}: leave one of the "
            f"two out"
        )


def check_scikit_learn_has_activation(estimator, override):
    """Raise a ValueError if scikit-learn's forward pass has no such activation."""
    if _is_own(estimator.activation, multilayer_perceptron.ACTIVATIONS):
        raise ValueError(
            f"{override} takes scikit-learn's own forward pass, which has no "
            f"activation={estimator.activation!r}"
        )


def _layers(estimator):
    """Return what of its layers the core has not, or None."""
    hidden, output = estimator.activation, estimator.out_activation_
    n_layers = len(estimator.coefs_) + 1
    if estimator.n_layers_ != n_layers:
        return f"n_layers_={estimator.n_layers_} of a network of {n_layers} layers"
    one_output = np.shape(estimator.coefs_[-1])[1:] == (1,)
    if output not in OUTPUTS_OF_CORE or output == "softmax" and one_output:
        return f"out_activation_={output!r}"
    if isinstance(hidden, str) and hidden not in HIDDEN_OF_CORE:
        return f"activation={hidden!r}"
    return None


def _entry_of_fit(estimator):
    """Return the entry of scikit-learn's tables that the estimator may need and was replaced."""
    theirs = multilayer_perceptron
    if (
        theirs.ACTIVATIONS == ACTIVATIONS
        and theirs.DERIVATIVES == DERIVATIVES
        and theirs.LOSS_FUNCTIONS == LOSS_FUNCTIONS
    ):
        return None
    hidden, loss = _hidden_activations(estimator), estimator.loss
    outputs = (
        {"logistic", "softmax"}
        if isinstance(estimator, ClassifierMixin)
        else {_usual_output(estimator)}
    )
    losses = {loss, "binary_log_loss"} if loss == "log_loss" else {loss}
    return (
        _entry("ACTIVATIONS", ACTIVATIONS, hidden | outputs)
        or _entry("DERIVATIVES", DERIVATIVES, hidden)
        or _entry("LOSS_FUNCTIONS", LOSS_FUNCTIONS, losses)
    )


def _entry(table, known, used):
    """Return the entry of scikit-learn's table, among those used, that is not the known one."""
    present = getattr(multilayer_perceptron, table)
    for name in used:
        if present.get(name) is not known.get(name):
            return f"the {table}[{name!r}] that replaces scikit-learn's"
    return None


def _hidden_activations(estimator):
    """Return the names that scikit-learn has for them, or would have."""
    given = estimator.activation
    given = [given] if isinstance(given, str) else given
    return {SCIKIT_LEARN_NAMES.get(name, name) for name in given}


def _is_classifier(estimator):
    return isinstance(estimator, ClassifierMixin)  # is_classifier takes 2 microseconds


def _usual_output(estimator):
    """Return the output activation that scikit-learn gives to such an estimator."""
    if not _is_classifier(estimator):
        return "exp" if estimator.loss == "poisson" else "identity"
    return "softmax" if estimator._label_binarizer.y_type_ == "multiclass" else "logistic"


def _initial_parameters(estimator, X):
    """Return what is odd about the parameters that were made for a first fit, or None."""
    sizes = [X.shape[1], *hidden_layer_sizes(estimator), estimator.n_outputs_]
    shapes = [*pairwise(sizes), *((size,) for size in sizes[1:])]
    arrays = [*estimator.coefs_, *estimator.intercepts_]
    found = [(getattr(a, "shape", None), getattr(a, "dtype", None)) for a in arrays]
    if found == [(shape, X.dtype) for shape in shapes]:
        return None
    return f"the shape or dtype of the initial coefs_ and intercepts_: {found}"


def _own_option(estimator, incremental, eval_set):
    """Return an option that only this package has, with its value, or None."""
    if estimator.solver not in SOLVERS:
        return f"solver={estimator.solver!r}"
    if _is_own(estimator.activation, multilayer_perceptron.DERIVATIVES):
        return f"activation={estimator.activation!r}"
    if estimator.loss not in multilayer_perceptron.LOSS_FUNCTIONS:
        return f"loss={estimator.loss!r}"
    if estimator.early_stopping and estimator.stopping_criterion != "score":
        return f"stopping_criterion={estimator.stopping_criterion!r}"
    if estimator.n_restarts > 1 and not incremental:
        return f"n_restarts={estimator.n_restarts!r}"
    if eval_set is not None:
        return "eval_set"
    if hasattr(estimator, "_skl_callbacks"):
        return "callbacks"
    return None


def _is_own(activation, table):
    """Return whether only this package has the activation: it is not in scikit-learn's table."""
    if not isinstance(activation, str):
        return True
    name = SCIKIT_LEARN_NAMES.get(activation, activation)
    return activation in HIDDEN_OF_CORE and name not in table
