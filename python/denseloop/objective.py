"""A prepared objective: loss and gradient as a function of the parameters."""

from __future__ import annotations  # which help() shows as they are written

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from denseloop import _checks, _core, _threads
from denseloop._core_terms import CALLER_LOSS
from denseloop._training.caller_loss import check_caller_terms
from denseloop._training.objective import check_targets, make_objective
from denseloop._training.samples import read_samples
from denseloop.losses import DerivativeAt, Loss, Reduction
from denseloop.scaling import Scaling

if TYPE_CHECKING:
    from denseloop._types import MatrixLike
    from denseloop.parameters import NetworkLike

__all__ = ["Objective"]

Targets = np.ndarray | _core.CallerLoss32 | _core.CallerLoss64


class Objective:
    """The loss over some samples as a function of a network's parameters, with its gradient.

    It is made by `Network.objective`, which checks and packs the samples once: a call computes
    what `Network.loss_and_gradients` does, to the bit, and hardly anything else. The network gives
    only its shape; its own parameters are neither read nor changed. Several threads may call it.
    It cannot be copied or pickled: pickle the network and the samples, and make a new one.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], weights=[[[0.0]]])
    >>> f = net.objective([[2.0]], [[1.0]])
    >>> f([0.0, 0.0])
    (0.125, array([-0.25 , -0.125]))

    SciPy minimizes it:

    >>> from scipy.optimize import minimize
    >>> result = minimize(f, net.parameters, jac=True, method="BFGS")
    >>> net.parameters[...] = result.x
    >>> bool(net.forward([[2.0]]) > 0.99)
    True
    """

    __slots__ = ("_dtype", "_loss", "_loss_and_gradient", "_size", "_targets")

    def __init__(self, network: NetworkLike, core_objective: Any, targets: Targets) -> None:
        self._targets = targets  # seen by the garbage collector, which does not look into the core
        self._dtype, self._size = network.dtype, network.parameters.size
        self._loss_and_gradient = core_objective.loss_and_gradient
        self._loss = core_objective.loss

    def __call__(
        self, parameters: ArrayLike, out: np.ndarray | None = None
    ) -> tuple[float, np.ndarray]:
        """Return the loss and its gradient.

        Parameters
        ----------
        parameters : array_like, shape (n_parameters,)
            In the order of `Network.parameters`. A contiguous array of the network's dtype is used
            as it is; others are converted.
        out : ndarray, shape (n_parameters,), optional
            Contiguous array of the network's dtype that receives the gradient.

        Returns
        -------
        loss : float
        gradient : ndarray, shape (n_parameters,)
            `out`, or a new array.

        Raises
        ------
        ValueError, TypeError
            If an array is not as described.
        """
        if parameters is not None:
            result = self._loss_and_gradient(parameters, out)
            if result is not None:
                return result
        self._check_out(out)
        return self._loss_and_gradient(self._converted(parameters), out)

    def loss(self, parameters: ArrayLike) -> float:
        """Return the loss alone.

        For more than four samples it takes about half of the time of a call.

        Parameters
        ----------
        parameters : array_like, shape (n_parameters,)
            As for a call.

        Returns
        -------
        float

        Raises
        ------
        ValueError, TypeError
            If `parameters` are not as described.
        """
        if parameters is not None:
            loss = self._loss(parameters)
            if loss is not None:
                return loss
        return self._loss(self._converted(parameters))

    def _converted(self, parameters):
        array = _checks.real_array("parameters", parameters, self._dtype)
        if array.shape != (self._size,):
            raise ValueError(f"parameters must have shape ({self._size},), got {array.shape}")
        return np.array(array, self._dtype)  # of no subclass, contiguous and aligned

    def _check_out(self, out):
        if out is None:
            return
        if type(out) is not np.ndarray:
            raise TypeError(f"out must be a numpy array, got {type(out).__name__}")
        if out.dtype != self._dtype or out.shape != (self._size,):
            raise ValueError(
                f"out must have dtype {self._dtype} and shape ({self._size},), "
                f"got {out.dtype} and {out.shape}"
            )
        for flag in ("c_contiguous", "aligned", "writeable"):
            if not getattr(out.flags, flag):
                raise ValueError(
                    f"out must be contiguous, aligned and writable, got an array whose flag "
                    f"{flag} is False; np.empty_like(network.parameters) makes one"
                )

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "an Objective cannot be copied or pickled; copy or pickle the network, and make a new "
            "one by Network.objective"
        )


def require_determined(scaling: Scaling | None) -> None:
    """Raise a ValueError if a scaling of the network is still to be determined."""
    if scaling is not None and not scaling.is_fitted:
        raise ValueError(
            "an objective needs a scaling that is determined, which the network's first training "
            "does; call train(X, y, epochs=0, ...) before"
        )


def check_objective(
    network: NetworkLike,
    X: MatrixLike,
    y: ArrayLike,
    loss: Loss,
    reduction: Reduction,
    l2: float,
    sample_weight: ArrayLike | None,
    derivative_at: DerivativeAt,
    num_threads: int | None,
) -> tuple[Any, Any, np.ndarray | None, _core.ObjectivePlan, int]:
    """Return the checked arguments of `Network.objective`, as the core takes them."""
    X, y, _ = read_samples(network, loss, X, y, network.scaling)
    if type(y) is not np.ndarray:
        loss = CALLER_LOSS
        check_caller_terms({"sample_weight": (sample_weight, None)})
    objective = make_objective(
        network.activations, network.dtype, loss, reduction, derivative_at, l2
    )
    check_targets(loss, y)
    sample_weight = _checks.sample_weight(sample_weight, len(X), network.dtype)
    shared = network._parameters.core.shares_batches(len(X))
    return X, y, sample_weight, objective, _threads.allowed(num_threads, shared)
