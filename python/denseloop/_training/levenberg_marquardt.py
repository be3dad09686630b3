"""Training by the Levenberg-Marquardt method, whose steps the core makes."""

from typing import ClassVar

from denseloop import _core
from denseloop._core_terms import CALLER_LOSS

LOSSES = ("half_squared_error", "squared_error")  # curvature follows from first derivatives


class LevenbergMarquardtRun:
    """A training by LevenbergMarquardt. Its state is the damping of the next step."""

    has_damping: ClassVar[bool] = True

    @staticmethod
    def prepare(plan, parameters):
        """Raise a ValueError unless the method can minimize the loss."""
        loss = plan.terms.loss
        if loss not in LOSSES:
            raise ValueError(
                f"LevenbergMarquardt needs loss 'half_squared_error' or 'squared_error', whose "
                f"curvature it takes from first derivatives; got "
                f"{'a function' if loss is CALLER_LOSS else repr(loss)}"
            )
        if plan.terms.derivative_at != "pre_activation":
            raise ValueError(
                f"LevenbergMarquardt needs derivative_at 'pre_activation', "
                f"got {plan.terms.derivative_at!r}"
            )

    def __init__(self, plan, parameters, prepared, record, monitor):
        self._plan, self._record, self._monitor = plan, record, monitor
        self._core = parameters.core

    def run(self):
        """Train, and return what ended it; raise what interrupts it."""
        plan, record, optimizer = self._plan, self._record, self._plan.terms.optimizer
        # The monitor needs a call for each step if it watches every one of them.
        stepwise = (
            plan.eval_set is not None or plan.terms.stopping is not None or plan.record_output
        )
        while True:
            self._monitor.before_step()
            pause = record.finished + 1 if stepwise else record.next_pause()
            made, ending = record.steps.levenberg_marquardt(
                count=min(pause, record.epochs) - record.finished,
                X=plan.X,
                y=plan.y,
                sample_weight=plan.sample_weight,
                objective=plan.terms.objective,
                threads=plan.threads,
                initial_damping=optimizer.damping,
                gradient_tolerance=optimizer.gradient_tolerance,
                step_tolerance=optimizer.step_tolerance,
                damping=self._damping(),
                optimizer=optimizer,
                progress=record.progress_function(),
            )
            stop = self._monitor.after_step() if made else None
            if ending is not _core.Ending.epochs:
                return ending.name
            if stop is not None:
                return stop
            if record.finished == record.epochs:
                return "epochs"

    def _damping(self):
        """Return the damping to go on with, or 0 to start afresh."""
        core = self._core
        return (core.optimizer == self._plan.terms.optimizer and core.optimizer_state) or 0.0
