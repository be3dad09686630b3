"""Learning rates that change from epoch to epoch."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from denseloop import _checks, _core

__all__ = ["Adaptive", "InverseScaling", "Schedule"]


@dataclass(frozen=True)
class InverseScaling:
    """Divide the learning rate by a power of the epoch.

    The rate of epoch e, counted from 0 over all trainings by an equal optimizer, is
    ``initial / (1 + e)**power``. With a power above 1/2 and up to 1, the rates add up to infinity
    but their squares do not, as stochastic approximation requires [1]_.

    Parameters
    ----------
    initial : float
        Rate of the first epoch, at least 0.
    power : float, default 0.5
        Exponent, at least 0.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or not a number.

    References
    ----------
    .. [1] H. Robbins, S. Monro, "A stochastic approximation method", Annals of Mathematical
       Statistics 22 (1951).

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], weights=[[[0.0]]])
    >>> rate = dl.InverseScaling(0.5, power=1.0)
    >>> net.train([[2.0]], [[1.0]], learning_rate=rate, epochs=3).loss.round(4)
    array([0.125 , 0.0893, 0.0766])
    """

    core_kind: ClassVar[_core.ScheduleKind] = _core.ScheduleKind.inverse_scaling
    core_numbers: ClassVar[tuple[str, ...]] = ("power",)

    initial: float
    _: KW_ONLY
    power: float = 0.5

    def __post_init__(self) -> None:
        _checks.set_number(self, "initial", least=0)
        _checks.set_number(self, "power", least=0)


@dataclass(frozen=True)
class Adaptive:
    """Divide the learning rate whenever the training loss stops falling.

    It follows the "adaptive" rate of scikit-learn's ``MLPClassifier``, which however waits for one
    epoch more and compares with `smallest` before it divides. The next training by an equal
    optimizer continues with the rate and the lowest loss that were reached.

    Parameters
    ----------
    initial : float
        Rate of the first epoch, at least `smallest`.
    divisor : float, default 5.0
        Divisor of the rate, above 1.
    patience : int, default 10
        Number of epochs in a row, at least 1, in which the training loss must have failed to fall
        below its lowest value by more than `tolerance`. Each division restarts the count.
    tolerance : float, default 1e-4
        Smallest fall of the loss that counts, at least 0.
    smallest : float, default 1e-6
        Smallest rate, above 0. Training ends with `History.stopped_by` "learning_rate" when the
        rate would fall below it.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or not a number.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], seed=0)
    >>> rate = dl.Adaptive(0.5, patience=5, smallest=0.01)
    >>> history = net.train([[2.0]], [[0.7]], learning_rate=rate, epochs=10_000)
    >>> history.stopped_by, len(history.loss) < 100
    ('learning_rate', True)
    """

    core_kind: ClassVar[_core.ScheduleKind] = _core.ScheduleKind.adaptive
    core_numbers: ClassVar[tuple[str, ...]] = ("divisor", "patience", "tolerance", "smallest")

    initial: float
    _: KW_ONLY
    divisor: float = 5.0
    patience: int = 10
    tolerance: float = 1e-4
    smallest: float = 1e-6

    def __post_init__(self) -> None:
        _checks.set_number(self, "smallest", above=0)
        _checks.set_number(self, "initial", least=self.smallest)
        _checks.set_number(self, "divisor", above=1)
        _checks.set_whole_number(self, "patience", 1)
        _checks.set_number(self, "tolerance", least=0)


Schedule = InverseScaling | Adaptive
