"""The state of an optimizer is an object of the core with named fields."""

import copy
import pickle

import denseloop as dl
import numpy as np
import pytest
from denseloop import _core
from denseloop._core_terms import core_optimizer, fresh_state

COUNTERS = (
    *("updates", "epochs", "learning_rate", "lowest_loss"),
    *("epochs_without_progress", "beta_1_power", "beta_2_power"),
)


def counters(state):
    return {name: getattr(state, name) for name in COUNTERS}


def trained_state():
    network = dl.Network([2, 3, 1], seed=0)
    rate = dl.Adaptive(0.1, patience=100)
    network.train([[0.0, 1.0]], [1.0], optimizer=dl.Adam(rate), epochs=5)
    return network._parameters.core.optimizer_state


def test_a_fresh_state_has_the_slots_of_its_method():
    parameters = np.zeros(4, np.float32)
    shapes = {
        dl.GradientDescent(0.1): (0, 4),
        dl.GradientDescent(0.1, momentum=0.5): (1, 4),
        dl.Adam(): (2, 4),
        dl.RPROP(): (2, 4),
    }
    for optimizer, shape in shapes.items():
        slots = fresh_state(optimizer, parameters).slots
        assert slots.shape == shape and slots.dtype == np.float32
    np.testing.assert_array_equal(
        fresh_state(dl.RPROP(0.25), parameters).slots, np.float32([[0] * 4, [0.25] * 4])
    )


def test_the_counters_are_those_of_the_training():
    state = trained_state()
    assert (state.updates, state.epochs, state.learning_rate) == (5, 5, 0.1)
    assert state.beta_1_power == pytest.approx(0.9**5)
    assert state.beta_2_power == pytest.approx(0.999**5)
    assert 0 < state.lowest_loss < 1


def pickled(protocol):
    return lambda state: pickle.loads(pickle.dumps(state, protocol))


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, *(pickled(protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1))],
)
def test_a_duplicate_has_equal_fields_and_slots_of_its_own(duplicate):
    state = trained_state()
    other = duplicate(state)
    assert counters(other) == counters(state)
    np.testing.assert_array_equal(other.slots, state.slots)
    other.slots[...] = -1
    other.updates = 77
    assert (state.slots != -1).any() and state.updates == 5


def test_slots_of_another_shape_or_dtype_are_refused():
    network, optimizer = dl.Network([1, 1], seed=0), dl.Adam()
    objective = _core.ObjectivePlan(_core.Loss.squared_error, parameter=0.0)
    for slots, error, message in [
        (np.zeros((1, 2)), ValueError, r"slots must have shape \(2, 2\)"),
        (np.zeros((2, 2), np.float32), TypeError, "slots must have the network's dtype"),
    ]:
        with pytest.raises(error, match=message):
            network._parameters.core.training(
                X=np.ones((1, 1)),
                y=np.ones((1, 1)),
                sample_weight=None,
                eval_set=None,
                plan=_core.TrainingPlan(
                    objective,
                    core_optimizer(optimizer),
                    _core.Schedule(_core.ScheduleKind.constant),
                ),
                state=_core.OptimizerState(slots),
                batch_size=1,
                threads=1,
            )


def test_a_misspelled_hyperparameter_is_refused():
    with pytest.raises(TypeError, match="no optimizer has a hyperparameter 'beta1'"):
        _core.OptimizerPlan(_core.Method.adam, learning_rate=0.1, beta1=0.9)


@pytest.mark.parametrize("reduce", [lambda o: o.__reduce__(), lambda o: pickle.dumps(o, 0)])
def test_other_objects_of_the_core_refuse_to_be_pickled(reduce):
    """pybind11 alone would end the process."""
    core = dl.Network([2, 1])._parameters.core
    with pytest.raises(TypeError, match="cannot pickle 'Network64' object"):
        reduce(core)


def test_a_state_reduces_without_a_protocol():
    state = trained_state()
    make, arguments = state.__reduce__()
    assert counters(make(*arguments)) == counters(state)
