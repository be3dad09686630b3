"""Write the trainings of cases.py and their results, for the core's test program.

    python -m tests.write_cases FILE

The expected bits are those of the installed package on the CPU target in use, and are written only
if their digests are the committed ones. The format, little-endian, is what core/case_file.cpp
reads: whole numbers of 8 bytes, float64, and arrays as their length followed by their elements.
"""

import inspect
import struct
import sys
from pathlib import Path

import numpy as np
from denseloop import (
    GradientDescent,
    LevenbergMarquardt,
    Network,
    _core,
    sigmoid,
    sigmoid_der,
)
from denseloop._core_terms import initial_rate, resolve_loss, shuffle_key
from denseloop.activations import core_activation

from tests.cases import CASES, DIGESTS, digest, objective, prepare, prepare_any_size, results

MAGIC = b"dlcases4"
HYPERPARAMETERS = (
    *("momentum", "beta_1", "beta_2", "epsilon"),
    *("increase", "decrease", "smallest_step", "largest_step"),
)


def whole(number):
    return struct.pack("<Q", number)


def array(values):
    values = np.ascontiguousarray(values)
    little_endian = values.astype(values.dtype.newbyteorder("<"))
    return whole(values.size) + little_endian.tobytes()


def numbers(values):
    return struct.pack(f"<{len(values)}d", *values)


def optimizer(options, dtype):
    """Return the record of an optimizer: the method, its numbers and its initial state."""
    chosen = options.get("optimizer") or GradientDescent(options["learning_rate"])
    schedule = getattr(chosen, "learning_rate", None)
    return b"".join(
        [
            whole(chosen.core_method.value),
            numbers(
                [initial_rate(chosen), *(getattr(chosen, name, 0.0) for name in HYPERPARAMETERS)]
            ),
            numbers([getattr(schedule, "power", 0.0)]),  # inverse scaling is the only schedule here
            numbers([getattr(chosen, "initial_step", 0.0)]),
        ]
    )


def training(name, dtype, network, X, y, options):
    """Return the record of one training; its digest must be the committed one, if there is one."""
    before = network.parameters.copy()
    arrays = results(network, X, y, options)
    expected, found = DIGESTS.get((name, dtype)), digest(arrays)
    if expected not in (None, found):
        sys.exit(f"{name}, {dtype}: expected the digest {expected}, found {found}")
    loss = network.loss_and_gradients(X, y, **objective(options))[0]
    given = {k: v.default for k, v in inspect.signature(Network.train).parameters.items()} | options
    activations = [core_activation(activation) for activation in network.activations]
    _, criterion, parameter = resolve_loss(given["loss"], np.dtype(dtype))
    return b"".join(
        [
            array(np.frombuffer(name.encode(), np.uint8)),
            array(np.array(network.layer_sizes, np.uint64)),
            whole(network.bias),
            array(np.array([member.value for member, _ in activations], np.uint64)),
            array(np.array([parameter for _, parameter in activations])),
            whole(criterion.value),
            numbers([parameter]),
            whole(_core.Reduction[given["reduction"]].value),
            whole(_core.DerivativeAt[given["derivative_at"]].value),
            numbers([given["l2"]]),
            whole(_core.UpdateOrder[given["update_order"]].value),
            optimizer(options, dtype),
            whole(given["epochs"]),
            whole(given["batch_size"] or len(X)),
            whole(given["shuffle"]),
            whole(shuffle_key(network.seed)),
            whole(len(X)),
            array(np.asarray(X, dtype)),
            array(np.asarray(y, dtype)),
            array(
                np.asarray([] if given["sample_weight"] is None else given["sample_weight"], dtype)
            ),
            array(before),
            *map(array, arrays),
            numbers([loss]),
            array(after_steps(name, dtype)),
        ]
    )


def after_steps(name, dtype):
    """Return a case's parameters after 3 steps of Levenberg-Marquardt, if it can take them.

    It is left out for "batches of few": the matrix of "gelu of few" is as large, and the steps take
    half as long.
    """
    if name not in CASES or name == "batches of few":
        return np.empty(0, dtype)
    network, X, y, options = prepare(name, dtype)
    chosen = objective(options)
    squared = chosen.get("loss", "half_squared_error") in ("half_squared_error", "squared_error")
    if not squared or "derivative_at" in chosen or network.parameters.size > 1000:
        return np.empty(0, dtype)
    network.train(X, y, optimizer=LevenbergMarquardt(), epochs=3, **chosen)
    return network.parameters


def special_values(dtype):
    """Return arguments of every exponent, and around the thresholds of a sigmoid."""
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
    """Return the records of one dtype."""
    trainings = [training(case, dtype, *prepare(case, dtype)) for case in CASES]
    trainings.append(training("any size", dtype, *prepare_any_size(dtype)))
    x = special_values(np.dtype(dtype).type)
    functions = [array(x), array(sigmoid(x)), array(sigmoid_der(x))]
    return whole(len(trainings)) + b"".join(trainings + functions)


def main():
    if len(sys.argv) != 2:
        sys.exit(f"expected the name of the file to write, got {len(sys.argv) - 1} arguments")
    # A wrong digest ends the program here, before the file is touched.
    contents = MAGIC + records("float32") + records("float64")
    Path(sys.argv[1]).write_bytes(contents)


if __name__ == "__main__":
    main()
