"""Changes of a sound file: of its bytes, and of the JSON in its header, with a length that fits."""

import json
from random import Random

from tests.fuzz.target import parts, with_length

ODD = [
    *(None, True, False, -1, 0, 1, 2, 7, 8, 1 << 31, 1 << 53, 1 << 63, 1 << 64, 10**30, 0.5, 1e308),
    *(
        "",
        "0",
        "1",
        "2",
        "-1",
        "nan",
        "inf",
        "-inf",
        "0x1p-1074",
        "0x1p1024",
        "18446744073709551616",
    ),
    *("relu", "softmax", "leaky_relu", "identity", "float32", "float64", "F32", "F64", "U64", "I8"),
    *(
        "Network",
        "Networks",
        "MLPClassifier",
        "MLPRegressor",
        "standard",
        "minmax",
        "str",
        "object",
    ),
    *("Adam", "RPROP", "LBFGS", "LevenbergMarquardt", "GradientDescent", "Adaptive", "\ud800", "é"),
    *([], {}, [[]], [0, 0], [0, 8], [8, 0], [1, 1, 1], {"int": "9" * 30}, {"float": "nan"}),
    *({"tuple": [1, 2]}, {"dict": [[[], 1]]}, {"dict": [["a", 1]]}, {"class": "LBFGS"}, "x" * 300),
]


def mutated(data: bytes, random: Random) -> bytes:
    """Return the file with a few changes."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        change = random.choice(
            (flip, cut, insert, overwrite, change_json, change_json, change_json)
        )
        data = change(data, random)
    return data


def flip(data, random):
    """Change one bit."""
    if not data:
        return data
    place = random.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]


def cut(data, random):
    """Leave out some bytes, often all to the end."""
    begin = random.randrange(len(data) + 1)
    end = random.choice((len(data), min(len(data), begin + random.randrange(20))))
    return data[:begin] + data[end:]


def insert(data, random):
    """Add some bytes anywhere, often at the end."""
    place = random.choice((len(data), random.randrange(len(data) + 1)))
    return data[:place] + random.randbytes(random.randrange(1, 20)) + data[place:]


def overwrite(data, random):
    """Replace a number by another."""
    place = random.randrange(len(data) + 1)
    number = random.choice((b"\0" * 8, b"\xff" * 8, b"\0" * 6 + b"\xf8\x7f", random.randbytes(8)))
    return data[:place] + number + data[place + len(number) :]


def change_json(data, random):
    """Change a value somewhere in the header, or within a text there that is JSON itself."""
    header, numbers = parts(data)
    try:
        tree = json.loads(header)
        change_value(tree, random)
        text = json.dumps(tree)
    except (ValueError, RecursionError):  # an earlier change has left no JSON
        return data
    return with_length(text.encode(), numbers)


def change_value(tree, random):
    """Change, remove, rename or copy one value of a tree of lists and dicts."""
    places = list(containers(tree))
    if not places:
        return
    place = random.choice(places)
    key = random.choice(list(place) if isinstance(place, dict) else range(len(place)))
    value = place[key]
    if isinstance(value, str) and value[:1] == "{" and random.random() < 0.9:
        inner = json.loads(value)
        change_value(inner, random)
        place[key] = json.dumps(inner)
        return
    match random.randrange(6):
        case 0:
            del place[key]
        case 1 if isinstance(place, dict):
            place[str(random.choice((*place, *ODD)))] = place.pop(key)
        case 2:
            other = random.choice(places)
            place[key] = random.choice(list(other.values() if isinstance(other, dict) else other))
        case 3 if type(value) is int:
            place[key] = value + random.choice((-8, -1, 1, 8))
        case 4 if isinstance(place, list):
            place.insert(key, value)
        case _:
            place[key] = random.choice(ODD)


def containers(tree):
    """Yield all lists and dicts of a tree that are not empty; its depth is that of a file."""
    if isinstance(tree, (dict, list)) and tree:
        yield tree
        for value in tree.values() if isinstance(tree, dict) else tree:
            yield from containers(value)
