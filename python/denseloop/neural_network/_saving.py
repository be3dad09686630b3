"""`save` and `load` of the estimators, in the format that docs/reference/files.md describes."""

from __future__ import annotations  # which help() shows as they are written

import inspect
import os
from typing import Any, ClassVar, Self

import numpy as np

from denseloop._files.errors import FileError
from denseloop._files.fields import Fields
from denseloop._files.networks import parsed, read_described, write_described
from denseloop._files.tensors import Tensors
from denseloop.neural_network._parameter_values import from_json, to_json
from denseloop.neural_network._scikit_learn import EstimatorMixin


class Saved(EstimatorMixin):
    """A mixin for an estimator that is written to files; a subclass describes its fit.

    Attributes
    ----------
    _file_kind : str
        Name of the class in the file, of each class itself.
    _fitted_attribute : str
        Attribute that only a fitted estimator has.
    """

    _file_kind: ClassVar[str]
    _fitted_attribute: ClassVar[str]

    def _fit_to_file(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return fields of the metadata, and arrays by their names."""
        raise NotImplementedError

    def _fit_from_file(self, contents, tensors: Tensors) -> None:
        """Make an estimator that has its parameters a fitted one."""
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the estimator to a file in the safetensors layout.

        The file has the parameters, and of a fitted estimator the weights, the classes and what
        the fit has reported: it predicts the same bits. It has neither samples nor the state of the
        optimizer, so that a `partial_fit` of the loaded estimator begins with a new optimizer. A
        crash, a full disk or an exception leaves the file that was there before.

        Parameters
        ----------
        path : str or path-like
            File to write. A file of this name is replaced.

        Raises
        ------
        ValueError
            If the estimator is of a subclass, or has parameters or weights of types that the file
            has no form for, such as a generator as `random_state`.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from denseloop.neural_network import MLPRegressor
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 2, 4, 6]
        >>> regressor = MLPRegressor(hidden_layer_sizes=(), solver="lm", alpha=0, random_state=0)
        >>> with TemporaryDirectory() as folder:
        ...     regressor.fit(X, y).save(f"{folder}/line.safetensors")
        ...     MLPRegressor.load(f"{folder}/line.safetensors").predict([[1.5]]).round(4)
        array([3.])
        """
        kind = vars(type(self)).get("_file_kind")
        if kind is None:
            raise ValueError(
                f"save must be of one of denseloop's estimators, got the subclass "
                f"{type(self).__name__}, which the file could not name; joblib.dump keeps it"
            )
        described: dict[str, Any] = {"parameters": parameters_to_json(self)}
        tensors: dict[str, np.ndarray] = {}
        if hasattr(self, self._fitted_attribute):
            fit, tensors = self._fit_to_file()
            described |= fit
        write_described(path, kind, described, tensors)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, allow_nan: bool = False) -> Self:
        """Return the estimator that `save` has written, as `denseloop.load` does.

        Parameters
        ----------
        path, allow_nan
            As for `denseloop.load`, which also raises the same exceptions.

        Returns
        -------
        estimator
            One of this class.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from denseloop.neural_network import MLPClassifier
        >>> with TemporaryDirectory() as folder:
        ...     MLPClassifier((8,), alpha=0.1).save(f"{folder}/new.safetensors")
        ...     MLPClassifier.load(f"{folder}/new.safetensors")
        MLPClassifier(alpha=0.1, hidden_layer_sizes=(8,))
        """
        kind, contents = read_described(path)
        if kind != vars(cls).get("_file_kind"):
            raise FileError(
                contents.path, f"expected a {cls.__name__}, got a {kind!r}; denseloop.load reads it"
            )
        return read_estimator(cls, contents, allow_nan)


def parameters_to_json(estimator) -> dict[str, Any]:
    """Return the parameters, which must be valid, by their names."""
    estimator._validate_params()
    parameters = estimator.get_params(deep=False)
    return {name: to_json(name, value) for name, value in parameters.items()}


def new_estimator(kind: type, given: Fields) -> Any:
    """Return an estimator with the parameters of a file, which are checked."""
    known = inspect.signature(kind).parameters
    parameters = {
        name: from_json(given, name, given.take(name)) for name in given.names() if name in known
    }
    given.end()
    estimator = kind(**parameters)
    given.checked("parameters", lambda checked: checked._validate_params(), estimator)
    return estimator


def read_estimator(kind: type, contents, allow_nan: bool) -> Any:
    """Return an estimator of this class, from a file that is checked."""
    tensors = Tensors(contents, allow_nan)
    estimator = new_estimator(kind, parsed(contents, "parameters"))
    if "fitted" in contents.metadata:
        estimator._fit_from_file(contents, tensors)
    tensors.end()
    return estimator
