"""The rules by which initial weights are drawn.

The variances follow from the fans of a layer, so that its outputs and gradients start about as
large as its inputs: Glorot's rules [1]_ suit sigmoid and tanh, He's [2]_ suit relu, which passes
half of its inputs. ``"uniform"`` is the ``rand`` of the tutorials.

==================  ==================================================================
``glorot_uniform``  uniform in [-a, a), a = sqrt(6 / (fan_in + fan_out))
``glorot_normal``   normal, standard deviation sqrt(2 / (fan_in + fan_out))
``he_uniform``      uniform in [-a, a), a = sqrt(6 / fan_in)
``he_normal``       normal, standard deviation sqrt(2 / fan_in)
``uniform``         uniform in [0, 1)
==================  ==================================================================

References
----------
.. [1] X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
   networks", AISTATS 2010.
.. [2] K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers: surpassing human-level
   performance on ImageNet classification", ICCV 2015.
"""

import numpy as np


def _uniform(limit_squared):
    def draw(random, fan_in, fan_out):
        limit = np.sqrt(limit_squared(fan_in, fan_out))
        return random.uniform(-limit, limit, (fan_in, fan_out))

    return draw


def _normal(variance):
    def draw(random, fan_in, fan_out):
        return random.normal(0.0, np.sqrt(variance(fan_in, fan_out)), (fan_in, fan_out))

    return draw


# Each function draws the weights (fan_in, fan_out) of a layer from a numpy.random.Generator.
RULES = {
    "glorot_uniform": _uniform(lambda fan_in, fan_out: 6 / (fan_in + fan_out)),
    "glorot_normal": _normal(lambda fan_in, fan_out: 2 / (fan_in + fan_out)),
    "he_uniform": _uniform(lambda fan_in, fan_out: 6 / fan_in),
    "he_normal": _normal(lambda fan_in, fan_out: 2 / fan_in),
    "uniform": lambda random, fan_in, fan_out: random.random((fan_in, fan_out)),
}
