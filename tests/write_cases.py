"""Writes the trainings of cases.py, with what they must give, for the core's test program.

    python tests/write_cases.py FILE

The expected bits are those of the installed package on the CPU target in use, and are written only
if their digests are the committed ones. The format, little-endian, is what core/case_file.cpp
reads: whole numbers of 8 bytes, float64, and arrays as their length followed by their elements.
"""

import inspect
import struct
import sys
from pathlib import Path

import numpy as np
from cases import CASES, DIGESTS, digest, objective, prepare, prepare_any_size, results
from denseloop import Network, _core, sigmoid, sigmoid_der

MAGIC = b"dlcases1"
CHOICES = {
    "loss": _core.Loss,
    "reduction": _core.Reduction,
    "derivative_at": _core.DerivativeAt,
    "update_order": _core.UpdateOrder,
}


def whole(number):
    return struct.pack("<Q", number)


def array(values):
    values = np.ascontiguousarray(values)
    little_endian = values.astype(values.dtype.newbyteorder("<"))
    return whole(values.size) + little_endian.tobytes()


def choice(options, name):
    """The number that the core gives to an option, or to its default."""
    default = inspect.signature(Network.train).parameters[name].default
    return whole(CHOICES[name][options.get(name, default)].value)


def training(name, dtype, network, X, y, options):
    """The record of one training; its digest must be the committed one if there is one."""
    before = network.parameters.copy()
    arrays = results(network, X, y, options)
    expected, found = DIGESTS.get((name, dtype)), digest(arrays)
    if expected not in (None, found):
        sys.exit(f"{name}, {dtype}: expected the digest {expected}, found {found}")
    loss = network.loss_and_gradients(X, y, **objective(options))[0]
    return b"".join(
        [
            array(np.frombuffer(name.encode(), np.uint8)),
            array(np.array(network.layer_sizes, np.uint64)),
            whole(network.bias),
            whole(_core.Activation[network.output_activation].value),
            *(choice(options, option) for option in CHOICES),
            struct.pack("<d", options["learning_rate"]),
            whole(options["epochs"]),
            whole(options.get("batch_size", len(X))),
            whole(len(X)),
            array(np.asarray(X, dtype)),
            array(np.asarray(y, dtype)),
            array(before),
            *map(array, arrays),
            struct.pack("<d", loss),
        ]
    )


def special_values(dtype):
    """What a sigmoid may stumble over: of every size, and around its thresholds."""
    info = np.finfo(dtype)
    thresholds = np.array([36.7, 87, 87.34, 88.73, 103.98, 104, 708, 708.4, 709.79, 745.14, 746])
    sizes = np.ldexp(1.0, np.arange(info.minexp - info.nmant, info.maxexp))
    positive = np.concatenate(
        [[0, info.max, np.inf], thresholds, sizes, np.linspace(0, 800, 3_001)]
    ).astype(dtype)
    with np.errstate(all="ignore"):  # the neighbour of the largest number is infinite
        below, above = (np.nextafter(positive, dtype(limit)) for limit in (0, np.inf))
    magnitudes = np.concatenate([below, positive, above])
    return np.concatenate([magnitudes, -magnitudes, [dtype(np.nan)]])


def records(dtype):
    """All of one dtype."""
    trainings = [training(case, dtype, *prepare(case, dtype)) for case in CASES]
    trainings.append(training("any size", dtype, *prepare_any_size(dtype)))
    x = special_values(np.dtype(dtype).type)
    functions = [array(x), array(sigmoid(x)), array(sigmoid_der(x))]
    return whole(len(trainings)) + b"".join(trainings + functions)


def main():
    if len(sys.argv) != 2:
        sys.exit(f"expected the name of the file to write, got {len(sys.argv) - 1} arguments")
    # Made before the file is, which a wrong digest then leaves alone.
    contents = MAGIC + records("float32") + records("float64")
    Path(sys.argv[1]).write_bytes(contents)


if __name__ == "__main__":
    main()
