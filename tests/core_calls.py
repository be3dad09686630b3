"""Calls of the C++ core past the checks of `Network`. No other test knows their arguments."""

import denseloop as dl
import numpy as np
from denseloop import _core
from denseloop._training import descent


def core_objective(
    loss,
    *,
    parameter=0.0,
    share=1.0,
    reduction="mean",
    derivative_at="pre_activation",
    l2=0.0,
):
    return _core.Objective(
        _core.Loss[loss],
        parameter=parameter,
        share=share,
        reduction=_core.Reduction[reduction],
        derivative_at=_core.DerivativeAt[derivative_at],
        l2=l2,
    )


def core_layout(layer_sizes):
    """Return the layout of a network of sigmoids without biases."""
    return _core.Layout(layer_sizes, False, [_core.Activation.sigmoid] * (len(layer_sizes) - 1))


def core_loss_and_gradient(network, X, y, objective):
    return _core.loss_and_gradient(
        network._layout, network._lock, network.parameters, X, y, None, objective, 1
    )


def core_training(
    network, X, y, objective, learning_rate, batch_size, *, parameters=None, orders_are_given=False
):
    """Return a training by gradient descent, for `run_training`.

    It trains `parameters` if they are given, or else those of the network.
    """
    optimizer = dl.GradientDescent(0.0)
    object.__setattr__(optimizer, "learning_rate", learning_rate)  # GradientDescent refuses some
    parameters = network.parameters if parameters is None else parameters
    n_parameters, dtype = network.parameters.size, network.dtype
    sample_weight = validation_X = validation_y = validation_weight = None
    stopping = shuffle_key = best_parameters = None
    return _core.training(
        network._layout,
        network._lock,
        parameters,
        X,
        y,
        sample_weight,
        validation_X,
        validation_y,
        validation_weight,
        objective,
        descent.core_optimizer(optimizer),
        descent.core_schedule(optimizer),
        stopping,
        _core.UpdateOrder.simultaneous,
        batch_size,
        shuffle_key,
        orders_are_given,
        1,
        np.zeros((2, n_parameters), dtype),
        np.array([0, 0, learning_rate, np.inf, 0, 1, 1]),
        best_parameters,
    )


def run_training(training, losses, *, outputs=None, orders=None, learning_rates=None):
    """Train for len(losses) epochs, and return how many were finished."""
    shuffled_before, validation_losses, reporter = 0, None, None
    return training.run(
        shuffled_before, losses, validation_losses, outputs, reporter, orders, learning_rates
    )[0]
