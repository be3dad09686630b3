"""Networks that are trained together and alone."""

from copy import deepcopy

import denseloop as dl
import numpy as np

LAYOUTS = [
    {"layer_sizes": [3, 4, 2], "seed": 1},
    {"layer_sizes": [3, 2], "bias": False, "seed": 2},
    {"layer_sizes": [3, 9, 5, 2], "activation": "tanh", "dtype": "float32", "seed": 3},
    {"layer_sizes": [3, 40, 2], "activation": "relu", "seed": 4},
    {"layer_sizes": [3, 4, 2], "seed": 5, "dtype": "float32"},
]


def networks():
    return [dl.Network(**layout) for layout in LAYOUTS]


def assert_same_training(together, histories, alone, options):
    """Assert that networks and histories have the bits of trainings of each network alone.

    `options` has the arguments of `Network.train` for each network.
    """
    for k, (network, history, lone, own) in enumerate(zip(together, histories, alone, options)):
        expected = lone.train(**own)
        assert network.history is history
        assert history.stopped_by == expected.stopped_by, k
        for name in ("loss", "validation_loss", "learning_rate", "output"):
            np.testing.assert_array_equal(
                getattr(history, name), getattr(expected, name), err_msg=f"{name} of network {k}"
            )
        np.testing.assert_array_equal(network.parameters, lone.parameters, err_msg=f"network {k}")


def copies(networks):
    """Return copies of networks."""
    return [deepcopy(network) for network in networks]
