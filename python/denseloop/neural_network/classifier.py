"""The classifier."""

from __future__ import annotations  # which help() shows as they are written

import numpy as np
from scipy.sparse import issparse
from sklearn import neural_network as scikit_learn
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.validation import check_is_fitted, validate_data

from denseloop._sums.means import weighted_means
from denseloop._types import MatrixLike
from denseloop.neural_network import _prediction
from denseloop.neural_network._labels import (
    binarizes_plainly,
    class_weighted,
    indicators,
    labels_of,
)
from denseloop.neural_network._parameters import SHARED_CONSTRAINTS
from denseloop.neural_network._perceptron import Perceptron
from denseloop.neural_network._scikit_learn import StrOptions
from denseloop.neural_network._scores import are_right
from denseloop.neural_network._types import (
    Activations,
    BatchSize,
    ClassifierSolver,
    ClassWeight,
    Random,
    RateSchedule,
    Sizes,
    StoppingCriterion,
)
from denseloop.neural_network._validation import is_valid

__all__ = ["MLPClassifier"]


class MLPClassifier(Perceptron, scikit_learn.MLPClassifier):
    """Scikit-learn's ``MLPClassifier`` with denseloop's training and prediction.

    It takes the same parameters. For a given `random_state` it starts from the same weights, takes
    the same batches in the same order and gives the same numbers but for rounding. In addition it
    has a list of activations, `class_weight`, `stopping_criterion`, the solver "rprop", and
    `eval_set` and `progress` in `fit`, and `jacobian`.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, or int, default (100,)
        Widths of the hidden layers; an empty sequence makes a network without any.
    activation : str or list of str, default "relu"
        Activation of the hidden layers: "identity", "logistic" (or "sigmoid"), "tanh", "relu" or
        the name of another hidden activation of `denseloop.Network`; one for all layers, or a list
        of one per layer.
    solver : {"adam", "sgd", "lbfgs", "rprop"}, default "adam"
        Optimizer: Adam, stochastic gradient descent with momentum, L-BFGS by SciPy, or resilient
        propagation (`denseloop.RPROP`).
    alpha : float, default 0.0001
        Strength of the L2 penalty: half of it times the sum of the squared weights is added to the
        summed loss of a batch before its mean is taken.
    batch_size : int or "auto", default "auto"
        Number of samples per update of "sgd" and "adam"; "auto" is 200, or all samples if there are
        fewer.
    learning_rate : {"constant", "invscaling", "adaptive"}, default "constant"
        Schedule of the learning rate of "sgd": always `learning_rate_init`; that divided by the
        number of samples seen to the power of `power_t`; or divided by 5 whenever training would
        stop, until it is at most 1e-6.
    learning_rate_init : float, default 0.001
        Initial learning rate of "sgd" and "adam".
    power_t : float, default 0.5
        Exponent of learning_rate="invscaling".
    max_iter : int, default 200
        Largest number of epochs, or of iterations of "lbfgs".
    shuffle : bool, default True
        Whether "sgd" and "adam" take the samples in a new order in each epoch.
    random_state : int, RandomState instance or None, default None
        Seed or generator of the initial weights, the validation split and the sample orders.
    tol : float, default 1e-4
        Least improvement of the loss or score that counts as progress; for "lbfgs" the largest
        derivative at convergence.
    verbose : bool, default False
        Whether to print the loss of each epoch; not for "lbfgs".
    warm_start : bool, default False
        Whether `fit` continues from the parameters of the last fit.
    momentum : float, default 0.9
        Momentum of "sgd", from 0 to 1.
    nesterovs_momentum : bool, default True
        Whether "sgd" uses Nesterov's momentum.
    early_stopping : bool, default False
        Whether to hold out `validation_fraction` of the samples, stop when their score or loss no
        longer improves, and restore the best parameters. Not for "lbfgs".
    validation_fraction : float, default 0.1
        Share of the samples that `early_stopping` holds out, below 1.
    beta_1, beta_2 : float, default 0.9 and 0.999
        Decay rates of Adam's averages of the gradient and of its square, below 1.
    epsilon : float, default 1e-8
        Number that Adam adds to the denominator of its steps.
    n_iter_no_change : int, default 10
        Number of epochs in a row without progress after which one more stops the training.
    max_fun : int, default 15000
        Largest number of loss evaluations by "lbfgs".
    class_weight : dict, list of dict, "balanced" or None, default None
        Weights of the classes, by which the sample weights are multiplied; "balanced" gives all
        classes the same total weight. A list is for several outputs.
    stopping_criterion : {"score", "loss"}, default "score"
        What `early_stopping` watches: the accuracy or the loss.
    n_restarts : int, default 1
        Number of fits from different initial weights, of which `fit` keeps the best: that of the
        lowest `loss_`, or of the best validation score or loss with `early_stopping`. The first is
        the fit without restarts. Each further one draws its weights and orders where the one before
        has left the generator, and has the same validation samples. One that diverges is passed
        over. Not with `warm_start`; `partial_fit` does not heed it.

    Attributes
    ----------
    classes_ : ndarray, or list of ndarray
        Class labels.
    loss_ : float
        Loss of the last epoch; for "lm" that of the fitted weights, after the last step.
    loss_curve_ : list of float
        Loss of each epoch; not for "lbfgs".
    best_loss_ : float or None
        Lowest loss of an epoch; None with `early_stopping`, and not for "lbfgs".
    validation_scores_ : list of float or None
        Accuracy of the validation samples after each epoch, with `early_stopping` by the score.
    best_validation_score_ : float or None
        Highest of these scores.
    validation_loss_curve_ : list of float
        Loss of the validation samples after each epoch; empty without any.
    best_validation_loss_ : float
        Lowest validation loss, with `early_stopping` by the loss.
    evals_result_ : dict
        Curves of the last fit's validation sets, if `eval_set` was a list, otherwise empty:
        ``{"validation_0": {"loss": [...], "accuracy": [...]}, "validation_1": ...}``, with a number
        for each of the `n_iter_` epochs.
    coefs_ : list of ndarray of shape (fan_in, fan_out)
        Weights of each layer. They may be changed in place, or replaced by whatever NumPy
        multiplies: arrays of another dtype, or SciPy's sparse arrays.
    intercepts_ : list of ndarray of shape (fan_out,)
        Biases of each layer. They may be changed in place, or replaced by whatever NumPy adds.
    n_iter_ : int
        Number of epochs of the last fit.
    t_ : int
        Number of samples that all fits have seen.
    n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_
        As in scikit-learn.

    Raises
    ------
    ValueError, TypeError
        By `fit`, as scikit-learn does, and for an override that cannot go with an option.

    Notes
    -----
    Sparse samples stay sparse, and give the bits of dense ones. Numbers so large that
    their squares overflow, which trains little, are fitted by scikit-learn's own loop: scale them.
    Negative sample weights are refused; a batch whose weights are all 0 changes nothing. Losses are
    scikit-learn's to 1e-9 from float64 samples, and to some 1e-7 from float32 ones. "lbfgs"
    computes in float64, for any dtype of X; its line searches amplify rounding differences, so that
    after some tens of iterations it may have found another minimum than scikit-learn's. The samples
    of an `eval_set` count with their own weights only, and no pipeline transforms them. Training
    and prediction use as many threads as `Network.train` does by default: one in a thread of
    joblib.

    Scikit-learn's own loop makes the fit, and the logger "denseloop" says so, if a part of it is
    overridden or replaced: a method such as `_backprop`, or an entry of its table of activations.
    What scikit-learn lacks is then refused.

    Examples
    --------
    >>> from denseloop.neural_network import MLPClassifier
    >>> from sklearn.datasets import make_moons
    >>> X, y = make_moons(200, noise=0.1, random_state=0)
    >>> classifier = MLPClassifier((16, 16), learning_rate_init=0.03, max_iter=500, random_state=0)
    >>> classifier.fit(X, y).score(X, y)
    1.0
    """

    __module__ = "denseloop.neural_network"

    _file_kind = "MLPClassifier"
    _parameter_constraints = {
        **scikit_learn.MLPClassifier._parameter_constraints,
        **SHARED_CONSTRAINTS,
        "solver": [StrOptions({"lbfgs", "sgd", "adam", "rprop"})],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
    }

    classes_: np.ndarray | list[np.ndarray]

    def __init__(
        self,
        hidden_layer_sizes: Sizes = (100,),
        activation: Activations = "relu",
        *,
        solver: ClassifierSolver = "adam",
        alpha: float = 0.0001,
        batch_size: BatchSize = "auto",
        learning_rate: RateSchedule = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Random = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int | float = 10,
        max_fun: int = 15000,
        class_weight: ClassWeight | list[ClassWeight] = None,
        stopping_criterion: StoppingCriterion = "score",
        n_restarts: int = 1,
    ) -> None:
        super().__init__(
            hidden_layer_sizes,
            activation,
            solver=solver,
            alpha=alpha,
            batch_size=batch_size,
            learning_rate=learning_rate,
            learning_rate_init=learning_rate_init,
            power_t=power_t,
            max_iter=max_iter,
            shuffle=shuffle,
            random_state=random_state,
            tol=tol,
            verbose=verbose,
            warm_start=warm_start,
            momentum=momentum,
            nesterovs_momentum=nesterovs_momentum,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            n_iter_no_change=n_iter_no_change,
            max_fun=max_fun,
        )
        self.class_weight = class_weight
        self.stopping_criterion = stopping_criterion
        self.n_restarts = n_restarts

    def _validate_input(self, X, y, incremental, reset):
        plain = type(y) is np.ndarray and y.ndim == 1 and y.dtype.kind in "iu"
        if plain and incremental:
            plain = len(y) > 0 and binarizes_plainly(self)
            plain = plain and (y[:, None] == self.classes_).any(axis=1).all()
        if self.warm_start or not plain:
            return super()._validate_input(X, y, incremental, reset)
        # Integer labels need no LabelBinarizer.transform, which takes ten times as long as this.
        if reset or not (is_valid(self, X) and len(X) == len(y)):
            X, y = validate_data(
                *(self, X, y),
                accept_sparse=["csr", "csc"],
                dtype=(np.float64, np.float32),
                reset=reset,
            )
        if not incremental:
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        return X, indicators(y, self.classes_)

    def _apply_class_weight(self, labels, sample_weight, incremental):
        """Return the sample weights times the class weights, or None if there are neither."""
        return class_weighted(self, labels, sample_weight, incremental)

    def predict(self, X: MatrixLike) -> np.ndarray:
        """Return the predicted classes of `X`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            Class labels, or indicators if `fit` was given indicators.

        Examples
        --------
        >>> from denseloop.neural_network import MLPClassifier
        >>> classifier = MLPClassifier(solver="lbfgs", random_state=0)
        >>> classifier.fit([[0.0], [1.0]], ["no", "yes"]).predict([[0.9]])
        array(['yes'], dtype='<U3')
        """
        if not hasattr(self, "coefs_"):
            check_is_fitted(self)
        return self._predict(X)

    def jacobian(self, X: MatrixLike) -> np.ndarray:
        """Return the derivatives of the probabilities by the inputs, sample by sample.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples, n_classes, n_features)
            Derivatives of the columns of `predict_proba`, in its dtype. For two classes, the
            first column's are those of the second times -1.

        Raises
        ------
        ValueError, TypeError
            If `X` is not as described.
        NotFittedError
            Before the first fit.

        Examples
        --------
        >>> from denseloop.neural_network import MLPClassifier
        >>> classifier = MLPClassifier(hidden_layer_sizes=(), solver="lbfgs", random_state=0)
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["no", "yes", "no", "yes"]
        >>> classifier.fit(X, y).jacobian([[1.5]]).round(2)
        array([[[-0.23],
                [ 0.23]]])
        """
        check_is_fitted(self)
        derivatives = _prediction.jacobian(self, X)
        if self.n_outputs_ > 1:
            return derivatives
        return np.concatenate([-derivatives, derivatives], axis=1)

    def _predict(self, X, check_input=True):
        outputs = self._forward_pass_fast(X, check_input=check_input)
        if self.n_outputs_ == 1:
            outputs = outputs.ravel()
        return labels_of(self._label_binarizer, outputs)

    def _score(self, X, y, sample_weight=None):
        """Return the accuracy without checking X and y: a fit calls this in each epoch."""
        if self._by_scikit_learn:
            return super()._score(X, y, sample_weight=sample_weight)
        predicted = self._predict(X, check_input=False)
        if issparse(predicted) or issparse(y):
            return accuracy_score(y, predicted, sample_weight=sample_weight)
        return float(weighted_means(are_right(predicted, y), sample_weight)[0])
