"""The core refuses what `Network` never gives it, and changes nothing then."""

import denseloop as dl
import numpy as np
import pytest
from denseloop import _core
from denseloop.results import History

from tests.core_calls import core_loss_and_gradient, core_objective, core_training

X, Y = np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]])


@pytest.mark.parametrize(
    "arrays", [(None, Y), (X, None), (X.astype(np.float32), Y), (X.tolist(), Y)]
)
def test_samples_must_be_arrays_of_the_networks_dtype(arrays):
    network = dl.Network([1, 1], seed=0)
    with pytest.raises(TypeError, match="must be arrays of the network's dtype"):
        core_loss_and_gradient(network, *arrays, core_objective("squared_error"))


def test_weights_are_drawn_for_as_many_layers_as_there_are():
    network = dl.Network([1, 2, 1], seed=0)
    before = network.parameters.copy()
    for limits in ([1.0], [1.0, 1.0, 1.0]):
        with pytest.raises(ValueError, match=f"expected 2 limits, .* got {len(limits)}"):
            network._parameters.core.draw_uniform(b"\0" * 4, limits)
    np.testing.assert_array_equal(network.parameters, before)


def test_a_trainer_reports_after_at_least_one_epoch():
    network = dl.Network([1, 1], seed=0)
    training = core_training(network, X, Y, core_objective("squared_error"), 0.1, 2)
    with pytest.raises(ValueError, match="report_every must be at least 1"):
        _core.Trainer64(training, None, [], History, False, 0, None, None)


def test_a_guard_that_nobody_entered_lets_the_next_training_begin():
    core = dl.Network([1, 1], seed=0)._parameters.core
    core.training_alone()
    with core.training_alone():
        with pytest.raises(RuntimeError, match="in use by another training"):
            core.training_alone()
    with core.training_alone():
        pass
