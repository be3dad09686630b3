"""Training by an optimizer whose updates the core makes, batch by batch."""

import numpy as np

from denseloop import _checks, _core
from denseloop._core_terms import core_optimizer, core_schedule, core_stopping, fresh_state
from denseloop.results import History


def descent(network, plan, report):
    """Pack the samples, and return the function ``run(epochs, show)`` of the core.

    It trains by a DescentOptimizer and returns the History. State, parameters and history change
    within one call of the core, so that no signal finds them apart.
    """
    parameters, optimizer = network._parameters, plan.optimizer
    core, flat = parameters.core, parameters.flat
    kind = _core.Trainer64 if plan.X.dtype == np.float64 else _core.Trainer32

    def find_state():
        state = core.optimizer_state if core.optimizer == optimizer else None
        return fresh_state(optimizer, flat) if state is None else state

    training = core.training(
        X=plan.X,
        y=plan.y,
        sample_weight=plan.sample_weight,
        eval_set=plan.eval_set,
        objective=plan.objective,
        optimizer=core_optimizer(optimizer),
        schedule=core_schedule(optimizer),
        state=None,
        stopping=core_stopping(plan.stopping),
        update_order=plan.update_order,
        batch_size=plan.batch_size,
        shuffle_key=plan.shuffle_key,
        best_parameters=np.empty_like(flat) if plan.restore_best else None,
        threads=plan.threads,
    )
    trainer = kind(
        training,
        optimizer=optimizer,
        history_class=History,
        record_output=plan.record_output,
        report_every=plan.callback_every,
        check_trainable=lambda: _checks.require_trainable(network),
        find_state=find_state,
        report=report,
    )
    return trainer.run
