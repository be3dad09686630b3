"""Training by SciPy's L-BFGS method, on the core's loss and gradient."""

from typing import ClassVar

import numpy as np

from denseloop._core_terms import CALLER_LOSS
from denseloop._missing import missing
from denseloop._warnings import warn
from denseloop.results import TrainingWarning

ABNORMAL = 2  # status of SciPy's result when the line search fails


def scipy_minimize():
    """Return SciPy's `minimize`, or raise an ImportError that says how to get it."""
    try:
        from scipy.optimize import minimize
    except ImportError as error:
        raise missing("LBFGS", "scipy", error) from None
    return minimize


class Diverged(Exception):
    """The loss or a derivative was not finite."""


class LbfgsRun:
    """A training by LBFGS. The network holds the parameters of the last finished iteration."""

    has_damping: ClassVar[bool] = False

    @staticmethod
    def prepare(plan, parameters):
        """Return SciPy's `minimize`, and the objective over the samples."""
        minimize = scipy_minimize()
        objective = parameters.core.objective(
            plan.X, plan.y, plan.sample_weight, plan.terms.objective, plan.threads
        )
        return minimize, objective

    def __init__(self, plan, parameters, prepared, record, monitor):
        self._minimize, self._objective = prepared
        self._plan, self._parameters = plan, parameters
        self._record, self._monitor = record, monitor
        self._tried = parameters.flat.copy()
        self._last_loss = None  # at the network's parameters
        self._stop = None
        self._error = None

    def run(self):
        """Train, and return what ended it; raise what interrupts it."""
        optimizer, epochs = self._plan.terms.optimizer, self._record.epochs
        if epochs == 0:
            self._record.steps.begin(optimizer, None)
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
                    "maxiter": epochs,
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
        if result.nit == 0 and result.status == ABNORMAL and self._plan.terms.loss is CALLER_LOSS:
            warn(
                "L-BFGS has found no lower loss in the direction of the derivatives; check those "
                "that the function given as loss returns",
                TrainingWarning,
            )
        return "epochs" if result.nit == epochs else "convergence"

    def _loss_and_gradient(self, parameters):
        self._tried[...] = parameters
        loss, gradient = self._objective.loss_and_gradient(self._tried, None)
        if not (np.isfinite(loss) and np.isfinite(gradient).all()):
            raise Diverged
        if self._last_loss is None:  # SciPy has accepted the options
            self._record.steps.begin(self._plan.terms.optimizer, None)
            self._last_loss = loss
        return loss, gradient.astype(np.float64, copy=False)

    def _after_iteration(self, intermediate_result):
        # SciPy passes an OptimizeResult because of the argument's name.
        after = intermediate_result.x.astype(self._parameters.flat.dtype, copy=False)
        self._record.steps.add(after, self._last_loss)
        self._last_loss = intermediate_result.fun
        try:
            self._stop = self._monitor.after_step()
        except StopIteration as error:  # the callback's own: SciPy would end silently
            self._error = error
        if self._stop is not None or self._error is not None:
            raise StopIteration
        self._monitor.before_step()
