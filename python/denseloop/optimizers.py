"""The methods by which `Network.train` minimizes a loss.

Each is a small object that never changes and holds only the method's numbers. What a method keeps
from update to update (velocities, moments, steps, the rate that a schedule has reached) stays with
the network: another `train` with an equal optimizer goes on with it, one with another starts
afresh.
"""

from dataclasses import KW_ONLY, dataclass

from denseloop import _checks
from denseloop.schedules import Adaptive, InverseScaling

__all__ = ["LBFGS", "RPROP", "Adam", "GradientDescent", "LevenbergMarquardt"]

LearningRate = float | InverseScaling | Adaptive


def _check_rate(optimizer):
    """The field `learning_rate`: a schedule, or a number."""
    if not isinstance(optimizer.learning_rate, (InverseScaling, Adaptive)):
        _checks.set_number(optimizer, "learning_rate", least=0)


@dataclass(frozen=True)
class GradientDescent:
    """Steps against the gradient g, with momentum if wanted.

    Without momentum, p' = p - rate * g. With it [1]_, a velocity gathers the steps,
    v' = momentum * v - rate * g, and p' = p + v'. Nesterov's variant, in the form of [2]_, looks
    ahead by one more step of the velocity: p' = p + momentum * v' - rate * g.

    Parameters
    ----------
    learning_rate : float, InverseScaling or Adaptive
        At least 0.
    momentum : float, default 0.0
        From 0 to 1; 0.9 is usual.
    nesterov : bool, default False
        Needs a momentum above 0.

    Raises
    ------
    ValueError, TypeError
        For numbers out of range, and what is no number.

    References
    ----------
    .. [1] D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by
       back-propagating errors", Nature 323 (1986).
    .. [2] I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of initialization and
       momentum in deep learning", ICML 2013; after Y. Nesterov, Soviet Mathematics Doklady 27
       (1983).

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], weights=[[[0.0]]])
    >>> descent = dl.GradientDescent(0.5, momentum=0.9, nesterov=True)
    >>> net.train([[2.0]], [[1.0]], optimizer=descent, epochs=3).loss.round(4)
    array([0.125 , 0.0633, 0.0254])
    """

    learning_rate: LearningRate
    _: KW_ONLY
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self):
        _check_rate(self)
        _checks.set_number(self, "momentum", least=0, most=1)
        object.__setattr__(self, "nesterov", bool(self.nesterov))
        if self.nesterov and self.momentum == 0:
            raise ValueError("nesterov=True needs a momentum above 0, got momentum=0.0")


@dataclass(frozen=True)
class Adam:
    """Steps of about the learning rate in each parameter, however large its gradient is [1]_.

    With running means of the gradient, m' = beta_1 * m + (1 - beta_1) * g, and of its square,
    v' = beta_2 * v + (1 - beta_2) * g**2, update t (1, 2, ...) is
    p' = p - rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m' / (sqrt(v') + epsilon): the form
    of [1]_ that it calls efficient.

    Parameters
    ----------
    learning_rate : float, InverseScaling or Adaptive, default 0.001
        At least 0.
    beta_1, beta_2 : float, default 0.9 and 0.999
        At least 0 and below 1.
    epsilon : float, default 1e-8
        Above 0.

    Raises
    ------
    ValueError, TypeError
        For numbers out of range, and what is no number.

    References
    ----------
    .. [1] D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], weights=[[[0.0]]])
    >>> net.train([[2.0]], [[1.0]], optimizer=dl.Adam(0.1), epochs=3).loss.round(4)
    array([0.125 , 0.0905, 0.063 ])
    """

    learning_rate: LearningRate = 0.001
    _: KW_ONLY
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self):
        _check_rate(self)
        _checks.set_number(self, "beta_1", least=0, below=1)
        _checks.set_number(self, "beta_2", least=0, below=1)
        _checks.set_number(self, "epsilon", above=0)


