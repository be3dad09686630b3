"""The activations by operators of ONNX, of which ONNX Runtime has kernels in both dtypes.

An activation whose own operator is inexact there, or missing, is spelled out:

- Sigmoid is off by up to 1.4e-7 in float32, which is more than a small probability itself.
- LeakyRelu has no float64 kernel in most of its versions.
- Gelu and Erf have none at all in float64, and lose the digits of small outputs in float32.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from denseloop._c_export import constants
from denseloop.activations import Activation, LeakyReLU

GELU_OPSET = 20  # the first that has Gelu
# Phi(-t) = exp(-t^2/2) (NEAR/2 + w P(w - CENTRE)) / (t + NEAR) with w = t / (t + FAR), in float64.
NEAR, FAR, CENTRE = (constants.NORMAL["float64"][name] for name in ("NEAR", "FAR", "CENTRE"))
POLYNOMIAL = constants.NORMAL_POLYNOMIAL["float64"]


@dataclass(frozen=True)
class Step:
    """A node of a formula: its inputs are names of values, or numbers."""

    operator: str
    inputs: tuple[str | float, ...]
    output: str
    attributes: dict[str, float | int] = field(default_factory=dict)


Formula = tuple[Step, ...]  # from the value "z" to the value "y"


def _one(operator, **attributes):
    return (Step(operator, ("z",), "y", attributes),)


SIGMOID = (
    Step("Neg", ("z",), "minus_z"),
    Step("Exp", ("minus_z",), "power"),
    Step("Add", ("power", 1.0), "divisor"),
    Step("Reciprocal", ("divisor",), "y"),
)


def _gelu():
    """Return relu(z) - t Phi(-t) for t = abs(z), which loses no digits on either side of 0."""
    steps = [
        Step("Abs", ("z",), "t"),
        Step("Add", ("t", FAR), "far"),
        Step("Div", ("t", "far"), "w"),
        Step("Sub", ("w", CENTRE), "v"),
    ]
    power, *others = reversed(POLYNOMIAL)
    for k, coefficient in enumerate(others):
        steps.append(Step("Mul", ("v", power), f"product_{k}"))
        power = f"sum_{k}"
        steps.append(Step("Add", (f"product_{k}", coefficient), power))
    steps += [
        Step("Mul", ("w", power), "varying"),
        Step("Add", ("varying", NEAR / 2), "g"),
        Step("Add", ("t", NEAR), "near"),
        Step("Div", ("g", "near"), "ratio"),
        Step("Mul", ("t", "t"), "square"),
        Step("Mul", ("square", -0.5), "exponent"),
        Step("Exp", ("exponent",), "density"),
        Step("Mul", ("density", "ratio"), "tail"),
        Step("Mul", ("t", "tail"), "below"),
        Step("Relu", ("z",), "above"),
        Step("Sub", ("above", "below"), "y"),
    ]
    return tuple(steps)


GELU = _gelu()


def _leaky_relu(slope):
    return Step("Mul", ("z", slope), "scaled"), Step("Max", ("z", "scaled"), "y")


def formula_of(activation: Activation, dtype: np.dtype, opset: int, *, hidden: bool) -> Formula:
    """Return how an activation is written."""
    exact = not hidden or dtype == np.float64
    if isinstance(activation, LeakyReLU):
        if dtype == np.float64:
            return _leaky_relu(activation.slope)
        return _one("LeakyRelu", alpha=activation.slope)
    if activation == "sigmoid":
        return _one("Sigmoid") if hidden else SIGMOID
    if activation == "gelu":
        return GELU if exact or opset < GELU_OPSET else _one("Gelu")
    if activation == "softmax":
        return _one("Softmax", axis=-1)
    return {
        "tanh": _one("Tanh"),
        "relu": _one("Relu"),
        "identity": (),
        "exp": _one("Exp"),
    }[activation]


def known_formulas() -> Iterator[tuple[Activation | type[LeakyReLU], Formula]]:
    """Yield what is read as each activation, the longest formulas first.

    The slope of a LeakyReLU is nan, which stands for any number.
    """
    scaled = Step("Mul", ("z", 2.0**-0.5), "scaled")
    divided = Step("Div", ("z", 2.0**0.5), "scaled")
    erf = (
        Step("Erf", ("scaled",), "erf"),
        Step("Add", ("erf", 1.0), "twice"),
    )
    ends = (
        (Step("Mul", ("z", "twice"), "double"), Step("Mul", ("double", 0.5), "y")),
        (Step("Mul", ("z", 0.5), "half"), Step("Mul", ("half", "twice"), "y")),
    )
    yield "gelu", GELU
    for first in (scaled, divided):  # PyTorch's exporter writes both
        for end in ends:
            yield "gelu", (first, *erf, *end)
    yield "sigmoid", SIGMOID
    yield LeakyReLU, _leaky_relu(np.nan)
    yield LeakyReLU, _one("LeakyRelu", alpha=np.nan)
    yield "gelu", _one("Gelu")
    for axis in (-1, 1):
        yield "softmax", _one("Softmax", axis=axis)
    for name in ("sigmoid", "tanh", "relu", "identity", "exp"):
        yield name, _one(name.capitalize())
