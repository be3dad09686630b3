"""The outputs of a fitted estimator, and their derivatives."""

import numpy as np
from sklearn.utils.validation import validate_data

from denseloop import _core, _threads
from denseloop.neural_network import _overrides
from denseloop.neural_network._network import EstimatorNetwork, is_view_of
from denseloop.neural_network._validation import core_inputs


def outputs(estimator, X, check_input=True):
    """Return the network's outputs (n_samples, n_outputs)."""
    network = _current_network(estimator)
    if check_input:
        if not hasattr(estimator, "feature_names_in_"):
            try:
                if (predictions := network.core.predict_few(X)) is not None:
                    return predictions
            except ValueError:  # validate_data explains it in scikit-learn's words
                pass
        X = validate_data(estimator, X, accept_sparse=["csr", "csc"], reset=False)
    return _forward(_wide_enough(estimator, network, X), X)


def jacobian(estimator, X):
    """Return the derivatives of the outputs (n_samples, n_outputs, n_features)."""
    if override := _overrides.of_outputs(estimator):
        raise ValueError(f"jacobian has no derivatives for {override}")
    network = _current_network(estimator)
    X = validate_data(estimator, X, accept_sparse=["csr", "csc"], reset=False)
    network = _wide_enough(estimator, network, X)
    X = core_inputs(X, network.dtype)
    return network.core.differentiate(X, _core.Variables.inputs, _threads.allowed(None))[1]


def _current_network(estimator):
    """Return a network with the estimator's parameters and activations."""
    network = vars(estimator).get("_network")
    if is_view_of(estimator, network):
        return network
    return EstimatorNetwork(estimator)  # coefs_ or activation were replaced


def _wide_enough(estimator, network, X):
    """Return the network, or a copy in float64 if the samples have more digits than it."""
    if np.result_type(X.dtype, network.dtype) == network.dtype:
        return network
    return EstimatorNetwork(estimator, np.float64)


def _forward(network, X):
    if (predictions := network.core.predict_few(X)) is not None:
        return predictions
    return network.core.forward(core_inputs(X, network.dtype), _threads.allowed(None))
