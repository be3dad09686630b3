"""Networks that are trained together and alone."""

from copy import deepcopy

import numpy as np


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
