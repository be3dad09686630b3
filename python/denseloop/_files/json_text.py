"""JSON from a file that nobody vouches for: its depth, its names and its numbers are checked."""

import json
import re
from typing import Any

from denseloop._files.errors import FileError

MOST_LEVELS = 16
# It takes a string that does not end, too, so that no byte is looked at twice.
STRINGS = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
OPENING = b"[{"


def parse(path: object, where: str, text: bytes) -> dict[str, Any]:
    """Return the object that this JSON describes.

    Parameters
    ----------
    path, where
        The file, and the part of it that the text is, for the messages.
    text : bytes

    Raises
    ------
    FileError
        If the text is no JSON object in UTF-8, also after its escapes, if a name occurs twice in
        one of its objects, if it nests deeper than `MOST_LEVELS`, or has NaN or Infinity, which
        JSON has not.
    """
    _check_depth(path, where, text)

    def distinct(pairs):
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise FileError(path, f"{where} must have each name once, got {name!r} twice")
            found[name] = value
        return found

    def refuse(constant):
        raise FileError(path, f"{where} must be JSON, which has no {constant}")

    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=distinct, parse_constant=refuse)
        if b"\\u" in text:
            to_text(found).encode("utf-8")  # which half of a surrogate pair cannot be
    except FileError:
        raise
    except ValueError as error:  # no UTF-8, no JSON, or an integer of thousands of digits
        raise FileError(path, f"{where} must be JSON in UTF-8: {error}") from None
    if not isinstance(found, dict):
        raise FileError(path, f"{where} must be a JSON object, got a {type(found).__name__}")
    return found


def _check_depth(path, where, text):
    level = 0
    for bracket in re.findall(rb"[\[\]{}]", STRINGS.sub(b"", text)):
        level += 1 if bracket in OPENING else -1
        if level > MOST_LEVELS:
            raise FileError(
                path, f"{where} must have at most {MOST_LEVELS} levels of brackets, got more"
            )


def to_text(value: Any) -> str:
    """Return a value as short JSON, with all characters as they are."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
