"""Targets that are not numbers, and weights of classes in lists, are refused as they should be."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor

from tests.estimators.perceptrons import UNHEEDED, both, messages_of

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

X = np.random.default_rng(0).standard_normal((40, 3))
NUMBERS = X @ [1.0, 2.0, 3.0]
DATES = np.arange("2020-01-01", "2020-02-10", dtype="M8[D]")
TARGETS = {
    "dates": DATES,
    "series of dates": pd.Series(DATES),
    "columns of dates": np.c_[DATES, DATES],
    "date objects": [datetime(2020, 1, 1 + k % 28) for k in range(40)],
    "durations": DATES - DATES[0],
    "text": NUMBERS.astype(str),
    "a list of text": NUMBERS.astype(str).tolist(),
    "a column of text": NUMBERS.astype(str)[:, None],
    "bytes": NUMBERS.astype("S"),
    "words": np.array(["no", "yes"] * 20),
    "objects of text": NUMBERS.astype(str).astype(object),
    "objects of words": np.array(["no", "yes"] * 20, object),
    "objects of numbers": NUMBERS.astype(object),
    "a structure": np.zeros(40, [("a", "f8")]),
    "complex": NUMBERS + 1j,
    "booleans": NUMBERS > 0,
    "float16": NUMBERS.astype("f2"),
    "big-endian": NUMBERS.astype(">f8"),
    "longdouble": NUMBERS.astype("g"),
    "whole": np.arange(40, dtype=np.uint8),
    "series of whole": pd.Series(np.arange(40), dtype="Int64"),
}


@pytest.mark.parametrize("options", [{}, {"solver": "lbfgs"}, {"early_stopping": True}])
@pytest.mark.parametrize("target", TARGETS)
def test_targets_of_a_regression_are_those_of_scikit_learn(target, options):
    errors, losses = [], []
    for estimator in both("MLPRegressor", hidden_layer_sizes=(4,), max_iter=3, **options):
        estimator.set_params(random_state=0)
        _, error = messages_of(lambda e=estimator: e.fit(X, TARGETS[target]))
        errors.append(error and error[0])
        losses.append(error or estimator.loss_)
    if errors[0] is None:
        np.testing.assert_allclose(*losses, rtol=1e-6)
    else:
        assert issubclass(errors[0], errors[1] or float)


def test_the_error_says_what_came_and_what_helps():
    regressor = MLPRegressor(hidden_layer_sizes=(4,), max_iter=3)
    with pytest.raises(TypeError, match=r"real numbers, got dtype datetime64\[D\].*timedelta64"):
        regressor.fit(X, DATES)
    with pytest.raises(TypeError, match=r"y of eval_set must .* got dtype <U.*astype\(float\)"):
        regressor.fit(X, NUMBERS, eval_set=(X, NUMBERS.astype(str)))
    with pytest.raises(TypeError, match="real numbers"):
        regressor.partial_fit(X, DATES)


def test_a_list_of_class_weights_is_for_several_outputs():
    labels = np.arange(40) % 2
    for weights in ([1], [1, 2], [{0: 1.0, 1: 2.0}]):
        with pytest.raises(ValueError, match="a dict or 'balanced' if y has one output"):
            MLPClassifier((2,), max_iter=1, class_weight=weights).fit(X, labels)
    columns = np.c_[labels, 1 - labels]
    for weights in ([1, 2], [{0: 1.0, 1: 1.0}, 2], ["balanced", "even"]):
        with pytest.raises(ValueError, match="a list of dicts, one for each output"):
            MLPClassifier((2,), max_iter=1, class_weight=weights).fit(X, columns)
    with pytest.raises(ValueError, match="number of outputs"):
        MLPClassifier((2,), max_iter=1, class_weight=[{0: 1.0, 1: 1.0}]).fit(X, columns)
    for weights in ([{0: 1.0, 1: 2.0}] * 2, ["balanced", None]):
        MLPClassifier((2,), max_iter=1, class_weight=weights).fit(X, columns)
