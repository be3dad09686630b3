"""Early stopping."""

from dataclasses import KW_ONLY, dataclass

from denseloop import _checks

__all__ = ["EarlyStopping"]


@dataclass(frozen=True)
class EarlyStopping:
    """End training when the watched loss has stopped falling [1]_.

    The watched loss is the validation loss if there is an `eval_set`, else the training loss.
    Training ends after `patience` epochs in a row in which it was not below its lowest value by
    more than `tolerance`. Each call of `Network.train` restarts the count.

    Parameters
    ----------
    patience : int, default 10
        Number of epochs to wait, at least 1.
    tolerance : float, default 1e-4
        Smallest fall that counts, at least 0, in units of the loss.
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
    """

    _: KW_ONLY
    patience: int = 10
    tolerance: float = 1e-4
    restore_best: bool | None = None

    def __post_init__(self):
        _checks.set_whole_number(self, "patience", 1)
        _checks.set_number(self, "tolerance", least=0)
        if self.restore_best is not None:
            object.__setattr__(self, "restore_best", bool(self.restore_best))
