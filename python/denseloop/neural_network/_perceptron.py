"""What both estimators override of scikit-learn's perceptrons, above all the fit."""

from __future__ import annotations  # which help() shows as they are written

from contextlib import contextmanager, nullcontext
from copy import deepcopy
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from denseloop import _threads
from denseloop._progress_bar import ProgressBar
from denseloop._types import MatrixLike
from denseloop.neural_network import _overrides, _prediction
from denseloop.neural_network._callbacks import Tasks
from denseloop.neural_network._epochs import Epochs
from denseloop.neural_network._full_batch import fit_lbfgs, fit_lm
from denseloop.neural_network._large_numbers import may_overflow
from denseloop.neural_network._network import (
    SCIKIT_LEARN_NAMES,
    EstimatorNetwork,
    hidden_layer_sizes,
    own_network,
    use_network,
)
from denseloop.neural_network._optimizer import use_optimizer
from denseloop.neural_network._parameters import CheckedParameters
from denseloop.neural_network._perceptron_files import SavedPerceptron
from denseloop.neural_network._pickling import Pickled
from denseloop.neural_network._restarts import STOPPED_EARLY, fit_best
from denseloop.neural_network._samples import Samples
from denseloop.neural_network._scikit_learn import (
    NOT_FINITE,
    CallbackSupportMixin,
    check_sample_weight,
)
from denseloop.neural_network._scikit_learn_loop import fit_by_scikit_learn
from denseloop.neural_network._types import Activations, EvalSets
from denseloop.neural_network._validation import (
    check_eval_set,
    core_inputs,
    given_validation,
    split_validation,
)

# Attributes with numbers that a training changes in place.
CONTINUED = (
    "coefs_",
    "intercepts_",
    "_optimizer",
    "loss_curve_",
    "validation_loss_curve_",
    "validation_scores_",
)


