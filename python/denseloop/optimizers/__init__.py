"""The optimizers by which `Network.train` minimizes a loss.

Each is a small immutable object that holds only the optimizer's hyperparameters. Its state
(velocities, moments, step sizes, the rate that a schedule has reached) stays with the network:
another `train` with an equal optimizer continues from it, one with a different optimizer starts
afresh.

The class variables tell the training what an optimizer needs, so that a new one is a class in
`descent` or `curvature`, and a name here.
"""

from typing import Literal

from denseloop.optimizers.curvature import LBFGS, LevenbergMarquardt
from denseloop.optimizers.descent import (
    RPROP,
    Adam,
    DescentOptimizer,
    GradientDescent,
    LearningRate,
)

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "RPROP",
    "Adam",
    "DescentOptimizer",
    "GradientDescent",
    "LearningRate",
    "LevenbergMarquardt",
    "Optimizer",
    "OptimizerName",
]

OptimizerName = Literal["sgd", "adam", "rprop", "lbfgs", "lm"]
Optimizer = GradientDescent | Adam | RPROP | LBFGS | LevenbergMarquardt
# The names of optimizers with their defaults.
OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": GradientDescent,
    "adam": Adam,
    "rprop": RPROP,
    "lbfgs": LBFGS,
    "lm": LevenbergMarquardt,
}
