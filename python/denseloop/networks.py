"""Many networks of one layout: their outputs, their training, and their files."""

from __future__ import annotations  # which help() shows as they are written

import os
from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from denseloop import _checks, _threads
from denseloop.many import train_many
from denseloop.network import Network
from denseloop.results import History
from denseloop.stack import Stack

if TYPE_CHECKING:
    from typing import Unpack

    from denseloop._types import MatrixLike
    from denseloop.each import Each
    from denseloop.many import ManyOptions

__all__ = ["Networks"]


class Networks(Stack):
    """Many networks of one layout, whose parameters are the rows of one array.

    ``networks[k]`` is a `Network` that shares row k, and whose training goes on where that of all
    has ended. A network alone with the same `seed` has the same weights.

    Parameters
    ----------
    layer_sizes, bias, activation, output_activation, dtype, initialization
        As for `Network`.
    count : int
        Number of networks, at least 1.
    seed : int, optional
        Seed of the seeds, which are ``numpy.random.SeedSequence(seed).generate_state(count,
        numpy.uint64)``. By default it is drawn from the system's entropy.

    Attributes
    ----------
    layer_sizes, bias, activations, output_activation, dtype
        As of each `Network`.
    parameters : ndarray, shape (count, n_parameters)
        All parameters, which can be written to.
    seeds : ndarray of uint64, shape (count,)
        Seed of each network.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.
    MemoryError
        If the parameters can be addressed but not held.

    Examples
    --------
    >>> import denseloop as dl
    >>> networks = dl.Networks([2, 3, 1], count=50, seed=0)
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> histories = networks.train(X, y, learning_rate=2.0, epochs=5000)
    >>> networks.best().forward(X).round().ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
    """

    def forward(self, X: ArrayLike, *, num_threads: int | None = None) -> np.ndarray:
        """Return the outputs of all networks.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_inputs) or (count, n_samples, n_inputs)
            Finite real numbers: samples for all networks, or some for each.
        num_threads : int, optional
            As for `Network.train`.

        Returns
        -------
        ndarray, shape (count, n_samples, n_outputs)
            Each network's have the bits of its own `forward`.

        Raises
        ------
        ValueError, TypeError
            If `X` is not as described.

        Examples
        --------
        >>> import denseloop as dl
        >>> dl.Networks([2, 1], count=3, seed=0).forward([[0.0, 0.0]]).ravel()
        array([0.5, 0.5, 0.5])
        """
        array = _checks.real_array("X", X, self._dtype)
        n_inputs = self._layer_sizes[0]
        if array.ndim not in (2, 3) or array.shape[-1] != n_inputs:
            raise ValueError(
                f"X must have shape (n_samples, {n_inputs}) or ({len(self)}, n_samples, "
                f"{n_inputs}), got {array.shape}"
            )
        if array.ndim == 3 and len(array) != len(self):
            raise ValueError(
                f"X must have samples for each of the {len(self)} networks, got {array.shape}"
            )
        _checks.require_finite("X", array)
        return self._stack.forward(array, _threads.allowed(num_threads))

    __call__ = forward

    def to_c(
        self,
        path: str | PathLike[str],
        name: str = "model",
        *,
        average: bool = False,
        derivative: bool = False,
        fma: bool = True,
    ) -> None:
        """Write the networks as one C header, see `Network.to_c`.

        Parameters
        ----------
        path, name, derivative, fma
            As for `Network.to_c`.
        average : bool, default False
            Whether the outputs are the mean of those of all networks, added in their order, or
            those of one network after another. A mean has no `derivative`.

        Raises
        ------
        ValueError, TypeError, OSError
            As `Network.to_c`.

        Examples
        --------
        >>> import tempfile, pathlib, denseloop as dl
        >>> networks = dl.Networks([2, 3, 1], count=5, seed=0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "five.h")
        ...     networks.to_c(path, "five", average=True)
        ...     "#define FIVE_OUTPUTS 1" in path.read_text()
        True
        """
        from denseloop._c_export.export import export_networks  # few need it, and it takes time

        export_networks(self, path, name, average=average, derivative=derivative, fma=fma)

    def train(
        self,
        X: MatrixLike | Sequence[MatrixLike] | Each,
        y: ArrayLike | Sequence[ArrayLike] | Each,
        **options: Unpack[ManyOptions],
    ) -> list[History]:
        """Train all networks: ``train_many(self, X, y, **options)``.

        Parameters
        ----------
        X, y, **options
            As for `train_many`, which also warns and raises the same exceptions.

        Returns
        -------
        list of History

        Examples
        --------
        >>> import denseloop as dl
        >>> networks = dl.Networks([1, 1], count=3, seed=0)
        >>> histories = networks.train([[2.0]], [[1.0]], learning_rate=0.5, epochs=10)
        >>> len(histories), networks[2].history is histories[2]
        (3, True)
        """
        return train_many(self, X, y, **options)

    def best(self) -> Network:
        """Return the network whose latest training reached the lowest loss.

        That is the lowest validation loss where there was an `eval_set`, else the loss of the last
        epoch. Of equal ones the first is returned.

        Returns
        -------
        Network

        Raises
        ------
        ValueError
            If no network was trained.

        Examples
        --------
        >>> import denseloop as dl
        >>> networks = dl.Networks([1, 1], count=3, seed=0)
        >>> histories = networks.train([[2.0]], [[1.0]], learning_rate=0.5, epochs=10)
        >>> networks.best() is networks[min(range(3), key=lambda k: histories[k].loss[-1])]
        True
        """
        losses = [reached(history) for history in self.histories]
        best = int(np.argmin(losses))
        if losses[best] == np.inf:
            raise ValueError("best needs a network that was trained to a finite loss, got none")
        return self[best]

    def save(self, path: str | os.PathLike[str], *, training: bool = False) -> None:
        """Write all networks to one file, as `Network.save` does for one.

        Parameters
        ----------
        path, training
            As for `Network.save`, which also raises the same exceptions.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> import denseloop as dl
        >>> networks = dl.Networks([2, 1], count=3, seed=0)
        >>> with TemporaryDirectory() as folder:
        ...     networks.save(f"{folder}/three.safetensors")
        ...     again = dl.load(f"{folder}/three.safetensors")
        >>> (again.parameters == networks.parameters).all()
        np.True_
        """
        from denseloop._files.networks import write_networks  # few need it, and it takes time
        from denseloop._files.training import Memory

        parameters, memories = self.parameters.copy(), {}
        for k, core in enumerate(self._stack.made()):
            if core is not None:
                parameters[k], *memory, _ = core.copied_state()
                memories[k] = Memory(*memory)
        write_networks(path, self, parameters, memories if training else None)


def reached(history: History | None) -> float:
    """Return the loss that a training reached, infinity without any."""
    if history is None:
        return np.inf
    if history.validation_loss is not None:
        lowest = history.best_epoch
        return np.inf if lowest is None else history.validation_loss[lowest]
    return history.loss[-1] if len(history.loss) else np.inf
