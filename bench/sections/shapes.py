"""scikit-learn's perceptrons against denseloop's on odd shapes: predictions and short fits.

All shapes are measured on one thread, those with work to share on several too.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from denseloop import neural_network
from sklearn import neural_network as scikit_learn

from bench.harness.calls import measure_calls
from bench.harness.names import REFERENCE, SCIKIT_LEARN
from bench.sections.estimators import (
    compare_losses,
    compare_with_first,
    describe,
    without_warnings,
)
from bench.sections.shape_cases import FIT, FITTED_ROWS, PREDICT, SHAPES

# scikit-learn's come first, since denseloop's result is compared with theirs.
ESTIMATORS = {SCIKIT_LEARN: scikit_learn, REFERENCE: neural_network}
ROUNDS = 7
TOLERANCE = {"float64": 1e-9, "float32": 1e-5}  # relative, of outputs and of losses


def measurements(job):
    if not job.has_peer(SCIKIT_LEARN):
        return []  # there is nothing to compare with
    chosen = [
        (shape, repeated, dtype)
        for dtype in job.dtypes
        for shape in SHAPES
        for repeated in shape.repeated
        if is_measured(shape, dtype, job) and job.has_case(shape.name(repeated))
    ]
    return [
        (
            f"{shape.name(repeated)}, {dtype}",
            partial(without_warnings, partial(measure_shape, shape, repeated, dtype), job),
        )
        for shape, repeated, dtype in chosen
    ]


def is_measured(shape, dtype, job):
    return (
        (shape.shared or job.threads == 1)
        and (shape.in_both or dtype == "float64")
        and not (shape.slow and job.quick)
    )


def measure_shape(shape, repeated, dtype, job):
    make_calls = {PREDICT: predictions, FIT: fits}[repeated]
    calls, fault = make_calls(shape, dtype)
    short = replace(job, rounds=min(ROUNDS, job.rounds))
    peers = measure_calls(calls, fault, short, times=1 if shape.slow else None)
    entry = describe(shape.name(repeated), "fit" if repeated == FIT else "call", job, dtype)
    return entry | {"peers": peers}


def fits(shape, dtype):
    """Return the peers' fits, and what compares their losses."""
    X, y = shape.data(dtype, shape.rows)

    def fit(estimators):
        return shape.new(estimators).fit(X, y)

    compare = partial(compare_losses, tolerance=TOLERANCE[dtype])
    return {n: partial(fit, e) for n, e in ESTIMATORS.items()}, compare_with_first(compare)


def predictions(shape, dtype):
    """Return the peers' predictions, and what compares their outputs.

    The outputs are a regressor's predictions or a classifier's probabilities.
    """
    X, y = shape.data(dtype, max(shape.rows, FITTED_ROWS, shape.classes or 0))
    fitted = slice(max(FITTED_ROWS, shape.classes or 0))
    # Adam would turn a gradient that is zero but for rounding into a whole step.
    models = {
        name: shape.new(estimators, solver="sgd", max_iter=1).fit(X[fitted], y[fitted])
        for name, estimators in ESTIMATORS.items()
    }
    X = X[: shape.rows]
    outputs = {n: getattr(m, "predict_proba", m.predict)(X) for n, m in models.items()}

    def fault(name, predicted):
        wanted, found = outputs[SCIKIT_LEARN], outputs[name]
        error = np.max(abs(found - wanted)) / np.max(abs(wanted))
        if not error <= TOLERANCE[dtype]:
            return f"outputs differ by {error:.2g}, tolerance {TOLERANCE[dtype]:.2g}"
        if shape.classes and not np.array_equal(predicted, found.argmax(axis=1)):
            return "labels other than those of the largest probabilities"
        return None

    return {name: partial(model.predict, X) for name, model in models.items()}, fault
