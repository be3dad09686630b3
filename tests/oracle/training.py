"""The oracle's training: epochs, batches, watching and stopping."""

from dataclasses import dataclass

import numpy as np

from tests.oracle.optimizers import GradientDescent, Waiting


@dataclass(frozen=True)
class Training:
    losses: np.ndarray
    validation_losses: np.ndarray | None
    stopped_by: str
    best_epoch: int | None


def train(
    network,
    X,
    y,
    optimizer,
    epochs,
    update_order="simultaneous",
    *,
    schedule=None,
    batch_size=None,
    orders=None,
    sample_weight=None,
    eval_set=None,
    stopping=None,
    **objective,
):
    """Trains an `Oracle`.

    A number as the optimizer is the rate of gradient descent. The optimizer and the schedule keep
    their state for the next call. orders[e] has the samples of epoch e in the order in which they
    are cut into batches; stopping is (patience, tolerance).
    """
    if not hasattr(optimizer, "step"):
        optimizer = GradientDescent(optimizer)
    weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight)
    batch_size = batch_size or len(X)
    mean = objective.get("reduction") == "mean"
    waiting = Waiting(*stopping) if stopping else None
    losses, validation_losses, stopped_by = [], [], "epochs"
    for epoch in range(epochs):
        if schedule is not None:
            optimizer.rate = schedule.rate
        order = np.arange(len(X)) if orders is None else orders[epoch]
        loss = 0
        for first in range(0, len(X), batch_size):
            batch = order[first : first + batch_size]
            share = len(batch) / len(X) if mean else 1
            loss += share * update(
                network, X[batch], y[batch], optimizer, update_order, weight[batch], objective
            )
        losses.append(loss)
        if eval_set is not None:
            validation_losses.append(validation_loss(network, *eval_set, **objective))
        if schedule is not None and not schedule.goes_on_after(loss):
            stopped_by = "learning_rate"
            break
        if waiting and waiting.is_over_after(loss if eval_set is None else validation_losses[-1]):
            stopped_by = "stopping"
            break
    if eval_set is None:
        return Training(np.array(losses), None, stopped_by, None)
    best_epoch = int(np.argmin(validation_losses))
    return Training(np.array(losses), np.array(validation_losses), stopped_by, best_epoch)


def update(network, X, y, optimizer, update_order, weight, objective):
    """One step of the optimizer; returns the batch's objective before it."""
    new_weights = None
    if update_order == "output_first":

        def new_weights(k, gradient):
            return network.weights[k] - optimizer.rate * gradient

    loss, weight_gradients, bias_gradients = network.loss_and_gradients(
        X, y, new_weights=new_weights, sample_weight=weight, **objective
    )
    gradient = network.flat(weight_gradients, bias_gradients)
    network.parameters = optimizer.step(network.parameters, gradient)
    return loss


def validation_loss(network, X, y, sample_weight=None, **objective):
    return network.loss(X, y, sample_weight=sample_weight, **{**objective, "l2": 0.0})
