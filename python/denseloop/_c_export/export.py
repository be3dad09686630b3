"""Networks written as headers."""

import numpy as np

from denseloop._c_export import plain
from denseloop._c_export.exported import Exported, Step
from denseloop._c_export.header import header
from denseloop._c_export.identifiers import check_identifier
from denseloop._writing import replace_file

N_VECTORS = 16
FAR_OUT = 100.0  # the spread of every fourth test vector, that activations saturate


def export_network(network, path, name, *, derivative, fma):
    """Write a `Network` as a header."""
    scaling = network.scaling
    steps, output_step = (), None
    if scaling is not None and scaling.is_fitted:
        center, scale = scaling.input_center, scaling.input_scale
        steps = (Step("standardize", center, scale, "float64"),)
        if scaling.output_scale is not None:
            center, scale = scaling.output_center, scaling.output_scale
            output_step = Step("stretch", scale, center, "float64")
    exported = Exported(
        network.layer_sizes,
        network.bias,
        network.activations,
        network.parameters.reshape(1, -1),
        input_steps=steps,
        output_step=output_step,
    )
    write(exported, path, name, network.forward, derivative=derivative, fma=fma)


def export_networks(networks, path, name, *, average, derivative, fma):
    """Write a `Networks` as a header."""
    if average and derivative:
        raise ValueError("derivative=True needs average=False, since it is that of each network")
    exported = Exported(
        networks.layer_sizes,
        networks.bias,
        networks.activations,
        networks.parameters,
        average=average,
    )

    def predict(X):
        each = list(networks.forward(X))
        if not average:
            return np.concatenate(each, axis=1)
        total = np.zeros_like(each[0])
        for outputs in each:
            total = total + outputs
        return total / networks.dtype.type(len(networks))

    write(exported, path, name, predict, derivative=derivative, fma=fma)


def write(exported, path, name, predict, *, derivative, fma):
    """Write the header.

    Parameters
    ----------
    exported : Exported
    path : str or os.PathLike
    name : str
    predict : function
        Returns the outputs (n, n_outputs) that the test vectors must have.
    derivative, fma : bool
    """
    check_identifier(name)
    if not np.isfinite(exported.parameters).all():
        raise ValueError("parameters must be finite to be exported, got some that are not")
    X = test_vectors(exported)
    Y = predict(X) if fma else plain.predict(exported, X)
    text = header(exported, name, (X, Y), derivative=derivative, fused=fma)
    replace_file(path, [text.encode("ascii")])


def test_vectors(exported):
    """Return X (N_VECTORS, n_inputs) about as the inputs are."""
    random = np.random.default_rng(0)
    X = random.standard_normal((N_VECTORS, exported.layer_sizes[0]))
    X[3::4] *= FAR_OUT
    for step in reversed(exported.input_steps):
        first, second = (array.astype(np.float64) for array in (step.first, step.second))
        X = X * second + first if step.kind == "standardize" else (X - second) / first
    return X.astype(exported.dtype)
