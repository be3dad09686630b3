"""`load`: what `save` of a network, of networks and of an estimator has written."""

from __future__ import annotations  # which help() shows as they are written

import os
from typing import Any

from denseloop._files.errors import FileError
from denseloop.network import Network
from denseloop.networks import Networks

__all__ = ["FileError", "load"]

ESTIMATORS = (
    *("MLPClassifier", "MLPRegressor", "MLPEnsembleClassifier", "MLPEnsembleRegressor"),
    *("MLPGroupsClassifier", "MLPGroupsRegressor"),
)


def load(path: str | os.PathLike[str], *, allow_nan: bool = False) -> Any:
    """Return the network, the networks or the estimator that `save` has written to a file.

    Nothing of the file is executed, and its whole layout is checked before a number is read, so
    that a file may come from anywhere. Nobody may shorten the file meanwhile; `save` does not,
    since it replaces a file as a whole.

    Parameters
    ----------
    path : str or path-like
        File in the safetensors layout.
    allow_nan : bool, default False
        Whether parameters may be NaN or infinite.

    Returns
    -------
    Network, Networks or an estimator of `denseloop.neural_network`

    Raises
    ------
    FileError
        If the file is damaged, of another format or of a newer version, or if parameters are not
        finite. It is a ValueError whose message says what was expected, and where.
    OSError
        If the file cannot be read.
    ImportError
        If scikit-learn is missing for an estimator.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], seed=0)
    >>> history = net.train([[2.0]], [[1.0]], optimizer=dl.Adam(0.1), epochs=3)
    >>> with TemporaryDirectory() as folder:
    ...     net.save(f"{folder}/x.safetensors", training=True)
    ...     again = dl.load(f"{folder}/x.safetensors")
    >>> again.train([[2.0]], [[1.0]], optimizer=dl.Adam(0.1), epochs=1).loss.round(4)
    array([0.0097])
    """
    from denseloop._files.networks import (  # few need it, and it takes time
        read_described,
        read_network,
        read_networks,
    )

    kind, contents = read_described(path)
    if kind == "Network":
        return read_network(Network, contents, allow_nan)
    if kind == "Networks":
        return read_networks(Networks, contents, allow_nan)
    if kind not in ESTIMATORS:
        known = ", ".join(["Network", "Networks", *ESTIMATORS])
        raise FileError(
            contents.path, f"expected a `kind` of {known} in the metadata, got {kind!r}"
        )
    from denseloop import neural_network  # which needs scikit-learn
    from denseloop.neural_network._saving import read_estimator

    return read_estimator(getattr(neural_network, kind), contents, allow_nan)
