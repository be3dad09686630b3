"""The classifier."""

import numpy as np
from sklearn import neural_network as scikit_learn
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_is_fitted, validate_data

from denseloop.neural_network._perceptron import Perceptron
from denseloop.neural_network._scikit_learn import StrOptions

__all__ = ["MLPClassifier"]


class MLPClassifier(Perceptron, scikit_learn.MLPClassifier):
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
        if incremental or self.warm_start or not plain:
            return super()._validate_input(X, y, incremental, reset)
        # The same for the usual labels, whose indicators take a tenth of the time so.
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], dtype=(np.float64, np.float32), reset=reset
        )
        self._label_binarizer = LabelBinarizer().fit(y)
        self.classes_ = self._label_binarizer.classes_
        shown = self.classes_ if len(self.classes_) > 2 else self.classes_[1:]
        return X, y[:, None] == shown if len(shown) else np.zeros((len(y), 1), bool)

    def _weighted_by_class(self, y, sample_weight, incremental):
        """The weights times those of the classes. y (n_samples, n_outputs), binarized."""
        if self.class_weight is None:
            return sample_weight
        if incremental and self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported for partial_fit, which does not see all "
                "samples; give it the weights as a dict"
            )
        labels = self._label_binarizer.inverse_transform(y.astype(int))
        weight = compute_sample_weight(self.class_weight, labels)
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
