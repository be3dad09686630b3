"""The core refuses what `Network` never gives it, and changes nothing then."""

import denseloop as dl
import numpy as np
import pytest
from denseloop import _core
from denseloop._core_terms import core_optimizer
from denseloop.results import History

from tests.core_calls import (
    core_layout,
    core_loss_and_gradient,
    core_objective,
    core_training,
    levenberg_marquardt_step,
    run_steps,
)

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


@pytest.mark.parametrize(
    ("activations", "message"),
    [
        ([("sigmoid", 0.0)], "expected 2 activations, one for each layer, got 1"),
        ([("softmax", 0.0), ("sigmoid", 0.0)], "softmax is for the output layer only"),
        ([("leaky_relu", -0.5), ("sigmoid", 0.0)], "leaky_relu must be at least 0 .* got -0.5"),
        ([("sigmoid", 0.0), ("leaky_relu", np.inf)], "leaky_relu must be at least 0 .* got inf"),
    ],
)
def test_a_layout_has_an_activation_for_each_layer(activations, message):
    with pytest.raises(ValueError, match=message):
        _core.Layout([2, 2, 1], True, [(_core.Activation[name], a) for name, a in activations])


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([1.0, -1.0], "sample weights must be at least 0, got -1.0* for sample 1"),
        ([np.nan, 1.0], "sample weights must be at least 0, got nan for sample 0"),
        ([0.0, 0.0], "the sum of sample weights must be above 0 and finite, got 0"),
        ([np.inf, 1.0], "the sum of sample weights must be above 0 and finite, got inf"),
        ([1.0], r"sample_weight must have shape \(2,\)"),
    ],
)
def test_sample_weights_are_usable(weight, message):
    core, plan = dl.Network([1, 1], seed=0)._parameters.core, core_objective("squared_error")
    with pytest.raises(ValueError, match=message):
        core.objective(X, Y, np.array(weight), plan, 1)


@pytest.mark.parametrize(
    ("values", "indices", "starts", "message"),
    [
        ([1.0], [0], [0, 1, 2], "starts must end at most at the number of values"),
        ([1.0, 2.0], [1, 0], [0, 2, 2], "ascending columns of 2, got column 0 in row 0"),
        ([1.0, 2.0], [0, 0], [0, 2, 2], "ascending columns of 2, got column 0 in row 0"),
        ([1.0, 2.0], [0, 2], [0, 1, 2], "ascending columns of 2, got column 2 in row 1"),
        ([1.0, 2.0], [0, -1], [0, 1, 2], "ascending columns of 2, got column -1 in row 1"),
    ],
)
def test_sparse_samples_have_ascending_columns(values, indices, starts, message):
    core, plan = dl.Network([2, 1], seed=0)._parameters.core, core_objective("squared_error")
    with pytest.raises(ValueError, match=message):
        indices, starts = np.array(indices, np.int32), np.array(starts, np.int64)
        sparse = _core.SparseSamples64(np.array(values), indices, starts, 2)
        core.objective(sparse, Y, None, plan, 1)


def test_whatever_stands_for_samples_fits_the_network():
    core, plan = dl.Network([2, 1], seed=0)._parameters.core, core_objective("squared_error")
    starts = np.zeros(3, np.int64)
    sparse = _core.SparseSamples64(np.empty(0), np.empty(0, np.int32), starts, 3)
    sums = _core.RemoteSums64(lambda *_: (0.0, None), 9000, 3, [])
    loss = _core.CallerLoss64(lambda rows, outputs: (0.0, outputs), 2, 3)
    for samples, message in [
        ((sparse, Y), r"X must have shape \(n_samples, 2\)"),
        ((sums, None), "the sums must be those of a network of as many inputs"),
        ((np.zeros((2, 2)), loss), "the loss must take the network's outputs"),
        ((np.zeros((3, 2)), Y), "the same number of rows, at least 1, got 3 and 2"),
    ]:
        with pytest.raises(ValueError, match=message):
            core.objective(*samples, None, plan, 1)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((4,), r"X must have shape \(n_samples, n_inputs\) or \(3, n_samples, n_inputs\)"),
        ((2, 4, 2), r"X must have shape \(n_samples, n_inputs\) or \(3, n_samples, n_inputs\)"),
        ((4, 3), "X must have 2 columns"),
        ((3, 4, 3), "X must have 2 columns"),
    ],
)
def test_a_stack_takes_samples_for_all_networks_or_for_each(shape, message):
    stack = _core.NetworkStack64(core_layout([2, 1]), 3)
    with pytest.raises(ValueError, match=message):
        stack.forward(np.zeros(shape), 1)


