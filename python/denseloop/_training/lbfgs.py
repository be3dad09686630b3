"""The L-BFGS method: SciPy's, on the core's loss and gradient."""

import numpy as np

from denseloop import _checks, _core
from denseloop._training.stepwise import Steps


def scipy_minimize():
    """SciPy's function, or an ImportError that says how to get it."""
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise ImportError("LBFGS needs SciPy: pip install denseloop[scipy]") from None
    return minimize


class Diverged(Exception):
    """The loss or a derivative was not finite."""


class Training:
    """A training by it. The network's parameters are those of the last finished iteration."""

    def __init__(self, network, plan, record):
        self._minimize = scipy_minimize()
        _checks.finite("X", plan.X)
        _checks.finite("y", plan.y)
        self._network, self._plan, self._record = network, plan, record
        self._steps = Steps(network, plan, record)
        self._tried = network.parameters.copy()
        self._last_loss = None  # of the network's parameters
        self._stop = None
        self._error = None

    def run(self):
        """Trains, and returns what ended it; raises what interrupts it."""
        plan, optimizer = self._plan, self._plan.optimizer
        self._record.add(0)
        self._network._keep_state(optimizer, ())
        if plan.epochs == 0:
            return "epochs"
        self._steps.before()
        try:
            result = self._minimize(
                self._loss_and_gradient,
                self._network.parameters.astype(np.float64),
                method="L-BFGS-B",
                jac=True,
                callback=self._iterated,
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
        network, plan = self._network, self._plan
        self._tried[...] = parameters
        loss, gradient = _core.loss_and_gradient(
            network._layout,
            network._lock,
            self._tried,
            plan.X,
            plan.y,
            plan.sample_weight,
            plan.objective,
            plan.num_threads,
        )
        if not (np.isfinite(loss) and np.isfinite(gradient).all()):
            raise Diverged
        if self._last_loss is None:
            self._last_loss = loss
        return loss, gradient.astype(np.float64)

    def _iterated(self, intermediate_result):
        """SciPy calls this, by the name of its argument, after each iteration."""
        record = self._record
        self._network.parameters[...] = intermediate_result.x
        record.losses[record.finished] = self._last_loss
        self._last_loss = intermediate_result.fun
        record.add(1)
        try:
            self._stop = self._steps.after()
        except StopIteration as error:  # of a callback: SciPy would take it for the sign to stop
            self._error = error
        if self._stop is not None or self._error is not None:
            raise StopIteration
        self._steps.before()
