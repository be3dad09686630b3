"""Types of the estimators' parameters."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from denseloop._types import EvalSet
from denseloop.activations import HiddenName
from denseloop.losses import Huber, Quantile

Sizes = int | Sequence[int] | np.ndarray
Activations = HiddenName | Sequence[HiddenName]
ClassifierSolver = Literal["adam", "sgd", "lbfgs", "rprop"]
RegressorSolver = Literal["adam", "sgd", "lbfgs", "rprop", "lm"]
RegressorLoss = (
    Literal["squared_error", "poisson", "absolute_error", "huber", "quantile"] | Huber | Quantile
)
BatchSize = int | Literal["auto"]
RateSchedule = Literal["constant", "invscaling", "adaptive"]
Random = int | np.random.RandomState | None
StoppingCriterion = Literal["score", "loss"]
# Weights by the labels of the classes, which may be of any type that sorts.
ClassWeight = Mapping[Any, float] | Literal["balanced"] | None
EvalSets = EvalSet | list[EvalSet] | None
