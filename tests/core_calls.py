"""Calls of the C++ core past the checks of `Network`."""

import denseloop as dl
from denseloop import _core
from denseloop._core_terms import core_optimizer, core_schedule, fresh_state
from denseloop.results import History


def core_objective(
    loss,
    *,
    parameter=0.0,
    value_scale=1.0,
    reduction="mean",
    derivative_at="pre_activation",
    l2=0.0,
):
    return _core.ObjectivePlan(
        _core.Loss[loss],
        parameter=parameter,
        value_scale=value_scale,
        reduction=_core.Reduction[reduction],
        derivative_at=_core.DerivativeAt[derivative_at],
        l2=l2,
    )


def core_layout(layer_sizes):
    """Return the layout of a network of sigmoids without biases."""
    sigmoids = [(_core.Activation.sigmoid, 0.0)] * (len(layer_sizes) - 1)
    return _core.Layout(layer_sizes, False, sigmoids)


def core_loss_and_gradient(network, X, y, objective):
    return network._parameters.core.loss_and_gradient(X, y, None, objective, 1)


def core_training(
    network, X, y, objective, learning_rate, batch_size, *, parameters=None, orders_are_given=False
):
    """Return a training by gradient descent, for `run_training`.

    It trains `parameters` if they are given, or else those of the network, a [2, 1] of sigmoids
    without biases.
    """
    optimizer = dl.GradientDescent(0.0)
    object.__setattr__(optimizer, "learning_rate", learning_rate)  # GradientDescent refuses some
    core = network._parameters.core
    if parameters is not None:
        core = _core.Network64(core_layout([2, 1]), parameters)
    return core.training(
        X=X,
        y=y,
        sample_weight=None,
        eval_set=None,
        plan=_core.TrainingPlan(objective, core_optimizer(optimizer), core_schedule(optimizer)),
        state=fresh_state(optimizer, network.parameters),
        batch_size=batch_size,
        reordered=orders_are_given,
        threads=1,
    )


def run_training(training, losses, *, outputs=None, orders=None, learning_rates=None):
    """Train for len(losses) epochs, and return how many were finished."""
    return training.run(losses=losses, outputs=outputs, orders=orders, rates=learning_rates).epochs


def run_steps(network, train, epochs=2, with_damping=False):
    return network._parameters.core.run_steps(
        train,
        epochs=epochs,
        with_validation=False,
        outputs_of=None,
        best_parameters=None,
        history_class=History,
        check_trainable=lambda: None,
        with_damping=with_damping,
        scaling_before=None,
        scaling=None,
    )


def levenberg_marquardt_step(network, X, y, objective, **options):
    """Take a step of Levenberg-Marquardt."""
    usual = {"initial_damping": 1.0, "gradient_tolerance": 0.0, "step_tolerance": 0.0}
    rest = {"sample_weight": None, "threads": 1, "optimizer": None, "progress": None}

    def train(steps):
        steps.levenberg_marquardt(
            count=1, X=X, y=y, objective=objective, damping=0.0, **{**usual, **rest, **options}
        )

    return run_steps(network, train, epochs=1, with_damping=True)
