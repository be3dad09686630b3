"""Small objects as JSON: optimizers, learning rates, activations."""

from dataclasses import MISSING, fields
from typing import Any

from denseloop._files.fields import Fields
from denseloop.activations import LeakyReLU
from denseloop.optimizers import LBFGS, RPROP, Adam, GradientDescent, LevenbergMarquardt
from denseloop.schedules import Adaptive, InverseScaling

CLASSES = {
    kind.__name__: kind
    for kind in (
        *(GradientDescent, Adam, RPROP, LBFGS, LevenbergMarquardt),
        *(InverseScaling, Adaptive),
    )
}


def number_to_json(value: float) -> str:
    """Return a float as a text with all of its bits."""
    return float(value).hex()


def to_json(value: Any) -> dict[str, Any]:
    """Return an optimizer or a learning rate with all of its fields."""
    described: dict[str, Any] = {"class": type(value).__name__}
    for field in fields(value):
        number = getattr(value, field.name)
        if isinstance(number, bool):
            described[field.name] = number
        elif isinstance(number, int):
            described[field.name] = str(number)
        elif isinstance(number, float):
            described[field.name] = number_to_json(number)
        else:
            described[field.name] = to_json(number)
    return described


def from_json(path: str, where: str, described: Any, classes: tuple[type, ...]) -> Any:
    """Return the object, whose class must be one of these; it checks its fields itself."""
    given = Fields(path, where, described)
    name = given.text("class")
    kind = CLASSES.get(name)
    if kind is None or not issubclass(kind, classes):
        known = ", ".join(name for name, kind in CLASSES.items() if issubclass(kind, classes))
        given.refuse("class", f"one of {known}", name)
    numbers = {}
    for field in fields(kind):
        if not given.has(field.name) and field.default is not MISSING:
            continue  # a file of an older version may lack what came later
        numbers[field.name] = _number(given, field)
    given.end()
    return given.checked("class", lambda numbers: kind(**numbers), numbers)


def _number(given, field):
    if field.name == "learning_rate" and isinstance(rate := given.peek("learning_rate"), dict):
        given.take("learning_rate")
        place = f"{given.where}.learning_rate"
        return from_json(given.path, place, rate, (InverseScaling, Adaptive))
    match field.default:
        case bool():
            return given.flag(field.name)
        case int():
            return given.integer(field.name)
        case _:
            return given.number(field.name)


def activation_to_json(activation: Any) -> Any:
    """Return the name of an activation, or an object with its slope."""
    if isinstance(activation, LeakyReLU):
        return {"name": activation.core_name, "slope": number_to_json(activation.slope)}
    return activation


def activation_from_json(path: str, where: str, described: Any) -> Any:
    """Return the activation, by a name that is not yet checked."""
    if isinstance(described, str):
        return described
    given = Fields(path, where, described)
    name, slope = given.text("name"), given.number("slope")
    if name != LeakyReLU.core_name:
        given.refuse("name", repr(LeakyReLU.core_name), name)
    given.end()
    return given.checked("slope", LeakyReLU, slope)
