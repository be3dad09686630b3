"""What both estimators put in place of scikit-learn's own: the fit and the forward pass."""

import inspect
import warnings
from copy import deepcopy

import numpy as np
from scipy.sparse import issparse
from sklearn import __version__ as sklearn_version
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from denseloop.neural_network import _epochs, _full_batch, _network, _validation
from denseloop.neural_network._callbacks import Tasks
from denseloop.neural_network._epochs import NOT_FINITE
from denseloop.neural_network._optimizer import OptimizerState, fresh_optimizer, taken_over
from denseloop.neural_network._scikit_learn import (
    CallbackSupportMixin,
    check_sample_weight,
    fit_context,
)

IN_EPOCHS = ("sgd", "adam", "rprop")
OF_SCIKIT_LEARN = {
    "solver": ("sgd", "adam", "lbfgs"),
    "loss": ("log_loss", "squared_error", "poisson"),
    "activation": ("identity", "logistic", "tanh", "relu"),
    "stopping_criterion": ("score",),
}


class Perceptron(CallbackSupportMixin):
    """To be mixed into a perceptron of scikit-learn's."""

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None, *, eval_set=None):
        """Fit the network to some samples.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels or indicators; numbers for regression.
        sample_weight : array-like of shape (n_samples,), default=None
            At least 0.
        eval_set : tuple (X, y) or (X, y, sample_weight), default=None
            Validation samples: `validation_loss_curve_` tells of them, and with `early_stopping`
            they take the place of those that would be held out. Not for solver="lbfgs".

        Returns
        -------
        self : estimator

        Raises
        ------
        ValueError
            For parameters, samples or weights that cannot be used, and where the parameters of the
            network would cease to be finite.

        Examples
        --------
        >>> from denseloop.neural_network import MLPRegressor
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 2, 4, 6]
        >>> regressor = MLPRegressor(hidden_layer_sizes=(), solver="lm", alpha=0, random_state=0)
        >>> regressor.fit(X, y).predict([[1.5]]).round(4)
        array([3.])
        """
        return self._fit(X, y, sample_weight=sample_weight, eval_set=eval_set)

    def _fit(self, X, y, sample_weight=None, incremental=False, eval_set=None):
        hidden = _network.hidden_layer_sizes(self)
        if np.any(np.array(hidden) <= 0):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {hidden}.")
        _network.hidden_activations(self)
        self._refuse_what_does_not_go_together(incremental, eval_set)
        if eval_set is None and self._suits_scikit_learn(X, incremental):
            return self._fit_sparse(X, y, sample_weight, incremental)
        given_X, given_y = X, y
        first_pass = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, y = self._validate_input(X, y, incremental, reset=first_pass)
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, X)
        y = y.reshape(len(y), -1)
        sample_weight = self._weighted_by_class(given_y, sample_weight, incremental)
        if eval_set is not None:
            eval_set = _validation.checked(self, eval_set, y.shape[1])
        self.n_outputs_ = y.shape[1]
        self._random_state = check_random_state(self.random_state)
        if first_pass:
            self._initialize(y, [X.shape[1], *hidden, self.n_outputs_], X.dtype)
        if first_pass or not _network.shows(self, vars(self).get("_network")):
            _network.use_views(self, _network.network_of(self))
        if not first_pass and self.early_stopping and self.stopping_criterion == "score":
            # Scikit-learn's best ones are no copies after a fit: if a warm start comes to no better
            # score than the fit before it, its last ones stay.
            self._best_coefs, self._best_intercepts = self.coefs_, self.intercepts_
        tasks = Tasks(self, given_X, given_y, self.max_iter)
        self._solve(X, y, sample_weight, incremental, eval_set, tasks)
        if not np.isfinite(self._network.parameters).all():
            raise ValueError(NOT_FINITE)
        tasks.end()
        return self

    @property
    def _check_solver(self):
        """Asked for, and by the classifier called, before there is a `partial_fit`."""
        if self.solver in ("rprop", "lm"):
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {self.solver} is not "
                f"stochastic."
            )
        return super()._check_solver

    def _refuse_what_does_not_go_together(self, incremental, eval_set):
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        if eval_set is not None and self.solver == "lbfgs":
            raise ValueError("eval_set is not for solver='lbfgs'")
        if self.solver == "lm" and self.loss != "squared_error":
            raise ValueError(f"solver='lm' is for loss='squared_error', got loss={self.loss!r}")

    def _solve(self, X, y, sample_weight, incremental, eval_set, tasks):
        validation = None
        if eval_set is not None:
            validation = _validation.validation(self, *eval_set)
        elif self.early_stopping and self.solver in IN_EPOCHS:
            X, y, sample_weight, validation = _validation.held_out(self, X, y, sample_weight)
        dtype = self._network.dtype
        X, y = _validation.dense(X, dtype), y.astype(dtype)
        if sample_weight is not None:
            sample_weight = np.ascontiguousarray(sample_weight, dtype)
        if self.solver == "lbfgs":
            _full_batch.fit_lbfgs(self, X, y, sample_weight, tasks)
        elif self.solver == "lm":
            _full_batch.fit_lm(self, X, y, sample_weight, validation, tasks)
        else:
            if not incremental or not hasattr(self, "_optimizer"):
                self._optimizer = fresh_optimizer(self)
            elif not isinstance(self._optimizer, OptimizerState):
                self._optimizer = taken_over(self)
            self._optimizer.moments = self._optimizer.moments.astype(dtype, copy=False)
            _epochs.Epochs(self, X, y, sample_weight, validation, tasks, incremental).run()

    def _initialize(self, y, layer_units, dtype):
        super()._initialize(y, layer_units, dtype)
        self.validation_loss_curve_ = []
        self.best_validation_loss_ = np.inf
        if self.solver in ("rprop", "lm"):  # as scikit-learn does for its stochastic solvers
            early_stopping = self.early_stopping and self.solver == "rprop"
            self.loss_curve_ = []
            self._no_improvement_count = 0
            self.validation_scores_ = [] if early_stopping else None
            self.best_validation_score_ = -np.inf if early_stopping else None
            self.best_loss_ = None if early_stopping else np.inf

    def _init_coef(self, fan_in, fan_out, dtype):
        """Scikit-learn's, whose bounds depend on the activation, for that of this layer."""
        given = self.activation
        if not isinstance(given, str):
            activations = _network.hidden_activations(self) or ["relu"]
            self.activation = activations[: len(self.coefs_) + 1][-1]
        try:
            return super()._init_coef(fan_in, fan_out, dtype)
        finally:
            self.activation = given

    def _weighted_by_class(self, labels, sample_weight, incremental):
        return sample_weight

    def _suits_scikit_learn(self, X, incremental):
        """Whether scikit-learn's products of sparse matrices take less time than dense ones."""
        if incremental and isinstance(vars(self).get("_optimizer"), OptimizerState):
            return False  # which goes on
        plain = all(getattr(self, name) in known for name, known in OF_SCIKIT_LEARN.items())
        large = issparse(X) and X.shape[0] * X.shape[1] > 1 << 20
        watched = hasattr(self, "_skl_callbacks")  # of which its loop knows nothing
        return plain and large and not watched and 16 * X.nnz < X.shape[0] * X.shape[1]

    def _fit_sparse(self, X, y, sample_weight, incremental):
        """By scikit-learn, and its loop."""
        sample_weight = self._weighted_by_class(y, sample_weight, incremental)
        super()._fit(X, y, sample_weight=sample_weight, incremental=incremental)
        _network.use_views(self, _network.network_of(self))
        return self

    def _forward_pass_fast(self, X, check_input=True):
        network = vars(self).get("_network")
        if not _network.shows(self, network):  # coefs_ or activation were replaced
            network = _network.network_of(self)
        if check_input:
            if not hasattr(self, "feature_names_in_"):
                try:
                    if (outputs := network._predict_few(X)) is not None:
                        return outputs
                except ValueError:  # scikit-learn's next words tell of it
                    pass
            X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        dtype = np.result_type(X.dtype, network.dtype)
        if dtype != network.dtype:
            network = _network.network_of(self, np.float64)
        if not issparse(X):
            return network.forward(X)
        X, step = X.tocsr(), max(1, (1 << 22) // X.shape[1])
        parts = range(0, X.shape[0], step)
        return np.vstack([network.forward(X[i : i + step].toarray()) for i in parts])

    def __getstate__(self):
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_network"}

    def __setstate__(self, state):
        """Also a state that scikit-learn's own perceptron wrote, which lacks what it has not."""
        version = state.get("_sklearn_version", sklearn_version)
        if version != sklearn_version:
            warnings.warn(
                InconsistentVersionWarning(
                    estimator_name=type(self).__name__,
                    current_sklearn_version=sklearn_version,
                    original_sklearn_version=version,
                ),
                stacklevel=2,
            )
        parameters = inspect.signature(type(self)).parameters
        missing = {name: p.default for name, p in parameters.items() if p.default is not p.empty}
        if "coefs_" in state:
            missing |= {"validation_loss_curve_": [], "best_validation_loss_": np.inf}
        super().__setstate__(missing | state)
        if hasattr(self, "_optimizer"):
            self._optimizer = deepcopy(self._optimizer)  # a shallow copy's, which trains by itself
        vars(self).pop("_sklearn_version", None)
        if hasattr(self, "coefs_"):
            _network.use_views(self, _network.network_of(self))
