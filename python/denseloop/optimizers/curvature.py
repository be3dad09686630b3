"""Optimizers that estimate the curvature of the loss; Python drives their steps."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from denseloop import _checks
from denseloop._packing import PackedFields

__all__ = ["LBFGS", "LevenbergMarquardt"]


@dataclass(frozen=True)
class LBFGS(PackedFields):
    """Run SciPy's limited-memory quasi-Newton method [1]_ on the core's loss and gradient.

    An epoch is an iteration: a line search with a few passes over all samples. Parameters are
    searched in float64, whatever the network's dtype. The curvature is not kept: each `train`
    starts afresh. SciPy's own arithmetic may round differently on another machine, so this is the
    only optimizer without the promise of the same bits.

    Parameters
    ----------
    memory : int, default 10
        Number of past updates that approximate the curvature, at least 1.
    gradient_tolerance : float, default 1e-5
        Largest derivative, at least 0, at which training ends with `History.stopped_by`
        "convergence".
    loss_tolerance : float, default 1e-9
        Training also ends so when an iteration lowers the loss L by at most
        loss_tolerance * max(abs(L), 1), or finds no lower loss; at least 0.
    line_search_steps : int, default 20
        Maximum number of passes of a line search, at least 1.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or not a number.

    Notes
    -----
    `Network.train` then needs SciPy: ``pip install scipy``.

    References
    ----------
    .. [1] D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization",
       Mathematical Programming 45 (1989).

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], weights=[[[0.0]]])
    >>> history = net.train([[2.0]], [[0.75]], optimizer=dl.LBFGS(), epochs=100)
    >>> history.stopped_by, net.forward([[2.0]]).round(4)
    ('convergence', array([[0.75]]))
    """

    full_batch: ClassVar[bool] = True
    can_shuffle: ClassVar[bool] = False

    memory: int = 10
    _: KW_ONLY
    gradient_tolerance: float = 1e-5
    loss_tolerance: float = 1e-9
    line_search_steps: int = 20

    def __post_init__(self) -> None:
        # SciPy's memory holds 11 memory**2 numbers, and its counters have 32 bits.
        _checks.set_whole_number(self, "memory", 1, 2**28)
        _checks.set_number(self, "gradient_tolerance", least=0)
        _checks.set_number(self, "loss_tolerance", least=0)
        _checks.set_whole_number(self, "line_search_steps", 1, 2**31 - 1)


@dataclass(frozen=True)
class LevenbergMarquardt(PackedFields):
    """Take damped Gauss-Newton steps, for squared errors and up to 5000 parameters [1]_.

    An epoch is an accepted step: the solution of ``(J.T @ J + mu * I) @ step = -J.T @ r``, where J
    holds the derivatives of the errors r by all parameters. A large mu makes a short step of
    descent, a small one a Gauss-Newton step, which is fast near a minimum. A step that lowers the
    loss is accepted and divides mu by 10 [2]_; otherwise mu is multiplied by 2, 4, 8 and so on
    until a step does [3]_.

    Parameters
    ----------
    damping : float, default 1e-3
        First mu in units of the largest diagonal element of J.T @ J, above 0.
    gradient_tolerance : float, default 1e-10
        Largest derivative of the loss, at least 0, at which training ends with
        `History.stopped_by` "convergence".
    step_tolerance : float, default 1e-10
        Training also ends so when the norm of a step is at most this times the norm of the
        parameters, or no shorter step lowers the loss; at least 0.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or not a number.

    References
    ----------
    .. [1] K. Levenberg, "A method for the solution of certain non-linear problems in least
       squares", Quarterly of Applied Mathematics 2 (1944).
    .. [2] D. W. Marquardt, "An algorithm for least-squares estimation of nonlinear parameters",
       Journal of the Society for Industrial and Applied Mathematics 11 (1963).
    .. [3] H. B. Nielsen, "Damping parameter in Marquardt's method", Technical University of
       Denmark, report IMM-REP-1999-05 (1999).

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], weights=[[[0.0]]])
    >>> history = net.train([[2.0]], [[0.75]], optimizer=dl.LevenbergMarquardt(), epochs=100)
    >>> history.stopped_by, net.forward([[2.0]]).round(4)
    ('convergence', array([[0.75]]))
    """

    full_batch: ClassVar[bool] = True
    can_shuffle: ClassVar[bool] = False

    damping: float = 1e-3
    _: KW_ONLY
    gradient_tolerance: float = 1e-10
    step_tolerance: float = 1e-10

    def __post_init__(self) -> None:
        _checks.set_number(self, "damping", above=0)
        _checks.set_number(self, "gradient_tolerance", least=0)
        _checks.set_number(self, "step_tolerance", least=0)
