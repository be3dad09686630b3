"""What a callback sees of a training."""

from dataclasses import dataclass

from denseloop.derivatives import DifferentiableModel

__all__ = ["Progress"]


@dataclass(frozen=True, eq=False)
class Progress:
    """The state of a training, as a callback of `Network.train` receives it.

    Attributes
    ----------
    epoch : int
        Number of finished epochs of this call.
    loss : float
        Loss of the last of them, as in `History`.
    validation_loss : float or None
        Validation loss of the last of them; None without an `eval_set`.
    network : Network
        The network with its present parameters, to be used, copied or pickled, but not trained.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], weights=[[[0.0]]])
    >>> history = net.train(
    ...     [[2.0]], [[1.0]], learning_rate=0.5, epochs=1000, callback=lambda p: p.loss < 0.01
    ... )
    >>> history.stopped_by, history.loss[-2:].round(4)
    ('callback', array([0.0106, 0.0098]))
    """

    epoch: int
    loss: float
    validation_loss: float | None
    network: DifferentiableModel  # without its training
