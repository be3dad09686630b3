"""What the estimators of groups share: parameters, fit and outputs."""

from __future__ import annotations  # which help() shows as they are written

import sys
from copy import deepcopy
from numbers import Integral
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn import neural_network as scikit_learn
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from denseloop import optimizers
from denseloop._warnings import warn
from denseloop.network import Network
from denseloop.neural_network._group_files import SavedGroups
from denseloop.neural_network._group_models import Training, outputs_of, train_groups
from denseloop.neural_network._group_rows import (
    find_groups,
    find_rows,
    named,
    read_groups,
    read_inputs,
    read_training_samples,
)
from denseloop.neural_network._network import (
    ACTIVATIONS,
    FLOATS,
    check_hidden_activations,
    hidden_layer_sizes,
)
from denseloop.neural_network._scikit_learn import (
    StrOptions,
    check_sample_weight,
    fit_context,
)
from denseloop.neural_network._types import Activations, BatchSize, Random, RegressorSolver, Sizes
from denseloop.results import DivergenceWarning
from denseloop.stopping import EarlyStopping

SAME_AS_SCIKIT_LEARNS = (
    *("hidden_layer_sizes", "alpha", "batch_size", "learning_rate_init", "max_iter", "shuffle"),
    *("random_state", "tol", "momentum", "nesterovs_momentum", "beta_1", "beta_2", "epsilon"),
    "n_iter_no_change",
)
AUTO_BATCH = 200  # scikit-learn's


