"""The objective of a training: whether its loss fits the network and the targets."""

from functools import lru_cache

import numpy as np

from denseloop import _checks, _core
from denseloop._caching import cached_call
from denseloop._core_terms import CALLER_LOSS, CROSS_ENTROPIES, resolve_loss
from denseloop._training.caller_loss import check_caller_terms
from denseloop.activations import activation_name


def make_objective(activations, dtype, loss, reduction, derivative_at, l2):
    """Return the core's Objective, if its parts fit the network and one another."""
    terms = activations, dtype, loss, reduction, derivative_at, l2
    return cached_call(_make_objective, *terms)


@lru_cache(typed=True)
def _make_objective(activations, dtype, loss, reduction, derivative_at, l2):
    if loss is CALLER_LOSS:
        check_caller_terms({"reduction": (reduction, "sum")})
    name, member, parameter = resolve_loss(loss, dtype)
    output = activation_name(activations[-1])
    needed = _core.loss_traits[name].required_output
    if needed not in (None, output):
        raise ValueError(
            f"loss {name!r} is computed from the pre-activation of a {needed} output and needs "
            f"output_activation {needed!r}; got {name!r} with {output!r}"
        )
    traits = _core.loss_traits[name]
    if (
        needed is None
        and not traits.fits_coupled_outputs
        and _core.activation_traits[output].couples_outputs
    ):
        fitting = [k for k, traits in _core.loss_traits.items() if traits.required_output == output]
        raise ValueError(
            f"output_activation {output!r} goes with loss {_checks.listed(fitting)} alone, as its "
            f"outputs depend on each other; got {loss!r} with {output!r}"
        )
    at = _checks.choice("derivative_at", derivative_at, _core.DerivativeAt.__members__)
    if at is _core.DerivativeAt.output and set(activations) != {"sigmoid"}:
        raise ValueError(
            f"derivative_at 'output' is a quirk of sigmoid layers, got activations {activations}"
        )
    return _core.ObjectivePlan(
        member,
        parameter=parameter,
        reduction=_checks.choice("reduction", reduction, _core.Reduction.__members__),
        derivative_at=at,
        l2=_checks.number("l2", l2, least=0, dtype=dtype),
    )


def check_targets(loss, y, name="y"):
    """Raise a ValueError unless `y` holds valid targets for the loss."""
    if loss in CROSS_ENTROPIES:
        _require(f"{loss} needs targets from 0 to 1", (y >= 0) & (y <= 1), y, name)
    if loss == "cross_entropy":
        sums = y.sum(axis=1)
        wrong = np.flatnonzero(np.abs(sums - 1) > 1e-5)
        if len(wrong):
            raise ValueError(
                f"cross_entropy needs targets that sum to 1, got {sums[wrong[0]]} "
                f"in row {wrong[0]} of {name}"
            )
    if loss == "poisson":
        _require("poisson needs targets of at least 0", y >= 0, y, name)


def _require(needed, fulfilled, y, name):
    if not fulfilled.all():
        row, column = np.argwhere(~fulfilled)[0]
        raise ValueError(f"{needed}, got {y[row, column]} in row {row}, column {column} of {name}")
