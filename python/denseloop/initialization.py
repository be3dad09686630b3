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

from collections.abc import Callable, Iterable
from math import sqrt
from typing import Literal

import numpy as np

from denseloop.parameters import LayerSpan, NetworkParameters

RuleName = Literal["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "uniform"]
# Whether the numbers of a rule are uniform, and their limit or their standard deviation for a
# layer of these fans; the limit 0 stands for [0, 1).
Rule = tuple[bool, Callable[[int, int], float]]
RULES: dict[RuleName, Rule] = {
    "glorot_uniform": (True, lambda fan_in, fan_out: sqrt(6 / (fan_in + fan_out))),
    "glorot_normal": (False, lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out))),
    "he_uniform": (True, lambda fan_in, fan_out: sqrt(6 / fan_in)),
    "he_normal": (False, lambda fan_in, fan_out: sqrt(2 / fan_in)),
    "uniform": (True, lambda fan_in, fan_out: 0.0),
}


def spreads_of(rule: Rule, layers: Iterable[LayerSpan]) -> list[float]:
    """Return the limit or the standard deviation of each layer's weights."""
    return [rule[1](*span.shape) for span in layers]


def draw_weights(rule: Rule, seed: int, parameters: NetworkParameters) -> None:
    """Draw the weights of NetworkParameters, with the numbers of numpy.random.default_rng(seed).

    `rule` is a value of RULES.
    """
    spreads = spreads_of(rule, parameters.layers)
    if rule[0]:  # the core has NumPy's generator, which takes long to make
        words = -(-seed.bit_length() // 32) or 1
        parameters.core.draw_uniform(seed.to_bytes(4 * words, "little"), spreads)
        return
    random = np.random.default_rng(seed)
    for span, deviation in zip(parameters.layers, spreads):
        parameters.flat[span.weights : span.bias] = random.normal(
            0.0, deviation, span.bias - span.weights
        )