def training_plan(*, optimizer=None, update_order=_core.UpdateOrder.simultaneous, **objective):
    return _core.TrainingPlan(
        core_objective("squared_error", **objective),
        core_optimizer(optimizer or dl.GradientDescent(0.1)),
        _core.Schedule(_core.ScheduleKind.constant),
        update_order=update_order,
    )


@pytest.mark.parametrize(("batch_size", "threads"), [(0, 1), (1, 0)])
def test_a_training_has_a_sample_in_a_batch_and_a_thread(batch_size, threads):
    network = dl.Network([1, 1], seed=0)
    plan = training_plan()
    with pytest.raises(ValueError, match="batch_size and threads must be at least 1"):
        network._parameters.core.training(X, Y, None, None, plan, batch_size, threads, None)


def test_validation_losses_go_with_validation_samples():
    network = dl.Network([1, 1], seed=0)
    training = core_training(network, X, Y, core_objective("squared_error"), 0.1, 2)
    before = network.parameters.copy()
    with pytest.raises(ValueError, match="validation_losses go with validation samples"):
        training.run(losses=np.empty(1), validation_losses=np.empty(1))
    assert np.array_equal(network.parameters, before)


@pytest.mark.parametrize(
    ("network", "plan", "message"),
    [
        (
            dl.Network([1, 1, 1], activation="tanh", seed=0),
            {"derivative_at": "output"},
            "derivatives at the output need sigmoid layers, got tanh",
        ),
        (
            dl.Network([1, 1], dtype="float32", seed=0),
            {"optimizer": dl.Adam(0.1, epsilon=1e-50)},
            "epsilon must not vanish in the network's dtype, got",
        ),
        (
            dl.Network([1, 1], seed=0),
            {"optimizer": dl.Adam(0.1), "update_order": _core.UpdateOrder.output_first},
            "output_first needs plain gradient descent without l2",
        ),
        (
            dl.Network([1, 1], seed=0),
            {"l2": 0.5, "update_order": _core.UpdateOrder.output_first},
            "output_first needs plain gradient descent without l2",
        ),
    ],
)
def test_a_plan_fits_the_network_and_its_own_parts(network, plan, message):
    samples, plan = (X.astype(network.dtype), Y.astype(network.dtype)), training_plan(**plan)
    with pytest.raises(ValueError, match=message):
        network._parameters.core.training(*samples, None, None, plan, 2, 1, None)


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


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": "absolute_error"}, "needs a squared error, got the loss absolute_error"),
        ({"derivative_at": "output"}, "takes derivatives at the pre-activation"),
        ({"l2": -1.0}, "l2 must be at least 0 and finite, got -1"),
        ({"initial_damping": 0.0}, "damping must be above 0 and finite, got 0"),
        ({"initial_damping": np.nan}, "damping must be above 0 and finite, got nan"),
        ({"gradient_tolerance": -1.0}, "gradient tolerance must be at least 0 and finite, got -1"),
        ({"step_tolerance": np.inf}, "step tolerance must be at least 0 and finite, got inf"),
    ],
)
def test_levenberg_marquardt_takes_usable_numbers(changes, message):
    network = dl.Network([1, 1], seed=0)
    before = network.parameters.copy()
    objective = {k: v for k, v in changes.items() if k in ("loss", "derivative_at", "l2")}
    plan = core_objective(**{"loss": "squared_error", **objective})
    options = {k: v for k, v in changes.items() if k not in objective}

    with pytest.raises(ValueError, match=message):
        levenberg_marquardt_step(network, X, Y, plan, **options)
    assert np.array_equal(network.parameters, before)
