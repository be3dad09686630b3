"""``make accuracy``: the public sigmoid at every float32 and at a million float64 arguments.

It measures the errors on one CPU target, and compares the bits of all. No floating-point flag may
reach NumPy, not even that of an underflow. The derivative is sampled at x < 0, where its docstring
states a bound; the sigmoid of the training loop is sampled too. A broken promise ends the run.
"""

import multiprocessing
import sys
from collections.abc import Callable
from typing import NamedTuple

import denseloop as dl
import numpy as np
from denseloop import _core
from tqdm import tqdm

from tests.ulps import exact_derivative, exact_sigmoid, stratified, ulps

# A task has the float32 patterns with one remainder modulo CLASSES. It spans all numbers, so the
# first task to end finds any fault that is not rare.
CLASSES = 256
BLOCK = 2**15
PATTERNS = np.arange(BLOCK, dtype=np.uint32) * np.uint32(CLASSES)
SAMPLED_EVERY = 16
FLOAT64_ARGUMENTS = 1_000_000
FLOAT64_TASKS = 500


# ---- the reference for float32, in float64
#
# NumPy's exp has an error of at most 4 ULP, and the two or three operations after it add 2. Since a
# float32 is less than 2^24 of its ULP, that is 6 * 2^-52 * 2^24 < 3e-8 of them, and less where it
# is subnormal. Nothing cancels and nothing overflows: exp(-|x|) is at most 1, and where float64
# loses digits of it or all, below -708, the float32 ULP is 2^-149 and the exact value < 2^-1021.
#
# The unit depends on the binade, and the exact value lies strictly between 0 and 1/2 or 1 (1/4 for
# the derivative), which the reference may round to; it is put back inside. To another power of two
# no float32 gives a value nearer than a relative 2^-29 (at the crossings -log(2^k - 1), by mpmath).

REFERENCE_ERROR = 3e-8


def between_0_and(limit, value):
    return np.clip(value, np.nextafter(0.0, 1), np.nextafter(limit, 0))


def float64_sigmoid(x):
    e = np.exp(-np.abs(x))
    return between_0_and(np.where(x < 0, 0.5, 1.0), np.where(x < 0, e, 1.0) / (1 + e))


def float64_derivative(x):
    e = np.exp(-np.abs(x))
    return between_0_and(0.25, e / (1 + e) ** 2)


def ulps_from_float64(actual, x, reference):
    """Return what `ulps` does, by the reference above; NaN for NaN is no error."""
    info = np.finfo(np.float32)
    with np.errstate(all="ignore"):
        true = reference(x.astype(np.float64))
        exponent = np.frexp(true)[1] - 1
        unit = np.maximum(exponent, info.minexp) - info.nmant
        errors = np.ldexp(np.abs(actual - true), -unit) + REFERENCE_ERROR
    errors[np.isnan(x) & np.isnan(actual)] = 0
    return errors, exponent < info.minexp


# ---- what is checked


class Promise(NamedTuple):
    """A function and the bounds of its error; a worse polynomial would exceed the normal one."""

    function: Callable
    bounds: dict[str, float]
    exact: Callable
    float64: Callable


SIGMOID = Promise(dl.sigmoid, {"normal": 0.72, "subnormal": 1.0}, exact_sigmoid, float64_sigmoid)
DERIVATIVE = Promise(
    dl.sigmoid_der, {"normal": 2.0, "subnormal": 2.0}, exact_derivative, float64_derivative
)


def loop_sigmoid(x):
    """Return the training loop's sigmoid, by a network with weight 1."""
    network = dl.Network([1, 1], bias=False, dtype=x.dtype, weights=[np.ones((1, 1), x.dtype)])
    return network.forward(x.reshape(-1, 1), num_threads=1).ravel()


LOOP = Promise(loop_sigmoid, {"normal": 2.0, "subnormal": 2.0}, exact_sigmoid, float64_sigmoid)


class Broken(Exception):
    """A promise that is broken, and the argument where it is."""


def values(function, x):
    """Return function(x), which must be the same on every target and raise no flag."""
    targets = _core.available_targets()
    results = []
    for target in targets:
        _core.force_target(target)
        with np.errstate(all="raise"):
            results.append(function(x))
    expected = results[-1]
    integers = np.dtype(f"u{expected.itemsize}")
    for target, result in zip(targets, results):
        differ = result.view(integers) != expected.view(integers)
        differ &= ~(np.isnan(result) & np.isnan(expected))
        for k in np.flatnonzero(differ)[:1]:
            raise Broken(
                f"{function.__name__}({x[k]!r}) is {result[k]!r} on {target},"
                f" {expected[k]!r} on {targets[-1]}"
            )
    return expected


def worst(promise, x):
    """Return the largest error and its argument by function, dtype and range of the result."""
    actual = values(promise.function, x)
    if x.dtype == np.float32:
        errors, subnormal = ulps_from_float64(actual, x, promise.float64)
    else:
        errors, subnormal = ulps(actual, x, promise.exact)
    errors[np.isnan(errors)] = np.inf
    found = {}
    for range_of_result, there in [("normal", ~subnormal), ("subnormal", subnormal)]:
        if not there.any() or range_of_result not in promise.bounds:
            continue
        k = np.where(there, errors, -1).argmax()
        if errors[k] > promise.bounds[range_of_result]:
            raise Broken(
                f"{promise.function.__name__}({x[k]!r}) is {actual[k]!r}, {errors[k]:.4f} ULP off;"
                f" the bound is {promise.bounds[range_of_result]}"
            )
        found[promise.function.__name__, x.dtype.name, range_of_result] = (
            float(errors[k]),
            float(x[k]),
        )
    return found


def merge(into, found):
    for key, value in found.items():
        into[key] = max(into.get(key, value), value)


def float32_task(remainder):
    found = {}
    for start in range(remainder, 2**32, CLASSES * BLOCK):
        x = (PATTERNS + np.uint32(start)).view(np.float32)
        merge(found, worst(SIGMOID, x))
        if remainder % SAMPLED_EVERY == 0:
            merge(found, worst(LOOP, x[np.isfinite(x)]))
            merge(found, worst(DERIVATIVE, x[x < 0]))
    return found


def float64_task(x):
    found = worst(SIGMOID, x)
    merge(found, worst(LOOP, x))
    merge(found, worst(DERIVATIVE, x[x < 0]))
    return found


def main():
    print("CPU targets:", ", ".join(_core.available_targets()))
    arguments = stratified(np.float64, FLOAT64_ARGUMENTS, np.random.default_rng(20))
    np.random.default_rng(21).shuffle(arguments)
    stages = {
        "float64": (float64_task, np.array_split(arguments, FLOAT64_TASKS)),
        "float32": (float32_task, range(CLASSES)),
    }
    found = {}
    with multiprocessing.Pool() as pool:
        for stage, (task, parts) in stages.items():
            done = pool.imap_unordered(task, parts)
            for part in tqdm(done, stage, total=len(parts), unit=" tasks"):
                merge(found, part)
    print(f"{'':<12}{'':<9}{'result':<11}worst ULP  at")
    for (function, dtype, range_of_result), (error, x) in sorted(found.items()):
        print(f"{function:<12}{dtype:<9}{range_of_result:<11}{error:<11.4f}{x!r}")


if __name__ == "__main__":
    try:
        main()
    except (Broken, FloatingPointError) as problem:
        sys.exit(f"FAILED: {problem}")
