"""The classifier with a network for each group."""

from __future__ import annotations  # which help() shows as they are written

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.multiclass import check_classification_targets

from denseloop.neural_network._groups import GroupsPerceptron
from denseloop.neural_network._scikit_learn import StrOptions
from denseloop.neural_network._types import Activations, BatchSize, ClassifierSolver, Random, Sizes

__all__ = ["MLPGroupsClassifier"]


class MLPGroupsClassifier(ClassifierMixin, GroupsPerceptron):
    """A perceptron for each group of the samples: for each shop, sensor or person, say.

    It fits as many classifiers as there are groups in `groups` or in a column of X, in one call of
    the core. Each minimizes the mean log loss of its own rows as `MLPClassifier` would. All have
    the classes of all rows; a group that lacks some of them learns that they are unlikely.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, or int, default (8,)
        Widths of the hidden layers; an empty sequence makes a network without any. Scikit-learn's
        (100,) would have more parameters than most groups have numbers, and 12 times the memory.
    activation : str or list of str, default "relu"
        As of `MLPClassifier`.
    solver : {"adam", "sgd", "rprop", "lbfgs"}, default "adam"
        As of `MLPClassifier`. "lbfgs" trains one group after another, its
        steps driven by Python.
    alpha : float, default 0.0001
        Strength of the L2 penalty: half of it times the sum of the squared weights is added to the
        summed loss of a batch before its mean is taken.
    batch_size : int or "auto", default "auto"
        Number of samples per update of "sgd" and "adam"; "auto" is 200. A group with fewer samples
        is one batch.
    learning_rate_init : float, default 0.01
        Learning rate of "sgd" and "adam". It is 10 times scikit-learn's, since a small group has
        one update in an epoch.
    max_iter : int, default 200
        Largest number of epochs, or of iterations of "lbfgs".
    shuffle : bool, default True
        Whether "sgd" and "adam" take a group's samples in a new order in each epoch.
    random_state : int, RandomState instance or None, default None
        Seed or generator of the initial weights, which all groups share.
    tol : float, default 1e-4
        Least improvement of a group's loss that counts as progress; for "lbfgs" the
        largest derivative at convergence.
    momentum : float, default 0.9
        Momentum of "sgd", from 0 to 1.
    nesterovs_momentum : bool, default True
        Whether "sgd" uses Nesterov's momentum.
    beta_1, beta_2 : float, default 0.9 and 0.999
        Decay rates of Adam's averages of the gradient and of its square, below 1.
    epsilon : float, default 1e-8
        Number that Adam adds to the denominator of its steps.
    n_iter_no_change : int, default 10
        Number of epochs in a row without progress after which one more stops a group's training.
    group_column : int or str, default None
        Index of the column of X that has the groups, or its name in a pandas DataFrame. It is not
        a feature. Give `groups` to no method then.
    unseen : {"error", "pooled"}, default "error"
        What predictions do for groups that were not in the training: raise an error, or use a
        network that was trained on all rows.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Classes in ascending order.
    groups_ : ndarray of shape (n_groups,) or None
        Groups in ascending order; None if all samples are one.
    parameters_ : ndarray of shape (n_groups, n_parameters)
        Parameters of each group's network, in the order of `Network.parameters`.
    pooled_parameters_ : ndarray of shape (n_parameters,) or None
        Those of the network for unseen groups.
    losses_ : ndarray of shape (n_groups,)
        Loss of each group's last epoch.
    n_iter_ : ndarray of shape (n_groups,)
        Number of epochs, or iterations, of each group.
    n_features_in_, feature_names_in_
        As in scikit-learn; with the `group_column`.

    Raises
    ------
    ValueError, TypeError
        By `fit`, for invalid parameters, samples, groups or weights.

    Notes
    -----
    All networks start from the weights that `MLPClassifier` has for `random_state`. A group of
    at most `batch_size` samples then gets that estimator's numbers but for rounding, as in a loop
    over the groups. In larger groups "sgd" and "adam" take other batches, in an order that
    `random_state` decides too. So a group's model depends on its own rows and `random_state` alone:
    it has the bits of ``Network.train(X, y, reduction="mean", l2=alpha, ...)`` for these rows in
    their order, whatever other groups there are and however many threads. A fitted group takes
    n_parameters numbers of the dtype of X and 24 bytes: 480 bytes for 5 features and one output
    in float64. While it trains, 512 groups at a time have optimizer states and histories. To
    begin and end a group's training takes about 10 us, and to predict its rows less than 1 us.

    `groups` of `fit`, `predict` and `score` are routed if `set_fit_request`,
    `set_predict_request` and `set_score_request` ask for it. Scikit-learn gives scorers no groups
    to predict with, other than the default one: a `group_column` goes with all of them.

    Examples
    --------
    >>> import numpy as np
    >>> from denseloop.neural_network import MLPGroupsClassifier
    >>> random = np.random.default_rng(0)
    >>> X, shops = random.uniform(-1, 1, (900, 1)), random.integers(0, 30, 900)
    >>> y = np.where(X[:, 0] > (shops - 15) / 20, "more", "less")
    >>> classifier = MLPGroupsClassifier(solver="rprop", random_state=0)
    >>> classifier.fit(X, y, groups=shops).score(X, y, groups=shops) > 0.97
    True
    """

    __module__ = "denseloop.neural_network"

    _file_kind = "MLPGroupsClassifier"
    _parameter_constraints = {
        **GroupsPerceptron._parameter_constraints,
        "solver": [StrOptions({"lbfgs", "sgd", "adam", "rprop"})],
    }
    _target_checks: ClassVar[dict[str, bool]] = {}

    classes_: np.ndarray

    def __init__(
        self,
        hidden_layer_sizes: Sizes = (8,),
        activation: Activations = "relu",
        *,
        solver: ClassifierSolver = "adam",
        alpha: float = 0.0001,
        batch_size: BatchSize = "auto",
        learning_rate_init: float = 0.01,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Random = None,
        tol: float = 1e-4,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int | float = 10,
        group_column: int | str | None = None,
        unseen: Literal["error", "pooled"] = "error",
    ) -> None:
        super().__init__(
            hidden_layer_sizes=hidden_layer_sizes,
            activation=activation,
            solver=solver,
            alpha=alpha,
            batch_size=batch_size,
            learning_rate_init=learning_rate_init,
            max_iter=max_iter,
            shuffle=shuffle,
            random_state=random_state,
            tol=tol,
            momentum=momentum,
            nesterovs_momentum=nesterovs_momentum,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            n_iter_no_change=n_iter_no_change,
            group_column=group_column,
            unseen=unseen,
        )

    def predict(self, X: ArrayLike, groups: ArrayLike | None = None) -> np.ndarray:
        """Return the likeliest class of each sample, by its group's network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples, with the `group_column` if there is one.
        groups : array-like of shape (n_samples,), default=None
            Group of each sample, if `fit` was given groups.

        Returns
        -------
        ndarray of shape (n_samples,)
            Class labels.

        Raises
        ------
        ValueError
            If `X` or `groups` is not as described, or for unseen groups, unless they are "pooled".

        Examples
        --------
        >>> from denseloop.neural_network import MLPGroupsClassifier
        >>> X, y = [[0.0], [1.0], [0.0], [1.0]], ["no", "yes", "yes", "no"]
        >>> shops = ["a", "a", "b", "b"]
        >>> classifier = MLPGroupsClassifier((), solver="rprop", alpha=0, random_state=0)
        >>> classifier = classifier.fit(X, y, groups=shops)
        >>> classifier.predict([[2.0], [2.0]], groups=["b", "a"]).tolist()
        ['no', 'yes']
        """
        probabilities = self.predict_proba(X, groups)
        return self.classes_[probabilities.argmax(axis=1)]

    def predict_proba(self, X: ArrayLike, groups: ArrayLike | None = None) -> np.ndarray:
        """Return the probabilities of the classes, by the network of each sample's group.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples, with the `group_column` if there is one.
        groups : array-like of shape (n_samples,), default=None
            Group of each sample, if `fit` was given groups.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`.

        Raises
        ------
        ValueError
            As `predict` does.

        Examples
        --------
        >>> from denseloop.neural_network import MLPGroupsClassifier
        >>> X, y = [[0.0], [1.0], [0.0], [1.0]], ["no", "yes", "yes", "no"]
        >>> shops = ["a", "a", "b", "b"]
        >>> classifier = MLPGroupsClassifier((), solver="rprop", alpha=0, random_state=0)
        >>> classifier = classifier.fit(X, y, groups=shops)
        >>> classifier.predict_proba([[1.0]], groups=["b"]).round(2)
        array([[1., 0.]])
        """
        outputs = self._outputs(X, groups)
        if len(self.classes_) > 2:
            return outputs
        if len(self.classes_) == 1:
            return np.ones_like(outputs)
        return np.hstack([1 - outputs, outputs])

    def score(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the accuracy over all samples.

        Parameters
        ----------
        X, groups
            As for `predict`.
        y : array-like of shape (n_samples,)
            True labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        float

        Examples
        --------
        >>> from denseloop.neural_network import MLPGroupsClassifier
        >>> X, y = [[0.0], [1.0], [0.0], [1.0]], ["no", "yes", "yes", "no"]
        >>> shops = ["a", "a", "b", "b"]
        >>> classifier = MLPGroupsClassifier((), solver="rprop", alpha=0, random_state=0)
        >>> classifier = classifier.fit(X, y, groups=shops)
        >>> classifier.score(X, y, groups=shops)
        1.0
        """
        return accuracy_score(y, self.predict(X, groups), sample_weight=sample_weight)

    @property
    def _output_activation(self):
        return "softmax" if len(self.classes_) > 2 else "sigmoid"

    @property
    def _network_loss(self):
        return "cross_entropy" if len(self.classes_) > 2 else "binary_cross_entropy"

    def _targets(self, y, dtype):
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) > 2:
            return np.eye(len(self.classes_), dtype=dtype)[numbers]
        return numbers[:, None].astype(dtype)
