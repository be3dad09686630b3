"""The outputs of a fitted estimator, and their derivatives."""

import numpy as np
from scipy.special import ndtr
from sklearn import get_config
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import validate_data

from denseloop import _core, _threads
from denseloop.neural_network import _overrides
from denseloop.neural_network._network import (
    FLOATS,
    SCIKIT_LEARN_NAMES,
    EstimatorNetwork,
    check_hidden_activations,
    check_parameters,
    own_network,
    suits_core,
)
from denseloop.neural_network._scikit_learn import base
from denseloop.neural_network._validation import core_inputs, has_valid_form

MANY = 1024  # samples for which a copy of the parameters takes little of the time
# Hidden activations that scikit-learn lacks. They change their array in place, as its own do.
OWN_ACTIVATIONS = {
    "gelu": lambda X: np.multiply(X, ndtr(X), out=X),
    "leaky_relu": lambda X: np.maximum(X, 0.01 * X, out=X),
}


def outputs(estimator, X, check_input=True):
    """Return the network's outputs (n_samples, n_outputs).

    The core computes them from its own parameters. With others, set by hand, NumPy computes as in
    scikit-learn: they may be anything that NumPy takes, and may change between any two calls.
    """
    network, unseen = own_network(estimator), False
    if check_input:
        # Whatever is not of float32 may have more digits.
        if (
            network is not None
            and not (network.is_single and getattr(X, "dtype", None) != network.dtype)
            and not hasattr(estimator, "feature_names_in_")
        ):
            try:
                if (predictions := network.core.predict_few(X)) is not None:
                    return predictions
            except ValueError:  # validate_data explains it in scikit-learn's words
                pass
        unseen = has_valid_form(estimator, X)  # the core looks for what is not finite
        if not unseen:
            X = _validated(estimator, X)
    network = _suitable(estimator, network, X)
    if network is None:
        return _outputs_in_numpy(estimator, _validated(estimator, X) if unseen else X)
    try:
        return _forward(estimator, network, X)
    except ValueError:
        if unseen:
            _validated(estimator, X)  # explains it in scikit-learn's words
        raise


def _validated(estimator, X):
    return validate_data(estimator, X, accept_sparse=["csr", "csc"], reset=False)


def jacobian(estimator, X):
    """Return the derivatives of the outputs (n_samples, n_outputs, n_features)."""
    if override := _overrides.of_outputs(estimator):
        raise ValueError(f"jacobian has no derivatives for {override}")
    X = _validated(estimator, X)
    if (network := own_network(estimator)) is None:
        check_parameters(estimator)
        network = EstimatorNetwork(estimator)
    if np.result_type(X.dtype, network.dtype) != network.dtype:
        network = EstimatorNetwork(estimator, np.float64)
    X = core_inputs(X, network.dtype)
    return network.core.differentiate(X, _core.Variables.inputs, _threads.allowed(None))[1]


def _suitable(estimator, network, X):
    """Return the estimator's own network, or a copy of its parameters, or None.

    The own one, which may be None, lacks digits if it is of float32 and the samples are not. A copy
    is for many samples.
    """
    if network is not None and np.result_type(X.dtype, network.dtype) == network.dtype:
        return network
    if X.shape[0] < MANY or not suits_core(estimator):
        return None
    dtype = np.result_type(X.dtype, estimator.coefs_[0].dtype)
    return EstimatorNetwork(estimator, dtype) if dtype in FLOATS else None


def _forward(estimator, network, X):
    try:
        if (predictions := network.core.predict_few(X)) is not None:
            return predictions
        return network.core.forward(core_inputs(X, network.dtype), _threads.allowed(None))
    except ValueError:  # not all numbers are finite
        if not get_config()["assume_finite"]:
            raise
        return _outputs_in_numpy(estimator, X)


def _outputs_in_numpy(estimator, X):
    """Return the outputs as scikit-learn computes them, by products of NumPy or SciPy."""
    hidden, layers = estimator.activation, estimator.n_layers_ - 1
    if isinstance(hidden, str):
        hidden = [hidden] * (layers - 1)
    try:
        for k, name in zip(range(layers), (*hidden, estimator.out_activation_), strict=True):
            name = SCIKIT_LEARN_NAMES.get(name, name)
            activate = base.ACTIVATIONS.get(name) or OWN_ACTIVATIONS[name]
            X = safe_sparse_dot(X, estimator.coefs_[k])
            X += estimator.intercepts_[k]
            activate(X)
    except (AttributeError, LookupError, TypeError, ValueError):
        check_hidden_activations(estimator)
        check_parameters(estimator)
        raise
    return X