@dataclass(frozen=True)
class RPROP:
    """Resilient propagation: only the signs of the gradient count, not its size [1]_.

    Each parameter has a step of its own. It grows while the derivative keeps its sign, and the
    parameter moves by it against that sign. Where the sign changes, the step shrinks and the
    parameter rests for one update, whose derivative then counts as 0: this is the variant iRPROP-
    [2]_. All samples are one batch, since signs of different batches say nothing about each other.

    Parameters
    ----------
    initial_step : float, default 0.1
        Of each parameter, from `smallest_step` to `largest_step`.
    increase : float, default 1.2
        At least 1: the factor by which a step grows.
    decrease : float, default 0.5
        Above 0 and below 1: the factor by which it shrinks.
    smallest_step, largest_step : float, default 1e-6 and 50.0
        The steps' bounds, above 0.

    Raises
    ------
    ValueError, TypeError
        For numbers out of range, and what is no number.

    References
    ----------
    .. [1] M. Riedmiller, H. Braun, "A direct adaptive method for faster backpropagation learning:
       the RPROP algorithm", ICNN 1993.
    .. [2] C. Igel, M. Huesken, "Improving the Rprop learning algorithm", NC 2000.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], weights=[[[0.0]]])
    >>> net.train([[2.0]], [[1.0]], optimizer=dl.RPROP(), epochs=3).loss.round(4)
    array([0.125 , 0.0905, 0.0581])
    """

    initial_step: float = 0.1
    _: KW_ONLY
    increase: float = 1.2
    decrease: float = 0.5
    smallest_step: float = 1e-6
    largest_step: float = 50.0

    def __post_init__(self):
        _checks.set_number(self, "smallest_step", above=0)
        _checks.set_number(self, "largest_step", least=self.smallest_step)
        _checks.set_number(self, "initial_step", least=self.smallest_step, most=self.largest_step)
        _checks.set_number(self, "increase", least=1)
        _checks.set_number(self, "decrease", above=0, below=1)


@dataclass(frozen=True)
class LBFGS:
    """The quasi-Newton method of limited memory [1]_, by SciPy, on the core's loss and gradient.

    An epoch is an iteration, which takes a line search's few passes over all samples. Parameters
    are searched in float64, whatever the network's dtype. What the method has gathered about the
    curvature is not kept: each `train` starts afresh. SciPy's own arithmetic may round differently
    on another machine, so that the promise of the same bits ends here.

    Parameters
    ----------
    memory : int, default 10
        Of how many updates the curvature is taken, at least 1.
    gradient_tolerance : float, default 1e-5
        Training ends, as `History.stopped_by` "convergence", when no derivative is larger; at
        least 0.
    loss_tolerance : float, default 1e-9
        Likewise when an iteration lowers the loss L by at most loss_tolerance * max(abs(L), 1),
        or when no lower loss is found; at least 0.
    line_search_steps : int, default 20
        At most how many passes a line search takes, at least 1.

    Raises
    ------
    ValueError, TypeError
        For numbers out of range, and what is no number.

    Notes
    -----
    `Network.train` then needs SciPy: ``pip install denseloop[scipy]``.

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

    memory: int = 10
    _: KW_ONLY
    gradient_tolerance: float = 1e-5
    loss_tolerance: float = 1e-9
    line_search_steps: int = 20

    def __post_init__(self):
        _checks.set_whole_number(self, "memory", 1)
        _checks.set_number(self, "gradient_tolerance", least=0)
        _checks.set_number(self, "loss_tolerance", least=0)
        _checks.set_whole_number(self, "line_search_steps", 1)


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Damped Gauss-Newton steps, for squared errors and up to 5000 parameters [1]_.

    An epoch is an accepted step: the solution of ``(J.T @ J + mu * I) @ step = -J.T @ r``, where J
    holds the derivatives of the errors r by all parameters. A large mu makes a short step of
    descent, a small one a step of Gauss and Newton's method, which is fast near a minimum. Each
    step that lowers the loss is accepted and divides mu by 10 [2]_; after others mu is multiplied
    by 2, 4, 8 and so on until one does [3]_.

    Parameters
    ----------
    damping : float, default 1e-3
        The first mu, in units of the largest element of the diagonal of J.T @ J; above 0.
    gradient_tolerance : float, default 1e-10
        Training ends, as `History.stopped_by` "convergence", when no derivative of the loss is
        larger; at least 0.
    step_tolerance : float, default 1e-10
        Likewise when the norm of a step is at most this times the norm of the parameters, or no
        shorter step lowers the loss; at least 0.

    Raises
    ------
    ValueError, TypeError
        For numbers out of range, and what is no number.

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

    damping: float = 1e-3
    _: KW_ONLY
    gradient_tolerance: float = 1e-10
    step_tolerance: float = 1e-10

    def __post_init__(self):
        _checks.set_number(self, "damping", above=0)
        _checks.set_number(self, "gradient_tolerance", least=0)
        _checks.set_number(self, "step_tolerance", least=0)
