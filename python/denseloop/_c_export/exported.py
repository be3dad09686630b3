"""What is exported: a network or several of one layout, with what comes before and after them."""

from dataclasses import dataclass

import numpy as np

from denseloop.activations import LeakyReLU


@dataclass(frozen=True)
class Step:
    """A transformation of the inputs or outputs, one number each: what, and by which numbers.

    `kind` is "standardize", (x - first) / second, or "stretch", x * first + second, each operation
    rounded to `dtype`. `limits` are the smallest and the largest result, or None.
    """

    kind: str
    first: np.ndarray
    second: np.ndarray
    dtype: str
    limits: tuple[float, float] | None = None


@dataclass(frozen=True)
class Exported:
    """Networks of one layout.

    Parameters
    ----------
    parameters : ndarray of shape (n_networks, n_parameters)
        Flat, as `Network.parameters` has them.
    average : bool
        Whether the outputs are the mean of those of all networks, or one after another.
    sum_dtype : str or None
        The dtype in which this mean is computed, by default that of the parameters.
    input_steps : tuple of Step
    output_step : Step or None
    classes : list or None
        The labels of a classifier, whose outputs are the probabilities of these classes.
    binary : bool
        Whether each network has one output p, and 1 - p and p are the outputs for users.
    several : bool
        Whether a sample may have several of the classes, or none.
    """

    layer_sizes: tuple[int, ...]
    bias: bool
    activations: tuple
    parameters: np.ndarray
    average: bool = False
    sum_dtype: str | None = None
    input_steps: tuple[Step, ...] = ()
    output_step: Step | None = None
    classes: list | None = None
    binary: bool = False
    several: bool = False

    @property
    def dtype(self):
        return self.parameters.dtype.name

    @property
    def n_networks(self):
        return len(self.parameters)

    @property
    def outputs_of_each(self):
        """The number of outputs that users see of one network."""
        return 2 if self.binary else self.layer_sizes[-1]

    @property
    def n_outputs(self):
        return self.outputs_of_each * (1 if self.average else self.n_networks)

    def activation(self, k):
        """Return the name of layer k's activation, and its slope or None."""
        activation = self.activations[k]
        if isinstance(activation, LeakyReLU):
            return activation.core_name, activation.slope
        return activation, None
