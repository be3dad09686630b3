"""Parameters and labels of an estimator as JSON, with their types.

JSON has texts, true, false, null and lists. The rest is an object with one field that names the
type: ``{"float": "0x1.8p+1"}``, ``{"tuple": [...]}``, ``{"dict": [[key, value], ...]}``, and for
integers that many readers of JSON would round ``{"int": "12345678901234567890"}``.
"""

from typing import Any

import numpy as np

from denseloop._files.fields import Fields

EXACT = 1 << 53  # up to which every reader of JSON has all integers
MOST_LABELS = "bool, int8 to int64, uint8 to uint64, float16 to float64, str or object"
# An array of texts may have so many characters, and as many as this times those of the texts.
MOST_CHARACTERS, MOST_PADDING = 1 << 20, 16


def to_json(name: str, value: Any) -> Any:
    """Return a parameter's value in JSON; a ValueError names one that has no such form."""
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= EXACT else {"int": str(value)}
        case float():
            return {"float": value.hex()}
        case list():
            return [to_json(name, each) for each in value]
        case tuple():
            return {"tuple": [to_json(name, each) for each in value]}
        case dict():
            return {"dict": [[to_json(name, each) for each in item] for item in value.items()]}
    raise ValueError(
        f"{name} must be None, a number, a text, or a list, tuple or dict of these to be saved, "
        f"got {value!r}; joblib.dump keeps any object"
    )


def from_json(given: Fields, name: str, value: Any) -> Any:
    """Return the value, or raise a FileError that names the field."""
    match value:
        case None | bool() | str() | int():
            return value
        case list():
            return [from_json(given, name, each) for each in value]
        case {"int": str() as digits} if len(value) == 1 and len(digits) < 4000:
            return given.checked(name, int, digits)
        case {"float": str() as digits} if len(value) == 1:
            return given.checked(name, float.fromhex, digits)
        case {"tuple": list() as items} if len(value) == 1:
            return tuple(from_json(given, name, each) for each in items)
        case {"dict": list() as items} if len(value) == 1 and all(
            isinstance(item, list) and len(item) == 2 for item in items
        ):
            pairs = [[from_json(given, name, each) for each in item] for item in items]
            return given.checked(name, dict, pairs)
    given.refuse(name, "null, true, false, a text, an integer, a list, or a typed value", value)


def labels_to_json(labels: np.ndarray) -> dict[str, Any]:
    """Return an array of class labels."""
    kind = labels.dtype.kind
    dtype = {"U": "str", "O": "object"}.get(kind, labels.dtype.name)
    if kind not in "biufUO" or labels.dtype == np.longdouble:
        raise ValueError(f"classes_ must be of dtype {MOST_LABELS} to be saved, got {dtype}")
    return {"dtype": dtype, "values": to_json("classes_", labels)}


def labels_from_json(given: Fields) -> np.ndarray:
    """Return the array of labels."""
    name, values = given.text("dtype"), from_json(given, "values", given.items("values"))
    given.end()
    kinds: dict[str, type | tuple[type, ...]]
    integers = {f"{sign}int{bits}": int for sign in ("", "u") for bits in (8, 16, 32, 64)}
    floats = {f"float{bits}": float for bits in (16, 32, 64)}
    kinds = {**integers, **floats, "bool": bool, "str": str, "object": (str, int, float, bool)}
    if name not in kinds:
        given.refuse("dtype", f"one of {MOST_LABELS}", name)
    if not all(
        isinstance(each, kinds[name]) and (name in ("bool", "object") or type(each) is not bool)
        for each in values
    ):
        given.refuse("values", f"a list of {name}", values)
    if name == "str":  # every text of such an array takes the memory of the longest
        lengths = list(map(len, values))
        if len(values) * max(lengths, default=0) > MOST_CHARACTERS + MOST_PADDING * sum(lengths):
            given.refuse("values", "texts of like lengths", f"up to {max(lengths)} characters")
    return given.checked("values", lambda v: np.array(v, name), values)


def check_classes(given: Fields, classes: np.ndarray, n_outputs: int) -> None:
    """Refuse labels that no classifier with so many outputs has."""
    if len(classes) not in ((1, 2) if n_outputs == 1 else (n_outputs,)):
        given.refuse("classes", f"those of {n_outputs} outputs", f"{len(classes)} classes")
    ordered = given.checked("classes", np.unique, classes)
    if not np.array_equal(ordered, classes):
        given.refuse("classes", "different labels in ascending order", classes.tolist())
