"""The classifier."""

import numpy as np
from scipy.sparse import issparse
from sklearn import neural_network as scikit_learn
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
from sklearn.utils.validation import check_is_fitted, validate_data

from denseloop.neural_network._perceptron import Perceptron
from denseloop.neural_network._scikit_learn import StrOptions

__all__ = ["MLPClassifier"]


class MLPClassifier(Perceptron, scikit_learn.MLPClassifier):
    """scikit-learn's ``MLPClassifier`` with denseloop's training and prediction.

    It takes the same parameters, and for one `random_state` starts from the same weights, takes the
    same batches in the same order, and gives the same numbers but for rounding. What it has beside:
    a list of activations, `class_weight`, `stopping_criterion`, the solver "rprop", and `eval_set`
    in `fit`.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, or int, default (100,)
        Widths of the hidden layers; none of them is allowed.
    activation : {"identity", "logistic", "tanh", "relu"} or list of them, default "relu"
        Of the hidden layers: one for all, or one for each.
    solver : {"adam", "sgd", "lbfgs", "rprop"}, default "adam"
        Stochastic gradient descent with momentum, Adam, L-BFGS by SciPy, or resilient propagation
        (`denseloop.RPROP`).
    alpha : float, default 0.0001
        L2 penalty: half of it times the sum of the squared weights is added to the loss of each
        batch's samples, before their mean is taken.
    batch_size : int or "auto", default "auto"
        Samples to an update of "sgd" and "adam"; "auto" is 200, or all if there are fewer.
    learning_rate : {"constant", "invscaling", "adaptive"}, default "constant"
        Of "sgd": `learning_rate_init`, that over the number of samples seen to the power of
        `power_t`, or divided by 5 whenever training would stop, until it is at most 1e-6.
    learning_rate_init : float, default 0.001
    power_t : float, default 0.5
    max_iter : int, default 200
        At most so many epochs, or iterations of "lbfgs".
    shuffle : bool, default True
        Whether "sgd" and "adam" take the samples in a new order in each epoch.
    random_state : int, RandomState instance or None, default None
        Of the initial weights, the samples held out and the orders.
    tol : float, default 1e-4
        What the watched loss or score must gain to count as progress; for "lbfgs" the largest
        derivative at which they end.
    verbose : bool, default False
        Whether to print the loss of each epoch; not for "lbfgs".
    warm_start : bool, default False
        Whether `fit` goes on from the parameters of the last fit.
    momentum : float, default 0.9
        Of "sgd".
    nesterovs_momentum : bool, default True
    early_stopping : bool, default False
        Whether to hold out `validation_fraction` of the samples, stop when they say so, and restore
        the best parameters. Not for "lbfgs".
    validation_fraction : float, default 0.1
    beta_1, beta_2, epsilon : float, default 0.9, 0.999 and 1e-8
        Of "adam".
    n_iter_no_change : int, default 10
        Training stops after more than so many epochs in a row without progress.
    max_fun : int, default 15000
        At most so many passes over the samples by "lbfgs".
    class_weight : dict, list of dict, "balanced" or None, default None
        Weights of the classes, which the sample weights are multiplied by; "balanced" makes all
        classes count the same. A list is for several outputs.
    stopping_criterion : {"score", "loss"}, default "score"
        What `early_stopping` watches: the accuracy or the loss.

    Attributes
    ----------
    classes_ : ndarray, or list of ndarray
    loss_, loss_curve_, best_loss_
        The loss of the last epoch, of each, and the lowest; the last two are not made by "lbfgs".
    validation_scores_, best_validation_score_
        With `early_stopping` by the score: the accuracy of the samples held out or given.
    validation_loss_curve_ : list
        Their loss after each epoch, or that of the `eval_set`; empty without either.
    best_validation_loss_ : float
        The lowest of them, if they were watched.
    coefs_, intercepts_ : list of ndarray
        Of each layer: (fan_in, fan_out) and (fan_out,). They may be changed in place.
    n_iter_, t_ : int
        The epochs of the last fit, and how many samples all fits have seen.
    n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_
        As in scikit-learn.

    Raises
    ------
    ValueError, TypeError
        By `fit`, as scikit-learn does.

    Notes
    -----
    Very sparse matrices, for which a sparse product takes less time than a dense one, are left to
    scikit-learn's own loop; where something is asked for that it has not, they are made dense.
    Negative sample weights are refused; a batch whose weights are all 0 changes nothing. "lbfgs"
    computes in float64, whatever X has. The samples of an `eval_set` count
    with their own weights only, and no pipeline transforms them. As many threads
    are used as the process may keep busy, at most OMP_NUM_THREADS.

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

    _parameter_constraints = {
        **scikit_learn.MLPClassifier._parameter_constraints,
        "activation": [StrOptions({"identity", "logistic", "tanh", "relu"}), list, tuple],
        "solver": [StrOptions({"lbfgs", "sgd", "adam", "rprop"})],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
        "stopping_criterion": [StrOptions({"score", "loss"})],
    }

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        class_weight=None,
        stopping_criterion="score",
    ):
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

    def _validate_input(self, X, y, incremental, reset):
        plain = isinstance(y, np.ndarray) and y.ndim == 1 and y.dtype.kind in "iu"
        if plain and incremental:
            plain = len(y) > 0 and np.isin(y, self.classes_).all()
        if self.warm_start or not plain:
            return super()._validate_input(X, y, incremental, reset)
        # The same for the usual labels, whose indicators take a tenth of the time so.
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], dtype=(np.float64, np.float32), reset=reset
        )
        if not incremental:
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        shown = self.classes_ if len(self.classes_) > 2 else self.classes_[1:]
        return X, y[:, None] == shown if len(shown) else np.zeros((len(y), 1), bool)

    def _weighted_by_class(self, labels, sample_weight, incremental):
        """The weights times those of the classes."""
        weights, labels = self.class_weight, np.asarray(labels)
        if weights is None:
            return sample_weight
        if incremental and weights == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported for partial_fit, which does not see all "
                "samples; give it the weights as a dict"
            )
        if incremental and isinstance(weights, dict):  # these samples may lack some of the classes
            of_classes = compute_class_weight(weights, classes=self.classes_, y=labels)
            weights = dict(zip(self.classes_, of_classes))
        weight = compute_sample_weight(weights, labels)
        return weight if sample_weight is None else weight * sample_weight

    def predict(self, X):
        """The classes of some samples.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)

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

    def _predict(self, X, check_input=True):
        outputs = self._forward_pass_fast(X, check_input=check_input)
        # What the label binarizer does, without its checks.
        if self.out_activation_ == "softmax":
            return self.classes_[outputs.argmax(axis=1)]
        if self._label_binarizer.y_type_ == "binary" and len(self.classes_) == 2:
            return self.classes_[(outputs.ravel() > 0.5).astype(np.intp)]
        if self.n_outputs_ == 1:
            outputs = outputs.ravel()
        return self._label_binarizer.inverse_transform(outputs)

    def _score(self, X, y, sample_weight=None):
        """The accuracy, of samples that have been checked: a fit asks for it in each epoch."""
        predicted = self._predict(X, check_input=False)
        if issparse(predicted) or issparse(y):
            return accuracy_score(y, predicted, sample_weight=sample_weight)
        right = predicted == y
        return float(
            np.average(right if right.ndim == 1 else right.all(axis=1), weights=sample_weight)
        )
