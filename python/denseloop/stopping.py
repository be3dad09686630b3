"""Early stopping."""

import sys
from dataclasses import KW_ONLY, dataclass

from denseloop import _checks

__all__ = ["EarlyStopping"]

LARGEST = sys.float_info.max


@dataclass(frozen=True)
class EarlyStopping:
    """End training when the watched loss has stopped falling [1]_.

    The watched loss is the validation loss if there is an `eval_set`, else the training loss.
    Training ends after `patience` epochs in a row in which it was not below its lowest value by
    more than both tolerances, or as soon as it is at most `goal`. Each call of `Network.train`
    restarts the count.

    Parameters
    ----------
    patience : int or None, default 10
        Number of epochs to wait, at least 1. None waits for ever: only the goal ends the training.
    tolerance : float, optional
        Smallest fall that counts, at least 0, in units of the loss. The default is 1e-4, or 0 if
        there is a `relative_tolerance`.
    relative_tolerance : float, default 0
        Smallest fall that counts as a fraction of the lowest loss, at least 0 and below 1.
    goal : float, optional
        Loss at which training ends with `History.stopped_by` "goal".
    restore_best : bool, optional
        Whether to restore the parameters with the lowest validation loss, unless an exception ends
        the training. The default is True with an `eval_set`, else False; True needs an `eval_set`.
        The optimizer's state is then dropped, since it belongs to later parameters.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or not a number.

    References
    ----------
    .. [1] L. Prechelt, "Early stopping - but when?", in: Neural Networks: Tricks of the Trade,
       Springer 1998.

    Examples
    --------
    >>> import numpy as np
    >>> import denseloop as dl
    >>> random = np.random.default_rng(0)
    >>> X = random.uniform(-1, 1, (60, 1))
    >>> y = np.sin(3 * X) + 0.3 * random.standard_normal(X.shape)
    >>> net = dl.Network([1, 20, 1], activation="tanh", output_activation="identity", seed=0)
    >>> history = net.train(
    ...     X[:30], y[:30], optimizer=dl.Adam(0.02), epochs=5000, reduction="mean",
    ...     eval_set=(X[30:], y[30:]), stopping=dl.EarlyStopping(patience=50),
    ... )
    >>> history.stopped_by
    'stopping'
    >>> loss, _ = net.loss_and_gradients(X[30:], y[30:], reduction="mean")
    >>> bool(np.isclose(loss, history.validation_loss[history.best_epoch]))
    True

    Until the training loss is small enough:

    >>> goal = dl.EarlyStopping(goal=0.03, patience=None)
    >>> net.train(
    ...     X, y, optimizer="lm", epochs=1000, reduction="mean", stopping=goal
    ... ).stopped_by
    'goal'
    """

    _: KW_ONLY
    patience: int | None = 10
    tolerance: float | None = None
    relative_tolerance: float = 0.0
    goal: float | None = None
    restore_best: bool | None = None

    def __post_init__(self) -> None:
        if self.patience is not None:
            _checks.set_whole_number(self, "patience", 1)
        elif self.goal is None:
            raise ValueError("patience=None needs a goal, or nothing would end the training early")
        _checks.set_number(self, "relative_tolerance", least=0, below=1)
        if self.tolerance is None:
            object.__setattr__(self, "tolerance", 0.0 if self.relative_tolerance else 1e-4)
        _checks.set_number(self, "tolerance", least=0)
        if self.goal is not None:
            _checks.set_number(self, "goal", least=-LARGEST)
        if self.restore_best is not None:
            object.__setattr__(self, "restore_best", bool(self.restore_best))
