"""The regressor."""

import numpy as np
from sklearn import neural_network as scikit_learn
from sklearn.utils.validation import check_is_fitted

from denseloop.losses import Huber, Quantile
from denseloop.neural_network._perceptron import Perceptron
from denseloop.neural_network._scikit_learn import StrOptions

__all__ = ["MLPRegressor"]


class MLPRegressor(Perceptron, scikit_learn.MLPRegressor):
    """scikit-learn's ``MLPRegressor`` with denseloop's training and prediction.

    It takes the same parameters, and for one `random_state` starts from the same weights, takes the
    same batches in the same order, and gives the same numbers but for rounding. What it has beside:
    more losses, a list of activations, `stopping_criterion`, the solvers "rprop" and "lm", and
    `eval_set` in `fit`.

    Parameters
    ----------
    loss : str, Huber or Quantile, default "squared_error"
        "squared_error" (half of it, as in scikit-learn), "poisson" with exponential outputs, or
        "absolute_error"; `denseloop.Huber` or `denseloop.Quantile`, or "huber" and "quantile" for
        ``Huber(1.0)`` and ``Quantile(0.5)``. Of several outputs, scikit-learn's squared error is
        their mean where it is reported, but their sum where it is minimized.
    hidden_layer_sizes : sequence of int, or int, default (100,)
        Widths of the hidden layers; none of them is allowed.
    activation : {"identity", "logistic", "tanh", "relu"} or list of them, default "relu"
        Of the hidden layers: one for all, or one for each.
    solver : {"adam", "sgd", "lbfgs", "rprop", "lm"}, default "adam"
        Stochastic gradient descent with momentum, Adam, L-BFGS by SciPy, resilient propagation
        (`denseloop.RPROP`), or `denseloop.LevenbergMarquardt`, which is for squared errors and up
        to 5000 parameters, and reports the sum over the outputs.
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
        At most so many epochs, or iterations of "lbfgs" and "lm".
    shuffle : bool, default True
        Whether "sgd" and "adam" take the samples in a new order in each epoch.
    random_state : int, RandomState instance or None, default None
        Of the initial weights, the samples held out and the orders.
    tol : float, default 1e-4
        What the watched loss or score must gain to count as progress; for "lbfgs" and "lm" the
        largest derivative at which they end.
    verbose : bool, default False
        Whether to print the loss of each epoch; not for "lbfgs" and "lm".
    warm_start : bool, default False
        Whether `fit` goes on from the parameters of the last fit.
    momentum : float, default 0.9
        Of "sgd".
    nesterovs_momentum : bool, default True
    early_stopping : bool, default False
        Whether to hold out `validation_fraction` of the samples, stop when they say so, and restore
        the best parameters. Not for "lbfgs" and "lm".
    validation_fraction : float, default 0.1
    beta_1, beta_2, epsilon : float, default 0.9, 0.999 and 1e-8
        Of "adam".
    n_iter_no_change : int, default 10
        Training stops after more than so many epochs in a row without progress.
    max_fun : int, default 15000
        At most so many passes over the samples by "lbfgs".
    stopping_criterion : {"score", "loss"}, default "score"
        What `early_stopping` watches: the coefficient of determination R2 or the loss.

    Attributes
    ----------
    loss_, loss_curve_, best_loss_
        The loss of the last epoch, of each, and the lowest; the last two are not made by "lbfgs".
    validation_scores_, best_validation_score_
        With `early_stopping` by the score: R2 of the samples held out or given.
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
    computes in float64, whatever X has. No pipeline transforms the samples of
    an `eval_set`. As many threads
    are used as the process may keep busy, at most OMP_NUM_THREADS.

    Examples
    --------
    >>> from denseloop.neural_network import MLPRegressor
    >>> X = np.linspace(-1, 1, 50).reshape(-1, 1)
    >>> y = np.sin(3 * X).ravel()
    >>> regressor = MLPRegressor(activation="tanh", solver="lm", alpha=1e-6, random_state=0)
    >>> round(regressor.set_params(hidden_layer_sizes=8).fit(X, y).score(X, y), 4)
    1.0
    """

    __module__ = "denseloop.neural_network"

    _parameter_constraints = {
        **scikit_learn.MLPRegressor._parameter_constraints,
        "loss": [
            StrOptions({"squared_error", "poisson", "absolute_error", "huber", "quantile"}),
            Huber,
            Quantile,
        ],
        "activation": [StrOptions({"identity", "logistic", "tanh", "relu"}), list, tuple],
        "solver": [StrOptions({"lbfgs", "sgd", "adam", "rprop", "lm"})],
        "stopping_criterion": [StrOptions({"score", "loss"})],
    }

    def __init__(
        self,
        loss="squared_error",
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
        stopping_criterion="score",
    ):
        super().__init__(
            loss,
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
        self.stopping_criterion = stopping_criterion

    def predict(self, X):
        """The outputs for some samples.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)

        Examples
        --------
        >>> from denseloop.neural_network import MLPRegressor
        >>> regressor = MLPRegressor(hidden_layer_sizes=(), solver="lm", alpha=0, tol=1e-9)
        >>> regressor.fit([[0.0], [1.0]], [1, 3]).predict([[2.0]]).round(6)
        array([5.])
        """
        if not hasattr(self, "coefs_"):
            check_is_fitted(self)
        return self._predict(X)

    def _score(self, X, y, sample_weight=None):
        """R2, of samples that have been checked: a fit asks for it in each epoch."""
        y = y.reshape(len(y), -1)
        weight = np.ones((len(y), 1)) if sample_weight is None else sample_weight[:, None]
        errors = self._predict(X, check_input=False).reshape(y.shape) - y
        left = (weight * errors**2).sum(axis=0)
        total = (weight * (y - np.average(y, axis=0, weights=sample_weight)) ** 2).sum(axis=0)
        # By scikit-learn's convention 1 where all is met, and else 0 where nothing varies.
        scores = 1 - left / np.where(total > 0, total, np.where(left > 0, left, 1))
        return float(scores.mean()) if np.isfinite(scores).all() else np.nan
