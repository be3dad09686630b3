"""The results that a header must have, by the core."""

import numpy as np

from denseloop import _core
from denseloop._c_export.plain import apply, combined, prepared
from denseloop.parameters import NetworkParameters


class CoreRun:
    """The outputs and derivatives of what is exported.

    Parameters
    ----------
    exported : Exported
    """

    def __init__(self, exported):
        self._exported = exported
        self._cores = []
        for flat in exported.parameters:
            network = NetworkParameters(
                exported.layer_sizes, exported.bias, exported.activations, flat.dtype
            )
            network.flat[...] = flat
            self._cores.append(network.core)

    def predict(self, X):
        """Return the outputs (n, n_outputs) for X (n, n_inputs)."""
        exported, inputs = self._exported, prepared(self._exported, X)
        outputs = combined(exported, [core.forward(inputs, 1) for core in self._cores])
        if exported.output_step is None:
            return outputs
        return apply(exported.output_step, outputs).astype(X.dtype)

    def differentiate(self, X):
        """Return the derivatives (n, n_outputs * n_inputs)."""
        exported, inputs = self._exported, prepared(self._exported, X)
        each = [core.differentiate(inputs, _core.Variables.inputs, 1)[1] for core in self._cores]
        change = np.concatenate(each, axis=1).astype(np.float64)
        if exported.output_step is not None:
            change = change * exported.output_step.first[:, None]
        for step in reversed(exported.input_steps):
            standardizes = step.kind == "standardize"
            change = change / step.second if standardizes else change * step.first
        return change.astype(X.dtype).reshape(len(X), -1)
