"""Optimizers, schedules, losses and early stopping check their numbers, and never change."""

import dataclasses

import denseloop as dl
import numpy as np
import pytest

NUMBERS = [
    (dl.GradientDescent, dict(learning_rate=-0.1), "learning_rate must be at least 0 .* got -0.1"),
    (dl.GradientDescent, dict(learning_rate=np.nan), "learning_rate must be .* got nan"),
    (dl.GradientDescent, dict(learning_rate=np.inf), "learning_rate must be .* got inf"),
    (dl.GradientDescent, dict(learning_rate=1, momentum=-0.5), "momentum must be .* got -0.5"),
    (dl.GradientDescent, dict(learning_rate=1, momentum=1.5), "momentum must be .* got 1.5"),
    (dl.GradientDescent, dict(learning_rate=1, momentum=np.nan), "momentum must be .* got nan"),
    (dl.Adam, dict(learning_rate=-1.0), "learning_rate must be at least 0 .* got -1.0"),
    (dl.Adam, dict(beta_1=1.0), "beta_1 must be at least 0 and below 1, got 1.0"),
    (dl.Adam, dict(beta_1=-0.1), "beta_1 must be at least 0 and below 1, got -0.1"),
    (dl.Adam, dict(beta_2=1.0), "beta_2 must be at least 0 and below 1, got 1.0"),
    (dl.Adam, dict(beta_2=np.nan), "beta_2 must be at least 0 and below 1, got nan"),
    (dl.Adam, dict(epsilon=-1e-8), "epsilon must be .* got -1e-08"),
    (dl.RPROP, dict(initial_step=0.0), "initial_step must be .* got 0.0"),
    (dl.RPROP, dict(initial_step=60.0), "initial_step must be .* got 60.0"),
    (dl.RPROP, dict(increase=0.9), "increase must be .* got 0.9"),
    (dl.RPROP, dict(decrease=0.0), "decrease must be .* got 0.0"),
    (dl.RPROP, dict(decrease=1.0), "decrease must be .* got 1.0"),
    (dl.RPROP, dict(smallest_step=0.0), "smallest_step must be .* got 0.0"),
    (dl.RPROP, dict(smallest_step=0.5, largest_step=0.2), "largest_step must be .* got 0.2"),
    (dl.LBFGS, dict(memory=0), "memory must be at least 1, got 0"),
    (dl.LBFGS, dict(gradient_tolerance=-1.0), "gradient_tolerance must be .* got -1.0"),
    (dl.LBFGS, dict(loss_tolerance=np.nan), "loss_tolerance must be .* got nan"),
    (dl.LBFGS, dict(line_search_steps=0), "line_search_steps must be at least 1, got 0"),
    (dl.LevenbergMarquardt, dict(damping=0.0), "damping must be above 0 .* got 0.0"),
    (dl.LevenbergMarquardt, dict(gradient_tolerance=-1.0), "gradient_tolerance must be .* -1.0"),
    (dl.LevenbergMarquardt, dict(step_tolerance=-1.0), "step_tolerance must be .* got -1.0"),
    (dl.InverseScaling, dict(initial=-1.0), "initial must be at least 0 .* got -1.0"),
    (dl.InverseScaling, dict(initial=1.0, power=-1.0), "power must be at least 0 .* got -1.0"),
    (dl.Adaptive, dict(initial=0.0), "initial must be .* got 0.0"),
    (dl.Adaptive, dict(initial=1e-7), "initial must be .* got 1e-07"),  # below `smallest`
    (dl.Adaptive, dict(initial=1.0, divisor=1.0), "divisor must be above 1 .* got 1.0"),
    (dl.Adaptive, dict(initial=1.0, patience=0), "patience must be at least 1, got 0"),
    (dl.Adaptive, dict(initial=1.0, tolerance=-1.0), "tolerance must be at least 0 .* got -1.0"),
    (dl.EarlyStopping, dict(patience=0), "patience must be at least 1, got 0"),
    (dl.EarlyStopping, dict(tolerance=-1.0), "tolerance must be at least 0 .* got -1.0"),
    (dl.Huber, dict(delta=0.0), "delta must be above 0 .* got 0.0"),
    (dl.Huber, dict(delta=np.nan), "delta must be above 0 .* got nan"),
    (dl.Quantile, dict(level=0.0), "level must be above 0 and below 1, got 0.0"),
    (dl.Quantile, dict(level=1.0), "level must be above 0 and below 1, got 1.0"),
]


@pytest.mark.parametrize(("kind", "arguments", "message"), NUMBERS)
def test_numbers_out_of_range_are_refused(kind, arguments, message):
    with pytest.raises(ValueError, match=message):
        kind(**arguments)


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (dl.GradientDescent, dict(learning_rate="0.1"), "learning_rate must be .* got '0.1'"),
        (dl.Adam, dict(beta_1=None), "beta_1 must be a number, got None"),
        (dl.Adaptive, dict(initial=1.0, patience=2.5), "patience must be an integer, got 2.5"),
        (dl.EarlyStopping, dict(patience="5"), "patience must be an integer, got '5'"),
        (dl.Huber, dict(delta="1"), "delta must be a number, got '1'"),
    ],
)
def test_what_is_no_number_is_refused(kind, arguments, message):
    with pytest.raises(TypeError, match=message):
        kind(**arguments)


@pytest.mark.parametrize(
    "value",
    [
        dl.GradientDescent(1.0),
        dl.Adam(),
        dl.RPROP(),
        dl.LBFGS(),
        dl.LevenbergMarquardt(),
        dl.InverseScaling(1.0),
        dl.Adaptive(1.0),
        dl.EarlyStopping(),
        dl.Huber(),
        dl.Quantile(),
    ],
)
def test_attributes_cannot_be_set(value):
    field = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, 2)
    assert value == dataclasses.replace(value) and hash(value) == hash(dataclasses.replace(value))
