"""The oracle's training loop: epochs, batches, validation and early stopping."""

from dataclasses import dataclass

import numpy as np

from tests.oracle.optimizers import GradientDescent, Patience


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
    """Train an `Oracle`.

    `optimizer` is an object of optimizers.py, or the learning rate of gradient descent. It and the
    schedule keep their state for the next call. orders[e] is the order of the samples in epoch e,
    from which the batches are cut. `stopping` is the pair (patience, tolerance).
    """
    if not hasattr(optimizer, "step"):
        optimizer = GradientDescent(optimizer)
    weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight)
    batch_size = batch_size or len(X)
    mean = objective.get("reduction") == "mean"
    patience = Patience(*stopping) if stopping else None
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
        if schedule is not None and not schedule.continues_after(loss):
            stopped_by = "learning_rate"
            break
        if patience and patience.is_exhausted_after(
            loss if eval_set is None else validation_losses[-1]
        ):
            stopped_by = "stopping"
            break
    if eval_set is None:
        return Training(np.array(losses), None, stopped_by, None)
    best_epoch = int(np.argmin(validation_losses))
    return Training(np.array(losses), np.array(validation_losses), stopped_by, best_epoch)


def update(network, X, y, optimizer, update_order, weight, objective):
    """Make one step of the optimizer, and return the batch's objective before it."""
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
