"""Training by an optimizer whose steps Python drives: LBFGS or LevenbergMarquardt."""

from typing import ClassVar, Protocol

import numpy as np

from denseloop import _checks
from denseloop._training.lbfgs import LbfgsRun
from denseloop._training.levenberg_marquardt import LevenbergMarquardtRun
from denseloop._training.record import Record
from denseloop._training.step_monitor import StepMonitor
from denseloop.optimizers import LBFGS, LevenbergMarquardt
from denseloop.results import History


class Run(Protocol):
    """Trains the NetworkParameters by one kind of optimizer, and fills the Record."""

    has_damping: ClassVar[bool]  # of each step, which the history then has

    @staticmethod
    def prepare(plan, parameters):
        """Return what all runs of the plan share; raise what the optimizer cannot do."""

    def __init__(self, plan, parameters, prepared, record, monitor): ...

    def run(self) -> str:
        """Train, and return what ended it, as `History.stopped_by`; raise what interrupts it."""


def run_class(optimizer) -> type[Run]:
    """Return the class that trains by this optimizer."""
    match optimizer:
        case LBFGS():
            return LbfgsRun
        case LevenbergMarquardt():
            return LevenbergMarquardtRun
        case _:
            raise TypeError(f"no run trains by {optimizer!r}")


def stepwise(network, plan, report):
    """Return the function ``run(epochs, show)``, which trains and returns the History.

    The core calls the run, so that parameters, state and history fit whatever interrupts it.
    """
    parameters = network._parameters
    core = parameters.core
    kind = run_class(plan.terms.optimizer)
    prepared = kind.prepare(plan, parameters)
    validation = None
    if plan.eval_set is not None:
        validation = core.objective(*plan.eval_set, plan.terms.validation_objective, plan.threads)

    def run(epochs, show):
        best = np.empty_like(parameters.flat) if plan.restore_best else None

        def train(steps):
            record = Record(plan, steps, best, report, show)
            monitor = StepMonitor(plan, parameters, validation, record)
            return kind(plan, parameters, prepared, record, monitor).run()

        return core.run_steps(
            train,
            epochs=epochs,
            with_validation=plan.eval_set is not None,
            outputs_of=len(plan.X) if plan.record_output else None,
            best_parameters=best,
            history_class=History,
            check_trainable=lambda: _checks.require_trainable(network),
            with_damping=kind.has_damping,
            scaling_before=plan.scaling_before,
            scaling=plan.scaling,
        )

    return run
