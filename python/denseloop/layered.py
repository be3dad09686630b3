"""What a network and a stack of networks have in common: their layers."""

import numpy as np

from denseloop.activations import Activation


class Layered:
    """The layers, which can be read and shown."""

    _layer_sizes: tuple[int, ...]
    _bias: bool
    _activations: tuple[Activation, ...]
    _dtype: np.dtype

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        return self._layer_sizes

    @property
    def bias(self) -> bool:
        return self._bias

    @property
    def activations(self) -> tuple[Activation, ...]:
        return self._activations

    @property
    def output_activation(self) -> Activation:
        return self._activations[-1]

    @property
    def dtype(self) -> np.dtype:
        return self._dtype

    def summary(self) -> str:
        """Return the layers as a table of text, to be printed.

        Returns
        -------
        str
            The sizes, the number of parameters and the dtype, then a line for each layer: its
            activation, the shapes of its weights and biases, and how many parameters these are.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([2, 4, 1], activation="tanh")
        >>> print(net.summary())
        Network: 2-4-1, 17 parameters, float64
        layer  activation  weights  biases  parameters
        -----  ----------  -------  ------  ----------
            1  tanh        (2, 4)   (4,)            12
            2  sigmoid     (4, 1)   (1,)             5
        -----  ----------  -------  ------  ----------
        total                                       17
        """
        from denseloop._display.networks import network_text  # few need it, and it takes time

        return network_text(self)

    def _repr_html_(self) -> str:
        from denseloop._display.networks import network_html

        return network_html(self)