class GroupsPerceptron(SavedGroups, BaseEstimator):
    """A perceptron for each group; a subclass has the loss, the targets and what is predicted."""

    _parameter_constraints = {
        **{
            name: scikit_learn.MLPRegressor._parameter_constraints[name]
            for name in SAME_AS_SCIKIT_LEARNS
        },
        "activation": [StrOptions(set(ACTIVATIONS)), list, tuple],
        "group_column": [None, str, Integral],
        "unseen": [StrOptions({"error", "pooled"})],
    }

    groups_: np.ndarray | None
    parameters_: np.ndarray
    losses_: np.ndarray
    n_iter_: np.ndarray
    pooled_parameters_: np.ndarray | None

    def __init__(
        self,
        hidden_layer_sizes: Sizes,
        activation: Activations,
        solver: RegressorSolver,
        alpha: float,
        batch_size: BatchSize,
        learning_rate_init: float,
        max_iter: int,
        shuffle: bool,
        random_state: Random,
        tol: float,
        momentum: float,
        nesterovs_momentum: bool,
        beta_1: float,
        beta_2: float,
        epsilon: float,
        n_iter_no_change: int | float,
        group_column: int | str | None,
        unseen: Literal["error", "pooled"],
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.group_column = group_column
        self.unseen = unseen

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Fit a network to the rows of each group.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training samples, with the `group_column` if there is one.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels (n_samples,) for classification, numbers for regression.
        groups : array-like of shape (n_samples,), default=None
            Group of each sample, all numbers or all strings. By default the groups are in the
            `group_column`; without one, all samples are one group.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, at least 0 and not all 0 in any group.

        Returns
        -------
        self : estimator
            The fitted estimator.

        Warns
        -----
        ConvergenceWarning
            Once, if groups took `max_iter` epochs or iterations.
        DivergenceWarning
            Once, if numbers of groups would not have been finite. Their networks are those before.

        Examples
        --------
        >>> from denseloop.neural_network import MLPGroupsRegressor
        >>> X, y, shops = [[0.0], [1.0], [0.0], [1.0]], [0, 1, 5, 3], ["a", "a", "b", "b"]
        >>> regressor = MLPGroupsRegressor((), solver="lm", alpha=0, random_state=0)
        >>> regressor.fit(X, y, groups=shops).predict([[2.0], [2.0]], groups=["a", "b"]).round(4)
        array([2., 1.])
        """
        check_hidden_activations(self)
        checks = {"dtype": FLOATS, **self._target_checks}
        X, y, groups = read_training_samples(self, X, y, groups, checks)
        if sample_weight is not None:
            sample_weight = check_sample_weight(
                sample_weight, X, dtype=X.dtype, ensure_non_negative=True
            )
        targets = np.ascontiguousarray(self._targets(y, X.dtype))
        X = np.ascontiguousarray(X)
        rows = find_rows(groups, len(X))
        if sample_weight is not None:
            require_weights(rows, sample_weight)
        network = self._first_network(X.shape[1], targets.shape[1], X.dtype)
        training = self._training()
        arrays = X, targets, sample_weight
        own_X, own_targets, own_weight = (rows.sorted(array) for array in arrays)
        trained = train_groups(network, training, own_X, own_targets, own_weight, rows.starts)
        self._warn(trained, rows.values)
        self._first, self.groups_ = network, rows.values
        self.parameters_, self.losses_ = trained.parameters, trained.losses
        self.n_iter_ = trained.n_iter
        self.pooled_parameters_ = None
        if self.unseen == "pooled":
            pooled = train_groups(network, training, *arrays, np.array([0, len(X)]))
            self.pooled_parameters_ = pooled.parameters[0]
        return self

    def network(self, group: float | str | None = None) -> Network:
        """Return a group's network, with a copy of its parameters.

        Parameters
        ----------
        group : int, float or str, default=None
            Group, or None if all samples are one.

        Returns
        -------
        Network

        Raises
        ------
        ValueError
            For a group without a network.

        Examples
        --------
        >>> from denseloop.neural_network import MLPGroupsRegressor
        >>> X, y, shops = [[0.0], [1.0], [0.0], [1.0]], [0, 1, 5, 3], ["a", "a", "b", "b"]
        >>> regressor = MLPGroupsRegressor((), solver="lm", alpha=0, random_state=0)
        >>> network = regressor.fit(X, y, groups=shops).network("b")
        >>> network.weights[0].round(4), network.biases[0].round(4)
        (array([[-2.]]), array([5.]))
        """
        check_is_fitted(self, "parameters_")
        values = None if group is None else read_groups([group])
        parameters, chosen = self._parameters_of(values)
        network = deepcopy(self._first)
        network.parameters[...] = parameters[chosen[0]]
        return network

    def _outputs(self, X, groups):
        """Return the outputs (n_samples, n_outputs) of each sample's network."""
        check_is_fitted(self, "parameters_")
        X, groups = read_inputs(self, X, groups, {"dtype": self.parameters_.dtype})
        rows = find_rows(groups, len(X))
        parameters, chosen = self._parameters_of(rows.values)
        return outputs_of(self._first, parameters, chosen, X, rows)

    def _parameters_of(self, values):
        """Return an array (n_networks, n_parameters), and the row of it for each of the groups."""
        if (values is None) != (self.groups_ is None):
            had, got = ("none", "some") if self.groups_ is None else ("some", "none")
            raise ValueError(f"groups must be as in the training, which had {had}, got {got}")
        if values is None:
            return self.parameters_, np.zeros(1, np.intp)
        chosen = find_groups(self.groups_, values)
        unseen = values[chosen < 0]
        if not len(unseen):
            return self.parameters_, chosen
        if self.pooled_parameters_ is None:
            raise ValueError(
                f"groups must be among the {len(self.groups_)} of the training, got "
                f"{len(unseen)} others: {named(unseen)}; fit with unseen='pooled' to have a "
                f"network for them"
            )
        known = chosen >= 0
        parameters = np.vstack([self.parameters_[chosen[known]], self.pooled_parameters_])
        # The last one is the pooled network's.
        return parameters, np.where(known, np.cumsum(known) - 1, len(parameters) - 1)

    def _first_network(self, n_inputs, n_outputs, dtype):
        """Return the network that all groups start from: scikit-learn's for this random_state."""
        hidden, activation = hidden_layer_sizes(self), self.activation
        names = [activation] if isinstance(activation, str) else list(activation or ["relu"])
        sizes = [n_inputs, *hidden, n_outputs]
        random = check_random_state(self.random_state)
        weights, biases = [], []
        for k, fans in enumerate(zip(sizes, sizes[1:])):
            is_sigmoid = names[min(k, len(names) - 1)] in ("logistic", "sigmoid")
            bound = np.sqrt((2.0 if is_sigmoid else 6.0) / sum(fans))
            weights.append(random.uniform(-bound, bound, fans).astype(dtype))
            biases.append(random.uniform(-bound, bound, fans[1]).astype(dtype))
        return Network(
            sizes,
            activation=activation if isinstance(activation, str) else list(activation),
            output_activation=self._output_activation,
            dtype=dtype,
            weights=weights,
            biases=biases,
            seed=int(random.randint(2**31 - 1)),  # of the orders of the samples
        )

    def _training(self):
        """Return what all groups are trained with."""
        descends = self.solver in ("sgd", "adam", "rprop")
        stopping = None
        if descends and self.n_iter_no_change < np.inf:
            # Scikit-learn stops after one epoch more.
            stopping = EarlyStopping(
                patience=int(self.n_iter_no_change) + 1, tolerance=float(self.tol)
            )
        batches = self.solver in ("sgd", "adam")
        size = AUTO_BATCH if self.batch_size == "auto" else self.batch_size
        return Training(
            optimizer=self._optimizer(),
            loss=self._network_loss,
            l2=float(self.alpha),
            epochs=self.max_iter,
            batch_size=size if batches else sys.maxsize,
            shuffle=self.shuffle and batches,
            stopping=stopping,
        )

    def _optimizer(self):
        rate, tolerance = float(self.learning_rate_init), float(self.tol)
        if self.solver == "sgd":
            momentum = float(self.momentum)
            nesterov = bool(self.nesterovs_momentum) and momentum > 0
            return optimizers.GradientDescent(rate, momentum=momentum, nesterov=nesterov)
        if self.solver == "adam":
            numbers = {name: float(getattr(self, name)) for name in ("beta_1", "beta_2", "epsilon")}
            return optimizers.Adam(rate, **numbers)
        if self.solver == "rprop":
            return optimizers.RPROP()
        if self.solver == "lm":
            return optimizers.LevenbergMarquardt(gradient_tolerance=tolerance)
        return optimizers.LBFGS(gradient_tolerance=tolerance)

    def _warn(self, trained, values):
        """Warn of the groups whose trainings diverged or reached `max_iter`."""
        counted = {
            name: np.flatnonzero(trained.endings == name) for name in ("divergence", "epochs")
        }
        for name, which in counted.items():
            if not len(which):
                continue
            groups = "the fit" if values is None else f"{len(which)} of {len(values)} groups"
            names = "" if values is None else f" ({named(values[which])})"
            if name == "divergence":
                warn(
                    f"{groups} stopped before numbers that are not finite{names}; scale X and y, "
                    f"or lower learning_rate_init={self.learning_rate_init!r}",
                    DivergenceWarning,
                )
            else:
                warn(
                    f"{groups} reached max_iter={self.max_iter} and might not have "
                    f"converged{names}",
                    ConvergenceWarning,
                )


def require_weights(rows, sample_weight):
    """Raise a ValueError for groups whose weights are all 0."""
    sums = np.add.reduceat(rows.sorted(sample_weight), rows.starts[:-1])
    empty = np.flatnonzero(sums == 0)
    if len(empty):
        of = "" if rows.values is None else f" in the groups {named(rows.values[empty])}"
        raise ValueError(f"sample_weight must not be all 0 in any group, got only 0{of}")
