"""The forward pass of a fitted estimator."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import validate_data

from denseloop.neural_network._network import is_view_of, make_network

DENSE_VALUES = 1 << 22  # of sparse samples that are converted at a time


def outputs(estimator, X, check_input=True):
    """Return the network's outputs (n_samples, n_outputs)."""
    network = vars(estimator).get("_network")
    if not is_view_of(estimator, network):  # coefs_ or activation were replaced
        network = make_network(estimator)
    if check_input:
        if not hasattr(estimator, "feature_names_in_"):
            try:
                if (predictions := network._predict_few(X)) is not None:
                    return predictions
            except ValueError:  # validate_data explains it in scikit-learn's words
                pass
        X = validate_data(estimator, X, accept_sparse=["csr", "csc"], reset=False)
    if np.result_type(X.dtype, network.dtype) != network.dtype:
        network = make_network(estimator, np.float64)
    if not issparse(X):
        return network.forward(X)
    X, step = X.tocsr(), max(1, DENSE_VALUES // X.shape[1])
    parts = range(0, X.shape[0], step)
    return np.vstack([network.forward(X[i : i + step].toarray()) for i in parts])
