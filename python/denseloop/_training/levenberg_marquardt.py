"""The Levenberg-Marquardt method, whose steps the core makes."""

import numpy as np

from denseloop import _core
from denseloop._training.stepwise import Steps


class Training:
    """A training by it, and its state, which the core writes to."""

    def __init__(self, network, plan, record):
        if plan.loss not in ("half_squared_error", "squared_error"):
            raise ValueError(
                f"LevenbergMarquardt needs loss 'half_squared_error' or 'squared_error', whose "
                f"curvature it takes from first derivatives; got {plan.loss!r}"
            )
        if plan.derivative_at != "pre_activation":
            raise ValueError(
                f"LevenbergMarquardt needs derivative_at 'pre_activation', "
                f"got {plan.derivative_at!r}"
            )
        self._network, self._plan, self._record = network, plan, record
        self._state = network._state_of(plan.optimizer) or (np.zeros(1),)
        self._steps = Steps(network, plan, record)

    def run(self):
        """Trains, and returns what ended it; raises what interrupts it."""
        network, plan, record = self._network, self._plan, self._record
        # A call for each step where there is something to be done after each.
        stepwise = plan.eval_set is not None or plan.stopping is not None or plan.record_output
        while True:
            self._steps.before()
            pause = record.finished + 1 if stepwise else record.next_pause()
            network._keep_state(plan.optimizer, self._state)  # the core writes to it
            finished, ending, error = _core.levenberg_marquardt(
                network._layout,
                network._lock,
                network.parameters,
                plan.X,
                plan.y,
                plan.sample_weight,
                plan.objective,
                plan.optimizer.damping,
                plan.optimizer.gradient_tolerance,
                plan.optimizer.step_tolerance,
                *self._state,
                record.losses[record.finished : pause],
                plan.num_threads,
                record.reporter(),
            )
            record.add(finished)
            if error is not None:
                raise error
            stop = self._steps.after() if finished else None
            if ending is not _core.Ending.epochs:
                return ending.name
            if stop is not None:
                return stop
            if record.finished == plan.epochs:
                return "epochs"
