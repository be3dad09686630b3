"""The fields of a JSON object of a file: each is there once, and of the type that it must have.

Numbers whose bits matter are texts: integers, since many readers of JSON have them only up to
2**53, and floats in hexadecimal, since they are exact so.
"""

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from denseloop._files.errors import FileError

T = TypeVar("T")

MOST_DIGITS = 4000  # of an integer; Python refuses to read more than 4300


class Fields:
    """The fields of one object, which are taken one by one.

    Parameters
    ----------
    path, where
        The file, and the part of it that the object is, for the messages.
    values : dict
        What the JSON has there.
    """

    def __init__(self, path: str, where: str, values: Any) -> None:
        self.path, self.where = path, where
        if not isinstance(values, dict):
            self.refuse("", "an object", values)
        self._values = dict(values)

    def refuse(self, name: str, expected: str, got: Any) -> NoReturn:
        """Raise a FileError that names a field."""
        place = f"{self.where}.{name}" if name else self.where
        text = repr(got)
        raise FileError(
            self.path,
            f"{place} must be {expected}, got {text if len(text) <= 80 else text[:77] + '...'}",
        )

    def names(self) -> list[str]:
        return list(self._values)

    def has(self, name: str) -> bool:
        return name in self._values

    def peek(self, name: str) -> Any:
        """Return the value of a field, or None without it."""
        return self._values.get(name)

    def take(self, name: str) -> Any:
        """Return the value of a field that must be there."""
        if name not in self._values:
            raise FileError(self.path, f"{self.where} must have the field {name!r}, got none")
        return self._values.pop(name)

    def of_type(self, name: str, kind: type[T], expected: str) -> T:
        """Return the value of a field of this type."""
        value = self.take(name)
        if type(value) is not kind:
            self.refuse(name, expected, value)
        return value

    def text(self, name: str) -> str:
        return self.of_type(name, str, "a text")

    def flag(self, name: str) -> bool:
        return self.of_type(name, bool, "true or false")

    def items(self, name: str) -> list[Any]:
        return self.of_type(name, list, "a list")

    def integer(self, name: str, least: int = 0, most: int | None = None) -> int:
        """Return an integer, which is a text in the file."""
        value = self.text(name)
        if not (value.isascii() and value.removeprefix("-").isdecimal()):
            self.refuse(name, "a text of decimal digits", value)
        if len(value) > MOST_DIGITS:
            self.refuse(name, f"an integer of at most {MOST_DIGITS} digits", value)
        number = int(value)
        if number < least or (most is not None and number > most):
            bounds = f"of at least {least}" + ("" if most is None else f" and at most {most}")
            self.refuse(name, f"an integer {bounds}", value)
        return number

    def number(self, name: str) -> float:
        """Return a float, but not NaN, which is a hexadecimal text in the file."""
        number = self.checked(name, float.fromhex, self.text(name))
        if number != number:
            self.refuse(name, "a number", number)
        return number

    def checked(self, name: str, make: Callable[[Any], T], value: Any) -> T:
        """Return ``make(value)``; what it refuses, the file has not as it must be."""
        try:
            return make(value)
        except FileError:
            raise
        except (ValueError, TypeError, OverflowError) as error:
            raise FileError(self.path, f"{self.where}.{name}: {error}") from None

    def end(self) -> None:
        """Raise a FileError for fields that nobody has taken."""
        for name in self._values:
            raise FileError(
                self.path, f"{self.where} must not have the field {name!r}, which is not known"
            )
