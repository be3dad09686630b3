"""What both estimators override of scikit-learn's perceptrons, above all the fit."""

from contextlib import contextmanager, nullcontext
from copy import deepcopy
from functools import lru_cache

import numpy as np
from sklearn.utils import check_random_state

from denseloop._progress_bar import ProgressBar
from denseloop.neural_network import _pickling, _prediction
from denseloop.neural_network._callbacks import Tasks
from denseloop.neural_network._epochs import Epochs
from denseloop.neural_network._full_batch import fit_lbfgs, fit_lm
from denseloop.neural_network._large_numbers import can_leave_to_scikit_learn, may_overflow
from denseloop.neural_network._network import (
    ACTIVATIONS,
    SCIKIT_LEARN_NAMES,
    EstimatorNetwork,
    check_hidden_activations,
    hidden_layer_sizes,
    own_network,
    suits_core,
    use_network,
)
from denseloop.neural_network._optimizer import SolverState, adopt_state, fresh_solver_state
from denseloop.neural_network._scikit_learn import (
    NOT_FINITE,
    CallbackSupportMixin,
    StrOptions,
    check_sample_weight,
)
from denseloop.neural_network._sparse import suits_scikit_learn
from denseloop.neural_network._validation import (
    check_eval_set,
    given_validation,
    split_validation,
    to_dense,
)

# Parameters that both estimators have and scikit-learn's lack or restrict.
SHARED_CONSTRAINTS = {
    "activation": [StrOptions(set(ACTIVATIONS)), list, tuple],
    "stopping_criterion": [StrOptions({"score", "loss"})],
}

# Attributes that an estimator makes anew when it lacks them. To read a generator takes most of the
# time in which a small estimator is read.
NOT_PICKLED = ("_network", "_own_generator", "_random_state", "_is_shared", "_more_of_fit")
# Attributes with numbers that a training changes in place.
CONTINUED = (
    "coefs_",
    "intercepts_",
    "_optimizer",
    "loss_curve_",
    "validation_loss_curve_",
    "validation_scores_",
)


