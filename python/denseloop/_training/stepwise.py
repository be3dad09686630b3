"""Training by an optimizer whose steps Python drives: LBFGS or LevenbergMarquardt."""

from typing import Protocol

from denseloop import _checks
from denseloop._training.lbfgs import LbfgsRun
from denseloop._training.levenberg_marquardt import LevenbergMarquardtRun
from denseloop._training.record import Record
from denseloop._training.step_monitor import StepMonitor
from denseloop.optimizers import LBFGS, LevenbergMarquardt


class Run(Protocol):
    """Trains the NetworkParameters by one kind of optimizer, and fills the Record."""

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
    """Return the function ``run(epochs, show)``, which trains and returns the History."""
    parameters = network._parameters
    core = parameters.core
    kind = run_class(plan.terms.optimizer)
    prepared = kind.prepare(plan, parameters)
    validation = None
    if plan.eval_set is not None:
        validation = core.objective(*plan.eval_set, plan.terms.validation_objective, plan.threads)

    def run(epochs, show):
        with core.training_alone():
            _checks.require_trainable(network)
            record = Record(plan, epochs, parameters.flat, report, show)
            monitor = StepMonitor(plan, parameters, validation, record)
            stopped_by = "interrupt"
            try:
                stopped_by = kind(plan, parameters, prepared, record, monitor).run()
            except KeyboardInterrupt:  # also before the first step
                record.begun = True
                raise
            finally:
                if record.begun:
                    core.history = record.history(stopped_by)
            history = core.history
            best = record.best_parameters if history.best_epoch is not None else None
            if best is not None and (best != parameters.flat).any():
                core.assign(best)
                core.optimizer = core.optimizer_state = None  # the state is of later parameters
            return history

    return run