class Perceptron(Pickled, SavedPerceptron, CheckedParameters, CallbackSupportMixin):
    """A mixin for a perceptron of scikit-learn."""

    activation: Activations
    n_outputs_: int
    loss_curve_: list[float]
    best_loss_: float | None
    validation_scores_: list[float] | None
    best_validation_score_: float | None
    validation_loss_curve_: list[float]
    best_validation_loss_: float
    evals_result_: dict[str, dict[str, list[float]]]
    _by_scikit_learn = False  # whether scikit-learn's own loop is at work
    _is_member = False  # whether this fit is one of an ensemble's, which has threads for them

    def fit(
        self,
        X: MatrixLike,
        y: MatrixLike,
        sample_weight: ArrayLike | None = None,
        *,
        eval_set: EvalSets = None,
        progress: bool = False,
    ) -> Self:
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
            Whether to show a progress bar, by tqdm, of at most `max_iter` epochs or iterations. A
            fit by scikit-learn's own loop shows none.

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
        more = eval_set is not None or progress
        if more and (type(self)._fit is not Perceptron._fit or "_fit" in vars(self)):
            raise ValueError(
                "an overridden _fit cannot be given eval_set or progress: leave them out"
            )
        bar = ProgressBar(self.max_iter * self.n_restarts) if progress else nullcontext()
        with bar as show, _threads.limited_to(1) if self._is_member else nullcontext():
            self._more_of_fit = eval_set, show
            try:
                # MLflow and others observe fits by a `fit` of their own in scikit-learn's class.
                return super().fit(X, y, sample_weight)
            finally:
                self.__dict__.pop("_more_of_fit", None)
                self.__dict__.pop("_is_member", None)

    def _fit(self, X, y, sample_weight=None, incremental=False):
        eval_set, show = vars(self).get("_more_of_fit", (None, None))
        self._check_combination(incremental, eval_set)
        if override := _overrides.of_fit(self):
            _overrides.check_scikit_learn_has(self, override, incremental, eval_set)
        given_X, given_y = X, y
        first_fit = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, y = self._validate_input(X, y, incremental, reset=first_fit)
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, X)
        y = y.reshape(len(y), -1)
        if not override and eval_set is None and may_overflow(self, X, y):
            override = _overrides.of_large_numbers(self, incremental)
        sample_weight = self._apply_class_weight(given_y, sample_weight, incremental)
        if eval_set is not None:
            eval_set = check_eval_set(self, eval_set, y.shape[1])
        initialize = self._begin(first_fit, y, X.shape[1], X.dtype)
        if not override and (override := _overrides.of_state(self, X, first_fit, incremental)):
            _overrides.check_scikit_learn_has(self, override, incremental, eval_set)
        if not override and own_network(self) is None:
            use_network(self, EstimatorNetwork(self))
        restarts = 1 if incremental else self.n_restarts
        tasks = Tasks(self, given_X, given_y, self.max_iter * restarts)
        if override:
            fit_by_scikit_learn(self, X, y, sample_weight, incremental, override)
        else:
            validation = None if eval_set is None else given_validation(self, eval_set)
            if validation is None and self.early_stopping and self.solver in STOPPED_EARLY:
                X, y, sample_weight, validation = split_validation(self, X, y, sample_weight)
            dtype = np.float64 if self.solver == "lbfgs" else self._network.dtype
            X, y = core_inputs(X, dtype), y.astype(dtype)
            if sample_weight is not None:
                sample_weight = np.ascontiguousarray(sample_weight, dtype)
            samples = Samples(X, y, sample_weight)
            self._train(samples, validation, initialize, restarts, tasks, show, incremental)
        tasks.end_fit()
        return self

    def _begin(self, first_fit, y, n_features, dtype):
        """Have weights to train, new ones for a first fit; return a function that draws others."""
        self.n_outputs_ = y.shape[1]
        self._random_state = self._seeded_generator()
        layer_sizes = [n_features, *hidden_layer_sizes(self), self.n_outputs_]
        initialize = partial(self._initialize, y, layer_sizes, dtype)
        if first_fit:
            initialize()
        else:  # which may never have been initialized, but set up by hand as scikit-learn's
            vars(self).setdefault("validation_loss_curve_", [])
            vars(self).setdefault("best_validation_loss_", np.inf)
        self._part_from_copies()
        if not first_fit and self.early_stopping and self.stopping_criterion == "score":
            # After a fit, scikit-learn's best weights alias the current ones, so a warm start that
            # never improves keeps its last weights.
            self._best_coefs, self._best_intercepts = self.coefs_, self.intercepts_
        return initialize

    def _train(
        self, samples, validation, initialize, restarts, tasks, show=None, incremental=False
    ):
        """Train the network with samples in the core's dtype, as often as there are restarts."""

        def begin_again():
            initialize()
            use_network(self, EstimatorNetwork(self))
            if validation:
                validation.begin_again(self)

        train = self._training(samples, incremental, validation, tasks, show)
        fit_best(self, restarts, begin_again, train)
        if not np.isfinite(self._network.flat).all():
            raise ValueError(NOT_FINITE)

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

    def _training(self, samples, incremental, validation, tasks, show):
        """Return a function that trains the network with the samples.

        Its argument is how many trainings were before; it returns whether others may follow.
        """

        def train(before):
            epochs = before * self.max_iter
            report = show and (lambda finished, *losses: show(epochs + finished, *losses))
            if self.solver == "lbfgs":
                fit_lbfgs(self, samples, tasks, report)
            elif self.solver == "lm":
                fit_lm(self, samples, validation, tasks, report)
            else:
                use_optimizer(self, incremental)
                Epochs(self, samples, validation, tasks, report, incremental).run()
            return not tasks.stopped

        return train

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
        given, name = self.activation, SCIKIT_LEARN_NAMES.get(name, name)
        if name == given:  # nothing that another thread could see
            yield
            return
        try:
            self.activation = name
            yield
        finally:
            self.activation = given

    def _apply_class_weight(self, labels, sample_weight, incremental):
        return sample_weight

    @contextmanager
    def _as_scikit_learns(self):
        """Let scikit-learn's loop find the estimator as scikit-learn's own class has it."""
        with self._activation_for_scikit_learn(self.activation):
            self._by_scikit_learn = True
            try:
                yield
            finally:
                del self._by_scikit_learn

    def _forward_pass_fast(self, X, check_input=True):
        if self._by_scikit_learn:
            return super()._forward_pass_fast(X, check_input)
        if override := _overrides.of_outputs(self):
            _overrides.check_scikit_learn_has_activation(self, override)
            with self._activation_for_scikit_learn(self.activation):
                return super()._forward_pass_fast(X, check_input)
        return _prediction.outputs(self, X, check_input)
