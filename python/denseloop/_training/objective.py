"""What is minimized: a loss, whether it fits the network and the targets, and what is added."""

import numpy as np

from denseloop import _checks, _core
from denseloop.losses import Huber, Quantile

WITH_PARAMETER = {"huber": Huber, "quantile": Quantile}  # by the core's name
NAMED = {name: loss for name, loss in _core.Loss.__members__.items() if name not in WITH_PARAMETER}
CROSS_ENTROPIES = ("binary_cross_entropy", "cross_entropy")
# Losses that the core computes from the pre-activation of one kind of output.
OUTPUTS = {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "poisson": "exp",
}


def objective(network, loss, reduction, derivative_at, l2):
    """The core's Objective, if its parts fit the network and one another."""
    name, member, parameter = named(loss, network.dtype)
    output = network.output_activation
    needed = OUTPUTS.get(name)
    if needed not in (None, output):
        raise ValueError(
            f"loss {name!r} is computed from the pre-activation of a {needed} output and needs "
            f"output_activation {needed!r}; got {name!r} with {output!r}"
        )
    if output == "softmax" and needed != output:
        raise ValueError(
            f"output_activation 'softmax' goes with loss 'cross_entropy' alone, as its outputs "
            f"depend on each other; got {loss!r} with 'softmax'"
        )
    at = _checks.choice("derivative_at", derivative_at, _core.DerivativeAt.__members__)
    if derivative_at == "output" and set(network.activations) != {"sigmoid"}:
        raise ValueError(
            f"derivative_at 'output' is a quirk of sigmoid layers, "
            f"got activations {network.activations}"
        )
    return _core.Objective(
        member,
        parameter=parameter,
        share=1.0,
        reduction=_checks.choice("reduction", reduction, _core.Reduction.__members__),
        derivative_at=at,
        l2=_checks.number("l2", l2, least=0, dtype=network.dtype),
    )


def without_l2(network, loss, reduction):
    """The Objective by which validation samples are judged."""
    return objective(network, loss, reduction, "pre_activation", 0.0)


def named(loss, dtype):
    """Name, member and parameter; a loss without has the parameter 0.

    That of the cross entropies is the largest -log(probability) that counts.
    """
    if isinstance(loss, Huber):
        delta = _checks.number("delta", loss.delta, above=0, dtype=dtype)
        return "huber", _core.Loss.huber, delta
    if isinstance(loss, Quantile):
        return "quantile", _core.Loss.quantile, loss.level
    try:
        return loss, NAMED[loss], np.inf if loss in CROSS_ENTROPIES else 0.0
    except (KeyError, TypeError):
        raise ValueError(
            f"loss must be one of {_checks.listed(NAMED)}, Huber(...) or Quantile(...); "
            f"got {loss!r}"
        ) from None


def targets(loss, y, name="y"):
    """`y` holds valid targets for the loss, which fits the network."""
    if loss in CROSS_ENTROPIES:
        _all_within(f"{loss} needs targets from 0 to 1", (y >= 0) & (y <= 1), y, name)
    if loss == "cross_entropy":
        sums = y.sum(axis=1)
        wrong = np.flatnonzero(np.abs(sums - 1) > 1e-5)
        if len(wrong):
            raise ValueError(
                f"cross_entropy needs targets that sum to 1, got {sums[wrong[0]]} "
                f"in row {wrong[0]} of {name}"
            )
    if loss == "poisson":
        _all_within("poisson needs targets of at least 0", y >= 0, y, name)


def _all_within(needed, within, y, name):
    if not within.all():
        row, column = np.argwhere(~within)[0]
        raise ValueError(f"{needed}, got {y[row, column]} in row {row}, column {column} of {name}")
