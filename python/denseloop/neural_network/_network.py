"""An estimator's parameters as a network of the core."""

from operator import is_

import numpy as np
from scipy.sparse import issparse

from denseloop import _core
from denseloop.activations import resolve_activations
from denseloop.parameters import NetworkParameters

SCIKIT_LEARN_NAMES = {"sigmoid": "logistic"}
NETWORK_NAMES = {theirs: ours for ours, theirs in SCIKIT_LEARN_NAMES.items()}
FLOATS = (np.dtype(np.float64), np.dtype(np.float32))
# Names of the hidden activations, by `Network`'s names and by scikit-learn's.
ACTIVATIONS = sorted(
    {*NETWORK_NAMES}
    | {name for name, traits in _core.activation_traits.items() if not traits.output_only}
)


def hidden_layer_sizes(estimator):
    """Return `hidden_layer_sizes` as a list."""
    sizes = estimator.hidden_layer_sizes
    return list(sizes) if hasattr(sizes, "__iter__") else [sizes]


def check_hidden_activations(estimator):
    """Raise a ValueError unless a list of activations has a known one for each hidden layer."""
    if isinstance(estimator.activation, str):
        return
    activation, layers = list(estimator.activation), len(hidden_layer_sizes(estimator))
    if len(activation) != layers or any(name not in ACTIVATIONS for name in activation):
        raise ValueError(
            f"activation must be one of {ACTIVATIONS}, or one of them for each of the "
            f"{layers} hidden layers; got {activation}"
        )


def layer_activations(estimator):
    """Return the activation of each layer of a fitted estimator, by the names of `Network`."""
    hidden = estimator.activation
    if isinstance(hidden, str):
        hidden = [hidden] * (len(estimator.coefs_) - 1)
    return [NETWORK_NAMES.get(name, name) for name in (*hidden, estimator.out_activation_)]


def suits_core(estimator):
    """Return whether coefs_ and intercepts_ are arrays as the core has them.

    These are plain arrays of one dtype, float64 or float32, whose shapes fit one another. Users may
    set whatever NumPy computes with.
    """
    coefs, intercepts = estimator.coefs_, estimator.intercepts_
    arrays = [*coefs, *intercepts]
    if {*map(type, arrays)} - {np.ndarray, np.memmap} or arrays[0].dtype not in FLOATS:
        return False
    dtype, shapes = arrays[0].dtype, [array.shape for array in arrays]
    if any(array.dtype != dtype for array in arrays) or any(c.ndim != 2 for c in coefs):
        return False
    sizes = _layer_sizes(coefs)
    expected = [*zip(sizes, sizes[1:]), *((size,) for size in sizes[1:])]
    return shapes == expected and len(coefs) == estimator.n_layers_ - 1


def check_parameters(estimator):
    """Raise an error unless coefs_ and intercepts_ fit the layers, and say why.

    It is of scikit-learn's type.
    """
    coefs, intercepts = estimator.coefs_, estimator.intercepts_
    layers = estimator.n_layers_ - 1
    if min(len(coefs), len(intercepts)) < layers:
        raise IndexError(
            f"coefs_ and intercepts_ must have an array for each of the {layers} layers, got "
            f"{len(coefs)} and {len(intercepts)} of them"
        )
    rows = estimator.n_features_in_
    for k, (coef, intercept) in enumerate(zip(coefs, intercepts)):
        if not hasattr(coef, "shape"):
            raise TypeError(
                f"coefs_[{k}] must be an array of shape ({rows}, n_units), got "
                f"{type(coef).__name__}; numpy.asarray makes an array of lists"
            )
        if len(coef.shape) != 2 or coef.shape[0] != rows:
            raise ValueError(
                f"coefs_[{k}] must have shape ({rows}, n_units), got {coef.shape}; coefs_ and "
                f"intercepts_ must fit one another"
            )
        rows = coef.shape[1]
        *outer, columns = np.shape(intercept) or (1,)
        if columns not in (1, rows) or {*outer} - {1}:
            raise ValueError(
                f"intercepts_[{k}] must be of shape ({rows},), or a number for all units, got "
                f"shape {np.shape(intercept)}; coefs_ and intercepts_ must fit one another"
            )
        for name, array in (("coefs_", coef), ("intercepts_", np.asarray(intercept))):
            if array.dtype.kind not in "biuf":
                raise TypeError(
                    f"{name}[{k}] must have real numbers, got dtype {array.dtype}; "
                    f"astype(float) makes numbers of text or objects"
                )


