"""The regressor."""

from sklearn import neural_network as scikit_learn
from sklearn.utils.validation import check_is_fitted

from denseloop.losses import Huber, Quantile
from denseloop.neural_network._perceptron import Perceptron
from denseloop.neural_network._scikit_learn import StrOptions

__all__ = ["MLPRegressor"]


class MLPRegressor(Perceptron, scikit_learn.MLPRegressor):
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
        >>> regressor = MLPRegressor(4, activation="identity", solver="lm", alpha=0, tol=1e-9)
        >>> regressor.fit([[0.0], [1.0]], [1, 3]).predict([[2.0]]).round(6)
        array([5.])
        """
        if not hasattr(self, "coefs_"):
            check_is_fitted(self)
        return self._predict(X)
