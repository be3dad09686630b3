"""Small dense networks on a CPU: one fused loop, the same bits everywhere.

There are three ways to use it:

- the functions of a NumPy listing: `sigmoid`, `error`, `update_w`, ...
- `Network`, with optimizers, losses and schedules,
- scikit-learn's estimators: `denseloop.neural_network.MLPClassifier` and
  `denseloop.neural_network.MLPRegressor`, and ensembles of them, which need scikit-learn.

`denseloop.tutorials` replays the listings of the tutorials; `denseloop.plotting` draws the loss
curves of all of these by matplotlib.
"""

import os as _os
from contextlib import suppress as _suppress
from importlib import import_module as _import_module
from types import ModuleType as _ModuleType
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import TypeVar as _TypeVar

from denseloop import _interpreter as _interpreter

try:
    from denseloop import _core
except ImportError as _error:
    raise ImportError(
        "denseloop's C++ core is not built for this Python; install the package with "
        f"'pip install .' from its folder ({_error})"
    ) from _error

from denseloop import tutorials
from denseloop._core import (
    error,
    error_predicted_deriv,
    sigmoid,
    sigmoid_der,
    update_w,
)
from denseloop.acceleration import accelerate_sklearn
from denseloop.activations import LeakyReLU
from denseloop.config import show_config
from denseloop.each import Each, each
from denseloop.files import FileError, load
from denseloop.losses import Huber, Quantile
from denseloop.many import train_many
from denseloop.network import Network
from denseloop.networks import Networks
from denseloop.objective import Objective
from denseloop.onnx import from_onnx
from denseloop.optimizers import LBFGS, RPROP, Adam, GradientDescent, LevenbergMarquardt
from denseloop.partial import PartialSum
from denseloop.progress import Progress
from denseloop.results import DivergenceWarning, Gradients, History, TrainingWarning
from denseloop.schedules import Adaptive, InverseScaling
from denseloop.stopping import EarlyStopping
from denseloop.trainer import Trainer

with _suppress(ImportError):  # it comes with scikit-learn
    from denseloop import _threadpoolctl as _threadpoolctl

__version__ = _core.version

if _TYPE_CHECKING:
    from numpy import ufunc as _ufunc

__all__ = [
    "LBFGS",
    "RPROP",
    "Adam",
    "Adaptive",
    "DivergenceWarning",
    "Each",
    "EarlyStopping",
    "FileError",
    "GradientDescent",
    "Gradients",
    "History",
    "Huber",
    "InverseScaling",
    "LeakyReLU",
    "LevenbergMarquardt",
    "Network",
    "Networks",
    "Objective",
    "PartialSum",
    "Progress",
    "Quantile",
    "Trainer",
    "TrainingWarning",
    "accelerate_sklearn",
    "activation_sop_deriv",
    "each",
    "error",
    "error_predicted_deriv",
    "from_onnx",
    "load",
    "show_config",
    "sigmoid",
    "sigmoid_der",
    "sigmoid_sop_deriv",
    "sop_w_deriv",
    "train_many",
    "tutorials",
    "update_w",
]

activation_sop_deriv: "_ufunc" = sigmoid_der
sigmoid_sop_deriv: "_ufunc" = sigmoid_der
_T = _TypeVar("_T")
_LATE = ("neural_network", "plotting")  # modules that need other packages


def sop_w_deriv(x: _T) -> _T:
    """Return the derivative of the sum of products by a weight: the input `x` itself.

    Parameters
    ----------
    x : object

    Returns
    -------
    object
        `x`, unchanged and not copied.

    Examples
    --------
    >>> from denseloop import sop_w_deriv
    >>> sop_w_deriv(0.1)
    0.1
    """
    return x


def __getattr__(name: str) -> _ModuleType:
    """Import what needs scikit-learn or matplotlib when it is first asked for."""
    if name not in _LATE:
        raise AttributeError(f"module 'denseloop' has no attribute {name!r}")
    try:
        return _import_module(f"denseloop.{name}")
    except ImportError as error:  # `help` and `hasattr` expect an AttributeError
        raise AttributeError(str(error)) from error


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})


if _os.environ.get("DENSELOOP_TARGET"):
    _core.force_target(_os.environ["DENSELOOP_TARGET"])
