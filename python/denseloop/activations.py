"""The activations of a layer. A name selects one; `LeakyReLU` also sets its slope.

===========  =======================================  =======================
name         output for the pre-activation z          where
===========  =======================================  =======================
sigmoid      1 / (1 + exp(-z))                        any layer
tanh         tanh(z)                                  any layer
relu         max(z, 0)                                any layer
leaky_relu   z where z > 0, else slope * z            any layer
identity     z                                        any layer
gelu         z * Phi(z), Phi the normal distribution  any layer
softmax      exp(z) / sum(exp(z))                     outputs, at least two
exp          exp(z)                                   outputs
===========  =======================================  =======================

The name "leaky_relu" stands for ``LeakyReLU(0.01)``, and "logistic", scikit-learn's, for "sigmoid".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from denseloop import _checks, _core

__all__ = ["LeakyReLU"]


@dataclass(frozen=True)
class LeakyReLU:
    """Pass positive pre-activations, and scale negative ones by a small slope [1]_.

    Unlike with relu, a unit whose pre-activations are all negative still gets a gradient.

    Parameters
    ----------
    slope : float, default 0.01
        Factor of negative pre-activations, at least 0 and below 1.

    Raises
    ------
    ValueError, TypeError
        If the value is out of range or not a number.

    References
    ----------
    .. [1] A. L. Maas, A. Y. Hannun, A. Y. Ng, "Rectifier nonlinearities improve neural network
       acoustic models", ICML 2013.

    Examples
    --------
    >>> import denseloop as dl
    >>> net = dl.Network([1, 1], output_activation=dl.LeakyReLU(0.1), weights=[[[1.0]]])
    >>> net.forward([[-2.0], [3.0]])
    array([[-0.2],
           [ 3. ]])
    """

    core_name: ClassVar[str] = "leaky_relu"

    slope: float = 0.01

    def __post_init__(self) -> None:
        _checks.set_number(self, "slope", least=0, below=1)

    @property
    def parameter(self) -> float:
        """The number that the core computes with."""
        return self.slope


HiddenName = Literal["sigmoid", "tanh", "relu", "leaky_relu", "identity", "gelu", "logistic"]
HiddenActivation = HiddenName | LeakyReLU
# Of the last layer.
Activation = HiddenName | Literal["softmax", "exp"] | LeakyReLU
WITH_PARAMETER: dict[str, type[LeakyReLU]] = {LeakyReLU.core_name: LeakyReLU}
# Names of the activations of the last layer and of hidden layers, and what they stand for.
OUTPUT: dict[str, Any] = {
    name: WITH_PARAMETER[name]() if name in WITH_PARAMETER else name
    for name in _core.activation_traits
}
ALIASES = {"logistic": "sigmoid"}
HIDDEN = {
    name: activation
    for name, activation in OUTPUT.items()
    if not _core.activation_traits[name].output_only
}


def resolve_activation(name: str, value: Activation, *, hidden: bool) -> Activation:
    """Return `value` in its only form: a name, or an object where there is a parameter.

    Parameters
    ----------
    name : str
        Name of the argument, for the message of the ValueError.
    value : str or LeakyReLU
    hidden : bool
        Whether it is for a hidden layer.
    """
    known = HIDDEN if hidden else OUTPUT
    if isinstance(value, str) and (named := ALIASES.get(value, value)) in known:
        return known[named]
    if isinstance(value, tuple(WITH_PARAMETER.values())):
        return value
    classes = "".join(f" or {kind.__name__}(...)" for kind in WITH_PARAMETER.values())
    raise ValueError(
        f"{name} must be one of {_checks.listed(known)}{classes}; got {value!r}"
        f"{_checks.did_you_mean(value, known)}"
    )


def activation_name(activation: Activation) -> str:
    """Return the core's name of a resolved activation."""
    return activation if isinstance(activation, str) else activation.core_name


def core_activation(activation: Activation) -> tuple[_core.Activation, float]:
    """Return the core's member and parameter of a resolved activation."""
    parameter = 0.0 if isinstance(activation, str) else activation.parameter
    return _core.Activation[activation_name(activation)], parameter


def resolve_activations(
    hidden: HiddenActivation | Sequence[Activation],
    output: Activation | None,
    layer_sizes: Sequence[int],
) -> tuple[Activation, ...]:
    """Return the resolved activations of all layers.

    `hidden` is one activation for all hidden layers, or a sequence of one for each; with one more,
    for the outputs, `output` may be None, which otherwise stands for "sigmoid".
    """
    count = len(layer_sizes) - 2
    if isinstance(hidden, (str, LeakyReLU)):
        resolved = [resolve_activation("activation", hidden, hidden=True)] * count
    else:
        try:
            given = list(hidden)
        except TypeError:
            raise TypeError(
                f"activation must be one activation or a sequence of them, got {hidden!r}"
            ) from None
        if len(given) == count + 1 and output is None:
            output = given.pop()
        if len(given) != count:
            raise ValueError(
                f"activation must be one activation or {count} of them, one per hidden layer; "
                f"got {len(given)}: {hidden!r}"
            )
        resolved = [
            resolve_activation(f"activation[{k}]", each, hidden=True)
            for k, each in enumerate(given)
        ]
    if output is None:
        output = "sigmoid"
    output = resolve_activation("output_activation", output, hidden=False)
    if layer_sizes[-1] == 1 and _core.activation_traits[activation_name(output)].couples_outputs:
        raise ValueError(
            f"output_activation {output!r} needs at least 2 outputs, got 1, which would always be 1"
        )
    return (*resolved, output)
