"""Learning rates that change from epoch to epoch."""

from dataclasses import KW_ONLY, dataclass

from denseloop import _checks

__all__ = ["Adaptive", "InverseScaling"]


@dataclass(frozen=True)
class InverseScaling:
    """A learning rate that falls with a power of the epoch.

    In epoch e, counted from 0 over all calls of `Network.train` that the optimizer goes through, it
    is ``initial / (1 + e)**power``. With a power above 1/2 and up to 1, the rates add up to
    infinity but their squares do not, which is what stochastic approximation asks of them [1]_.

    Parameters
    ----------
    initial : float
        The rate of the first epoch, at least 0.
    power : float, default 0.5
        At least 0.

    Raises
    ------
    ValueError, TypeError
        For numbers out of range, and what is no number.

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

    initial: float
    _: KW_ONLY
    power: float = 0.5

    def __post_init__(self):
        _checks.set_number(self, "initial", least=0)
        _checks.set_number(self, "power", least=0)


@dataclass(frozen=True)
class Adaptive:
    """A learning rate that is divided whenever the training loss ceases to fall.

    After the "adaptive" rate of scikit-learn's ``MLPClassifier``, which waits for one epoch more
    and looks at `smallest` before it divides. The rate that is reached, and the lowest loss, go on
    in the next training by an equal optimizer.

    Parameters
    ----------
    initial : float
        The rate of the first epoch by this optimizer, at least `smallest`.
    divisor : float, default 5.0
        Above 1: what the rate is divided by.
    patience : int, default 10
        At least 1: in how many epochs in a row the training loss must have failed to fall below the
        lowest before by more than `tolerance`. Each division has them counted anew.
    tolerance : float, default 1e-4
        At least 0.
    smallest : float, default 1e-6
        Above 0. Training ends, as `History.stopped_by` "learning_rate", when the rate would fall
        below it.

    Raises
    ------
    ValueError, TypeError
        For numbers out of range, and what is no number.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], seed=0)
    >>> rate = dl.Adaptive(0.5, patience=5, smallest=0.01)
    >>> history = net.train([[2.0]], [[0.7]], learning_rate=rate, epochs=10_000)
    >>> history.stopped_by, len(history.loss) < 100
    ('learning_rate', True)
    """

    initial: float
    _: KW_ONLY
    divisor: float = 5.0
    patience: int = 10
    tolerance: float = 1e-4
    smallest: float = 1e-6

    def __post_init__(self):
        _checks.set_number(self, "smallest", above=0)
        _checks.set_number(self, "initial", least=self.smallest)
        _checks.set_number(self, "divisor", above=1)
        _checks.set_whole_number(self, "patience", 1)
        _checks.set_number(self, "tolerance", least=0)
