"""Networks written as headers."""

import numpy as np

from denseloop._c_export import plain
from denseloop._c_export.core_run import CoreRun
from denseloop._c_export.exported import Exported, Step
from denseloop._c_export.header import header
from denseloop._c_export.identifiers import check_identifier
from denseloop._replacing import replace_file

N_VECTORS = 16
FAR_OUT = 100.0  # the spread of every fourth test vector, that activations saturate


def export_network(network, path, name, *, derivative, fma):
    """Write a `Network` as a header."""
    # All of one moment, while another thread trains it.
    parameters, *_, scaling = network._parameters.core.copied_state()
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
        parameters.reshape(1, -1),
        input_steps=steps,
        output_step=output_step,
    )
    write(exported, path, name, CoreRun(exported), derivative=derivative, fma=fma)


def export_networks(networks, path, name, *, average, derivative, fma):
    """Write a `Networks` as a header."""
    if average and derivative:
        raise ValueError("derivative=True needs average=False, since it is that of each network")
    each = [core.copied_state()[0] for core in networks._all_cores()]
    exported = Exported(
        networks.layer_sizes,
        networks.bias,
        networks.activations,
        np.stack(each),
        average=average,
    )
    write(exported, path, name, CoreRun(exported), derivative=derivative, fma=fma)


def write(exported, path, name, run, *, derivative, fma):
    """Write the header.

    Parameters
    ----------
    exported : Exported
    path : str or os.PathLike
    name : str
    run : CoreRun
        Makes the results that the test vectors must have.
    derivative, fma : bool
    """
    check_identifier(name)
    if not np.isfinite(exported.parameters).all():
        raise ValueError("parameters must be finite to be exported, got some that are not")
    vectors = test_vectors(exported, run, derivative, fma)
    text = header(exported, name, vectors, derivative=derivative, fused=fma)
    replace_file(path, [text.encode("ascii")])


def test_inputs(exported):
    """Return X (n, n_inputs), about as the inputs are, of which all are finite."""
    random = np.random.default_rng(0)
    X = random.standard_normal((N_VECTORS, exported.layer_sizes[0]))
    X[3::4] *= FAR_OUT
    with np.errstate(all="ignore"):
        for step in reversed(exported.input_steps):
            first, second = (array.astype(np.float64) for array in (step.first, step.second))
            X = X * second + first if step.kind == "standardize" else (X - second) / first
        X = X.astype(exported.dtype)
    return X[np.isfinite(X).all(axis=1)]


def test_vectors(exported, run, derivative, fma):
    """Return the inputs, the outputs, and the derivatives or nothing, of which all are finite.

    There are N_VECTORS rows, or fewer if some overflow: the bits of what is no number depend on the
    machine.
    """
    X = test_inputs(exported)
    with np.errstate(all="ignore"):
        found = [X, run.predict(X) if fma else plain.predict(exported, X)]
        if derivative and fma:  # nothing else computes them without fused multiply-adds
            found.append(run.differentiate(X))
    finite = np.all([np.isfinite(array).all(axis=1) for array in found], axis=0)
    if not finite.any():
        raise ValueError(
            "outputs must be finite for inputs of the usual size to be exported, but the "
            "parameters are so large that all overflow"
        )
    return [array[finite] for array in found]
