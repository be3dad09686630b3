"""Optimizers that descend along the gradient of a batch; the core makes their updates."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from denseloop import _checks, _core
from denseloop._packing import PackedFields
from denseloop.schedules import Schedule

__all__ = ["RPROP", "Adam", "DescentOptimizer", "GradientDescent", "LearningRate"]

LearningRate = float | Schedule


class DescentOptimizer(PackedFields):
    """Base of the optimizers whose updates the core makes, batch by batch.

    Attributes
    ----------
    core_method : _core.Method
        The rule by which the core updates.
    hyperparameters : tuple of str
        Fields that the core takes under the same name.
    first_slots : sequence of float
        Values of the optimizer's slots before the first update, where they are not 0.
    full_batch : bool
        Whether each update needs all samples.
    can_shuffle : bool
        Whether the order of the samples may change between epochs.
    """

    # A constant of the class, or a property that follows from the fields.
    core_method: ClassVar[_core.Method]
    hyperparameters: ClassVar[tuple[str, ...]] = ()
    first_slots: ClassVar[tuple[float, ...]] = ()
    full_batch: ClassVar[bool] = False
    can_shuffle: ClassVar[bool] = True

    def _check_learning_rate(self):
        if not isinstance(self.learning_rate, Schedule):
            _checks.set_number(self, "learning_rate", least=0)


@dataclass(frozen=True)
class GradientDescent(DescentOptimizer):
    """Step against the gradient g, optionally with momentum.

    Without momentum, p' = p - rate * g. With momentum [1]_, a velocity accumulates the steps,
    v' = momentum * v - rate * g, and p' = p + v'. Nesterov's variant, in the form of [2]_, looks
    ahead by one more step of the velocity: p' = p + momentum * v' - rate * g.

    Parameters
    ----------
    learning_rate : float, InverseScaling or Adaptive
        Factor of the gradient, at least 0, or a schedule of it.
    momentum : float, default 0.0
        Factor of the previous velocity, from 0 to 1; 0.9 is usual.
    nesterov : bool, default False
        Whether to look ahead; needs a momentum above 0.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or not a number.

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

    hyperparameters: ClassVar[tuple[str, ...]] = ("momentum",)

    learning_rate: LearningRate
    _: KW_ONLY
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        self._check_learning_rate()
        _checks.set_number(self, "momentum", least=0, most=1)
        object.__setattr__(self, "nesterov", bool(self.nesterov))
        if self.nesterov and self.momentum == 0:
            raise ValueError("nesterov=True needs a momentum above 0, got momentum=0.0")

    @property
    def core_method(self) -> _core.Method:  # type: ignore[override]
        if self.momentum == 0:
            return _core.Method.gradient_descent
        return _core.Method.nesterov if self.nesterov else _core.Method.momentum


@dataclass(frozen=True)
class Adam(DescentOptimizer):
    """Scale each parameter's step by running means of its gradient [1]_.

    Steps are about as large as the learning rate, whatever the size of the gradient. With running
    means of the gradient, m' = beta_1 * m + (1 - beta_1) * g, and of its square,
    v' = beta_2 * v + (1 - beta_2) * g**2, update t (1, 2, ...) is
    p' = p - rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m' / (sqrt(v') + epsilon): the form
    of [1]_ that it calls efficient.

    Parameters
    ----------
    learning_rate : float, InverseScaling or Adaptive, default 0.001
        Approximate size of a step, at least 0, or a schedule of it.
    beta_1, beta_2 : float, default 0.9 and 0.999
        Decay of the two running means, at least 0 and below 1.
    epsilon : float, default 1e-8
        Number that keeps the divisor from 0, above 0.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or not a number.

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

    core_method: ClassVar[_core.Method] = _core.Method.adam
    hyperparameters: ClassVar[tuple[str, ...]] = ("beta_1", "beta_2", "epsilon")

    learning_rate: LearningRate = 0.001
    _: KW_ONLY
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        self._check_learning_rate()
        _checks.set_number(self, "beta_1", least=0, below=1)
        _checks.set_number(self, "beta_2", least=0, below=1)
        _checks.set_number(self, "epsilon", above=0)


@dataclass(frozen=True)
class RPROP(DescentOptimizer):
    """Use only the signs of the gradient, not its size: resilient propagation [1]_.

    Each parameter has its own step size. It grows while the derivative keeps its sign, and the
    parameter moves by it against that sign. Where the sign changes, the step size shrinks and the
    parameter rests for one update, whose derivative then counts as 0: this is the variant iRPROP-
    [2]_. All samples form one batch, since signs from different batches cannot be compared.

    Parameters
    ----------
    initial_step : float, default 0.1
        First step size of each parameter, from `smallest_step` to `largest_step`.
    increase : float, default 1.2
        Factor by which a step size grows, at least 1.
    decrease : float, default 0.5
        Factor by which a step size shrinks, above 0 and below 1.
    smallest_step, largest_step : float, default 1e-6 and 50.0
        Bounds of the step sizes, above 0.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or not a number.

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

    core_method: ClassVar[_core.Method] = _core.Method.rprop
    hyperparameters: ClassVar[tuple[str, ...]] = (
        *("increase", "decrease", "smallest_step", "largest_step"),
    )
    full_batch: ClassVar[bool] = True
    learning_rate: ClassVar[float] = 0.0  # its steps have sizes of their own

    initial_step: float = 0.1
    _: KW_ONLY
    increase: float = 1.2
    decrease: float = 0.5
    smallest_step: float = 1e-6
    largest_step: float = 50.0

    def __post_init__(self) -> None:
        _checks.set_number(self, "smallest_step", above=0)
        _checks.set_number(self, "largest_step", least=self.smallest_step)
        _checks.set_number(self, "initial_step", least=self.smallest_step, most=self.largest_step)
        _checks.set_number(self, "increase", least=1)
        _checks.set_number(self, "decrease", above=0, below=1)

    @property
    def first_slots(self) -> tuple[float, ...]:  # type: ignore[override]
        return 0.0, self.initial_step  # the previous gradient, and the step sizes
