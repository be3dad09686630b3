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
        _core.Trainer64(training, None, [], None, None, None, History, False, 0, None, None)


def run_steps(network, train, epochs=2):
    return network._parameters.core.run_steps(
        train,
        epochs=epochs,
        with_validation=False,
        outputs_of=None,
        best_parameters=None,
        history_class=History,
        check_trainable=lambda: None,
        with_damping=False,
        scaling_before=None,
        scaling=None,
    )


def test_steps_are_no_more_than_asked_for():
    network = dl.Network([1, 1], seed=0)

    def train(steps):
        steps.begin("method", None)
        for loss in (3.0, 2.0, 1.0):
            steps.add(np.full(2, loss), loss)

    with pytest.raises(ValueError, match="no room for 1 more"):
        run_steps(network, train)
    assert network.history.loss.tolist() == [3.0, 2.0]
    assert network.parameters.tolist() == [2.0, 2.0]


def test_steps_end_with_their_training():
    network, kept = dl.Network([1, 1], seed=0), []
    before = network.parameters.copy()
    run_steps(network, lambda steps: kept.append(steps) or "epochs")
    for use in (
        lambda: kept[0].begin(None, None),
        lambda: kept[0].add(np.zeros(2), 0.0),
        lambda: kept[0].losses,
    ):
        with pytest.raises(RuntimeError, match="the training of these steps has ended"):
            use()
    assert np.array_equal(network.parameters, before)


def test_a_second_training_is_refused_while_steps_are_made():
    network = dl.Network([1, 1], seed=0)
    with pytest.raises(RuntimeError, match="in use by another training"):
        run_steps(network, lambda steps: run_steps(network, lambda steps: "epochs"))
    assert run_steps(network, lambda steps: "callback").stopped_by == "callback"
