"""Training by an optimizer whose updates the core makes, batch by batch."""

import sys

import numpy as np

from denseloop import _checks, _core
from denseloop.results import History


def descent(network, plan, report):
    """Pack the samples, and return the function ``run(epochs, show)`` of the core.

    It trains by a DescentOptimizer and returns the History. State, parameters and history change
    within one call of the core, so that no KeyboardInterrupt leaves them apart.
    """
    parameters, terms = network._parameters, plan.terms
    # By position: pybind11 takes some 0.1 us to find an argument by its name.
    training = parameters.core.training(
        plan.X,
        plan.y,
        plan.sample_weight,
        plan.eval_set,
        terms.core_plan,
        plan.batch_size,
        plan.threads,
        None,  # the trainer finds the state
        False,  # the core shuffles
        np.empty_like(parameters.flat) if plan.restore_best else None,
    )
    kind = _core.Trainer64 if network.dtype == np.float64 else _core.Trainer32
    trainer = kind(
        training,
        terms.optimizer,
        terms.first_slots,
        terms.rate,
        plan.scaling_before,
        plan.scaling,
        History,
        plan.record_output,
        min(plan.callback_every, sys.maxsize),
        lambda: _checks.require_trainable(network),
        report,
    )
    return trainer.run
