"""Training by SciPy's L-BFGS method, on the core's loss and gradient."""

import numpy as np

from denseloop import _checks
from denseloop._training.step_monitor import StepMonitor


def scipy_minimize():
    """Return SciPy's `minimize`, or raise an ImportError that says how to get it."""
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise ImportError("LBFGS needs SciPy: pip install denseloop[scipy]") from None
    return minimize


class Diverged(Exception):
    """The loss or a derivative was not finite."""


class LbfgsRun:
    """A training by LBFGS. The network holds the parameters of the last finished iteration."""

    def __init__(self, plan, parameters, memory, record):
        self._minimize = scipy_minimize()
        _checks.require_finite("X", plan.X)
        _checks.require_finite("y", plan.y)
        self._plan, self._parameters = plan, parameters
        self._memory, self._record = memory, record
        self._monitor = StepMonitor(plan, parameters, record)
        self._tried = parameters.flat.copy()
        self._last_loss = None  # at the network's parameters
        self._stop = None
        self._error = None

    def run(self):
        """Train, and return what ended it; raise what interrupts it."""
        plan, optimizer = self._plan, self._plan.optimizer
        self._record.add(0)
        self._memory.keep(optimizer, None)
        if plan.epochs == 0:
            return "epochs"
        self._monitor.before_step()
        try:
            result = self._minimize(
                self._loss_and_gradient,
                self._parameters.flat.astype(np.float64),
                method="L-BFGS-B",
                jac=True,
                callback=self._after_iteration,
                options={
                    "maxiter": plan.epochs,
                    "maxfun": np.inf,
                    "maxcor": optimizer.memory,
                    "maxls": optimizer.line_search_steps,
                    "gtol": optimizer.gradient_tolerance,
                    "ftol": optimizer.loss_tolerance,
                },
            )
        except Diverged:
            return "divergence"
        if self._error is not None:
            raise self._error
        if self._stop is not None:
            return self._stop
        return "epochs" if result.nit == plan.epochs else "convergence"

    def _loss_and_gradient(self, parameters):
        plan = self._plan
        self._tried[...] = parameters
        loss, gradient = self._parameters.core.loss_and_gradient(
            plan.X,
            plan.y,
            plan.sample_weight,
            plan.objective,
            plan.threads,
            parameters=self._tried,
        )
        if not (np.isfinite(loss) and np.isfinite(gradient).all()):
            raise Diverged
        if self._last_loss is None:
            self._last_loss = loss
        return loss, gradient.astype(np.float64)

    def _after_iteration(self, intermediate_result):
        # SciPy passes an OptimizeResult because of the argument's name.
        record = self._record
        self._parameters.flat[...] = intermediate_result.x
        record.losses[record.finished] = self._last_loss
        self._last_loss = intermediate_result.fun
        record.add(1)
        try:
            self._stop = self._monitor.after_step()
        except StopIteration as error:  # the callback's own: SciPy would end silently
            self._error = error
        if self._stop is not None or self._error is not None:
            raise StopIteration
        self._monitor.before_step()
