"""When training ends early."""

from dataclasses import KW_ONLY, dataclass

from denseloop import _checks

__all__ = ["EarlyStopping"]


@dataclass(frozen=True)
class EarlyStopping:
    """Training ends when the watched loss has ceased to fall [1]_.

    That is the validation loss if there is an `eval_set`, else the training loss. It ends after
    `patience` epochs in a row in which the loss was not below the lowest before by more than
    `tolerance`; the count begins anew with each call of `Network.train`.

    Parameters
    ----------
    patience : int, default 10
        At least 1.
    tolerance : float, default 1e-4
        At least 0, in units of the loss.
    restore_best : bool, optional
        Whether the network gets back the parameters with the lowest validation loss, whatever
        ended the training except an exception. Default: True with an `eval_set`, else False;
        True needs one. The optimizer's state, which belonged to later parameters, is then dropped.

    Raises
    ------
    ValueError, TypeError
        For numbers out of range, and what is no number.

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