def _layer_sizes(coefs):
    return (coefs[0].shape[0], *(coef.shape[1] for coef in coefs))


def _common_dtype(arrays):
    """Return float32 if no array has more digits, else float64."""
    dtypes = {getattr(array, "dtype", None) for array in arrays} - {None}
    return np.float32 if dtypes == {np.dtype(np.float32)} else np.float64


class EstimatorNetwork(NetworkParameters):
    """A network with copies of an estimator's coefs_ and intercepts_.

    The values may be non-finite, since scikit-learn predicts with such parameters. `activations`
    has the name of each layer's activation, `resolved` what it stands for, and `arrays` all
    weights, then all biases.
    """

    def __init__(self, estimator, dtype=None):
        coefs = estimator.coefs_
        try:
            layer_sizes = _layer_sizes(coefs)
            dtype = np.dtype(dtype or _common_dtype([*coefs, *estimator.intercepts_]))
            self.dtype, self.is_single = dtype, dtype == np.float32
            self.activations = layer_activations(estimator)
            *hidden, output = self.activations
            self.layer_sizes = layer_sizes
            self.resolved = resolve_activations(hidden, output, layer_sizes)
            super().__init__(layer_sizes, True, self.resolved, dtype)
            self.arrays = [*self.weights, *self.biases]
            self.write(coefs, estimator.intercepts_)
        except (AttributeError, IndexError, TypeError, ValueError):
            check_parameters(estimator)
            raise

    def write(self, coefs, intercepts):
        """Copy these arrays into the parameters, all at once."""
        values = []
        for weights, biases, coef, intercept in zip(
            self.weights, self.biases, coefs, intercepts, strict=True
        ):
            if coef.shape != weights.shape:
                raise ValueError(f"expected weights of shape {weights.shape}, got {coef.shape}")
            values.append((coef.toarray() if issparse(coef) else coef).ravel())
            if np.shape(intercept) != biases.shape:
                intercept = np.broadcast_to(intercept, (1, biases.size))
            values.append(intercept.ravel())
        np.concatenate(values, out=self.flat, casting="same_kind")


def use_network(estimator, network, **attributes):
    """Make the estimator's coefs_ and intercepts_ views of the network's parameters.

    They and the `attributes` that belong to them change in one call of C, which a signal's handler
    cannot split.
    """
    vars(estimator).update(
        _network=network,
        coefs_=list(network.weights),
        intercepts_=list(network.biases),
        **attributes,
    )


def use_network_of_core(estimator):
    """Make the parameters views of a network of the core, where it has such a network."""
    if not suits_core(estimator):
        return
    try:
        network = EstimatorNetwork(estimator)
    except ValueError:  # scikit-learn's forward pass makes the outputs, or explains the fault
        return
    use_network(estimator, network)


def own_network(estimator):
    """Return the network whose views coefs_ and intercepts_ are, with the estimator's activations.

    Return None if they or the activations were set by hand.
    """
    network = vars(estimator).get("_network")
    if network is None or network.activations != layer_activations(estimator):
        return None
    shown = [*estimator.coefs_, *estimator.intercepts_]
    own = network.arrays
    fitting = len(shown) == len(own) == 2 * (estimator.n_layers_ - 1)
    return network if fitting and all(map(is_, shown, own)) else None