class Perceptron(CallbackSupportMixin):
    """A mixin for a perceptron of scikit-learn."""

    def fit(self, X, y, sample_weight=None, *, eval_set=None, progress=False):
        """Fit the network to samples.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training samples.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels or indicators for classification, numbers for regression.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, at least 0; None weighs all alike.
        eval_set : tuple (X, y) or (X, y, sample_weight), or list of such tuples, default=None
            Validation samples. `validation_loss_curve_` has their loss after each epoch, and
            `early_stopping` uses them instead of splitting off training samples. Of several sets
            in a list, these are about the first; `evals_result_` then has the curves of all, of
            their loss and score. Not for solver="lbfgs".
        progress : bool, default=False
            Whether to show a progress bar, by tqdm, of at most `max_iter` epochs or iterations. Not
            for very sparse X, which scikit-learn's own loop fits.

        Returns
        -------
        self : estimator
            The fitted estimator.

        Raises
        ------
        ValueError
            For invalid parameters, samples or weights, and if the network's parameters become
            non-finite.
        ImportError
            If tqdm is missing for `progress`.

        Examples
        --------
        >>> from denseloop.neural_network import MLPRegressor
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 2, 4, 6]
        >>> regressor = MLPRegressor(hidden_layer_sizes=(), solver="lm", alpha=0, random_state=0)
        >>> regressor.fit(X, y).predict([[1.5]]).round(4)
        array([3.])

        The sets of a list are followed with loss and score:

        >>> regressor = MLPRegressor(hidden_layer_sizes=(), solver="lm", alpha=0, random_state=0)
        >>> regressor = regressor.fit(X, y, eval_set=[(X, y), ([[4.0], [5.0]], [8, 10])])
        >>> curves = regressor.evals_result_["validation_1"]
        >>> round(curves["loss"][-1], 4), round(curves["r2"][-1], 4)
        (0.0, 1.0)
        """
        with ProgressBar(self.max_iter) if progress else nullcontext() as show:
            self._more_of_fit = eval_set, show
            try:
                # MLflow and others observe fits by a `fit` of their own in scikit-learn's class.
                return super().fit(X, y, sample_weight)
            finally:
                vars(self).pop("_more_of_fit", None)

    def _fit(self, X, y, sample_weight=None, incremental=False):
        eval_set, show = vars(self).get("_more_of_fit", (None, None))
        self._check_combination(incremental, eval_set)
        if eval_set is None and suits_scikit_learn(self, X, incremental):
            return self._fit_sparse(X, y, sample_weight, incremental)
        given_X, given_y = X, y
        first_fit = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, y = self._validate_input(X, y, incremental, reset=first_fit)
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, X)
        y = y.reshape(len(y), -1)
        if eval_set is None and may_overflow(self, X, y):
            if can_leave_to_scikit_learn(self, incremental):
                return self._fit_sparse(given_X, given_y, sample_weight, incremental)
        sample_weight = self._apply_class_weight(given_y, sample_weight, incremental)
        if eval_set is not None:
            eval_set = check_eval_set(self, eval_set, y.shape[1])
        self.n_outputs_ = y.shape[1]
        self._random_state = self._seeded_generator()
        if first_fit:
            layer_sizes = [X.shape[1], *hidden_layer_sizes(self), self.n_outputs_]
            self._initialize(y, layer_sizes, X.dtype)
        self._part_from_copies()
        if own_network(self) is None:
            use_network(self, EstimatorNetwork(self))
        if not first_fit and self.early_stopping and self.stopping_criterion == "score":
            # After a fit, scikit-learn's best weights alias the current ones, so a warm start that
            # never improves keeps its last weights.
            self._best_coefs, self._best_intercepts = self.coefs_, self.intercepts_
        tasks = Tasks(self, given_X, given_y, self.max_iter)
        self._solve(X, y, sample_weight, incremental, eval_set, tasks, show)
        if not np.isfinite(self._network.flat).all():
            raise ValueError(NOT_FINITE)
        tasks.end_fit()
        return self

    def _part_from_copies(self):
        """Own what a training changes in place, if a shallow copy has it too."""
        if vars(self).get("_is_shared"):
            own = deepcopy({k: v for k, v in vars(self).items() if k in CONTINUED})
            vars(self).update(own, _network=None, _is_shared=False)

    @property
    def _check_solver(self):
        """Raise an AttributeError for a solver without `partial_fit`.

        Scikit-learn evaluates this property to decide whether `partial_fit` exists; the classifier
        also calls its value.
        """
        if self.solver in ("rprop", "lm"):
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {self.solver} is not "
                f"stochastic."
            )
        return super()._check_solver

    def _check_combination(self, incremental, eval_set):
        """Raise a ValueError for parameters that do not go together."""
        hidden = hidden_layer_sizes(self)
        if any(size <= 0 for size in hidden):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {hidden}.")
        check_hidden_activations(self)
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        if eval_set is not None and self.solver == "lbfgs":
            raise ValueError("eval_set is not for solver='lbfgs'")
        if self.solver == "lm" and self.loss != "squared_error":
            raise ValueError(f"solver='lm' is for loss='squared_error', got loss={self.loss!r}")

    def _solve(self, X, y, sample_weight, incremental, eval_set, tasks, show):
        """Train the network with samples that have been checked."""
        validation = None
        if eval_set is not None:
            validation = given_validation(self, eval_set)
        elif self.early_stopping and self.solver in ("sgd", "adam", "rprop"):
            X, y, sample_weight, validation = split_validation(self, X, y, sample_weight)
        dtype = np.float64 if self.solver == "lbfgs" else self._network.dtype
        X, y = to_dense(X, dtype), y.astype(dtype)
        if sample_weight is not None:
            sample_weight = np.ascontiguousarray(sample_weight, dtype)
        if self.solver == "lbfgs":
            fit_lbfgs(self, X, y, sample_weight, tasks, show)
        elif self.solver == "lm":
            fit_lm(self, X, y, sample_weight, validation, tasks, show)
        else:
            if not incremental or not hasattr(self, "_optimizer"):
                self._optimizer = fresh_solver_state(self)
            elif not isinstance(self._optimizer, SolverState):
                self._optimizer = adopt_state(self)
            state = self._optimizer.state
            state.slots = state.slots.astype(dtype, copy=False)
            Epochs(self, X, y, sample_weight, validation, tasks, show, incremental).run()

    def _seeded_generator(self):
        """Return the generator that `random_state` stands for.

        A seed sets the estimator's own generator, which takes a hundredth of the time of a new one.
        """
        if type(self.random_state) is not int:
            return check_random_state(self.random_state)
        if hasattr(self, "_own_generator"):
            self._own_generator.seed(self.random_state)
        else:
            self._own_generator = check_random_state(self.random_state)
        return self._own_generator

    def _initialize(self, y, layer_units, dtype):
        super()._initialize(y, layer_units, dtype)
        self.validation_loss_curve_ = []
        self.best_validation_loss_ = np.inf
        self.evals_result_ = {}
        if self.solver in ("rprop", "lm"):  # as scikit-learn does for its stochastic solvers
            early_stopping = self.early_stopping and self.solver == "rprop"
            self.loss_curve_ = []
            self._no_improvement_count = 0
            self.validation_scores_ = [] if early_stopping else None
            self.best_validation_score_ = -np.inf if early_stopping else None
            self.best_loss_ = None if early_stopping else np.inf

    def _init_coef(self, fan_in, fan_out, dtype):
        """Draw a layer's weights by scikit-learn's rule for the activation of this layer.

        Scikit-learn's method is called for one layer after another, and the output layer follows
        the rule of the last hidden one.
        """
        given = [self.activation] if isinstance(self.activation, str) else list(self.activation)
        with self._activation_for_scikit_learn((given or ["relu"])[: len(self.coefs_) + 1][-1]):
            return super()._init_coef(fan_in, fan_out, dtype)

    @contextmanager
    def _activation_for_scikit_learn(self, name):
        """Let scikit-learn's methods, which read `activation`, find this one by their name."""
        given = self.activation
        try:
            self.activation = SCIKIT_LEARN_NAMES.get(name, name)
            yield
        finally:
            self.activation = given

    def _apply_class_weight(self, labels, sample_weight, incremental):
        return sample_weight

    def _fit_sparse(self, X, y, sample_weight, incremental):
        """Fit with scikit-learn's own loop."""
        sample_weight = self._apply_class_weight(y, sample_weight, incremental)
        self._part_from_copies()
        with self._activation_for_scikit_learn(self.activation):
            super()._fit(X, y, sample_weight=sample_weight, incremental=incremental)
        use_network(self, EstimatorNetwork(self), evals_result_={})
        return self

    def _forward_pass_fast(self, X, check_input=True):
        return _prediction.outputs(self, X, check_input)

    @classmethod
    def _get_param_names(cls):
        return [*_parameter_names(cls)]

    def __getstate__(self):
        state = dict(super().__getstate__())  # not the estimator's own
        for name in NOT_PICKLED:
            state.pop(name, None)
        return state

    def __setstate__(self, state):
        """Restore a pickled estimator, which may be scikit-learn's own."""
        _pickling.check_version(self, state)
        vars(self).update(_pickling.add_defaults(self, state))
        vars(self).pop("_sklearn_version", None)
        if "_network" not in state and "coefs_" in state and suits_core(self):
            use_network(self, EstimatorNetwork(self))

    def __copy__(self):
        """Return a shallow copy, which shares what is fitted until one of both is trained."""
        self._is_shared = True
        copied = object.__new__(type(self))
        copied.__setstate__(
            self.__getstate__() | {"_network": vars(self).get("_network"), "_is_shared": True}
        )
        return copied


@lru_cache(maxsize=64)  # scikit-learn inspects the signature, which takes half the time of a clone
def _parameter_names(estimator_class):
    return super(Perceptron, estimator_class)._get_param_names()
