"""What is refused says what may have been meant."""

from typing import get_args

import denseloop as dl
import numpy as np
import pandas as pd
import pytest
from denseloop import _core, activations
from denseloop._core_terms import NAMED_LOSSES
from denseloop.activations import Activation, HiddenName
from denseloop.derivatives import DerivativeAt, Reduction, Variables
from denseloop.initialization import RULES, RuleName
from denseloop.losses import DEFAULT_LOSSES, LossName
from denseloop.network import UpdateOrder
from denseloop.optimizers import OPTIMIZERS, OptimizerName
from denseloop.scaling import METHODS, ScalingMethod
from scipy import sparse

X, Y = np.eye(3), np.ones(3)


def net():
    return dl.Network([3, 1], seed=0)


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (lambda: net().train(X, Y, lr=0.1, epochs=1), "'learning_rate'"),
        (lambda: net().train(X, Y, learning_rat=0.1, epochs=1), "'learning_rate'"),
        (lambda: net().train(X, Y, learning_rate=0.1, max_iter=1), "'epochs'"),
        (lambda: net().train(X, Y, learning_rate=0.1, verbose=1), "'progress'"),
        (lambda: net().objective(X, Y, alpha=0.1), "'l2'"),
        (lambda: dl.Network([2, 1], random_state=0), "'seed'"),
    ],
)
def test_an_unknown_argument(call, hint):
    with pytest.raises(TypeError, match=f"unexpected keyword argument .*; did you mean {hint}"):
        call()


def test_arguments_beyond_the_samples_have_names():
    with pytest.raises(TypeError, match="positional .*; the others have names: epochs=, learning"):
        net().train(X, Y, 10)
    with pytest.raises(TypeError, match="the others have names: bias="):
        dl.Network([2, 1], True)


def test_an_error_within_a_call_keeps_its_words():
    def callback(progress):
        raise TypeError("mine")

    with pytest.raises(TypeError, match="^mine$"):
        net().train(X, Y, learning_rate=0.1, epochs=1, callback=callback)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"loss": "mse"}, "squared_error"),
        ({"loss": "square_error"}, "squared_error"),
        ({"reduction": "average"}, "mean"),
        ({"optimizer": "Adam", "learning_rate": None}, "adam"),
        ({"optimizer": "levenberg_marquardt", "learning_rate": None}, "lm"),
    ],
)
def test_an_unknown_name(options, hint):
    with pytest.raises(ValueError, match=f"must be one of .*; did you mean '{hint}'"):
        net().train(X, Y, **{"epochs": 1, "learning_rate": 0.1} | options)


def test_unknown_activations_and_attributes():
    with pytest.raises(ValueError, match="did you mean 'relu'"):
        dl.Network([2, 2, 1], activation="reLu")
    for name, hint in [("fit", "train"), ("predict", "forward"), ("coefs_", "weights")]:
        with pytest.raises(AttributeError, match=f"no attribute '{name}'; did you mean '{hint}'"):
            getattr(net(), name)
    with pytest.raises(AttributeError, match="no attribute 'zzz'"):
        net().zzz  # noqa: B018


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.ones(3), r"got \(3,\); X\[None, :\] makes it one sample"),
        (np.ones((3, 5)), r"got \(3, 5\); X.T has samples in its rows"),
        (sparse.eye(2), r"X must have shape \(n_samples, 3\), got \(2, 2\)"),
        (pd.DataFrame({"a": [1], "b": ["x"], "c": [2]}), "got 'x' in row 0, column 'b'"),
        ([[1, 2, None]], "got None in row 0, column 2"),
    ],
)
def test_samples_of_another_form(samples, message):
    with pytest.raises((ValueError, TypeError), match=message):
        net().forward(samples)


@pytest.mark.parametrize(
    ("name", "rate", "optimizer"),
    [
        ("sgd", 0.1, dl.GradientDescent(0.1)),
        ("adam", None, dl.Adam()),
        ("adam", 0.1, dl.Adam(0.1)),
        ("rprop", None, dl.RPROP()),
        ("lm", None, dl.LevenbergMarquardt()),
        ("lbfgs", None, dl.LBFGS()),
    ],
)
def test_an_optimizer_by_its_name(name, rate, optimizer):
    named, given = net(), net()
    named.train(X, Y, optimizer=name, learning_rate=rate, epochs=3)
    given.train(X, Y, optimizer=optimizer, epochs=3)
    assert np.array_equal(named.parameters, given.parameters)


def test_a_named_optimizer_gets_a_rate_if_it_has_one():
    with pytest.raises(TypeError, match="'sgd' needs a learning_rate"):
        net().train(X, Y, optimizer="sgd", epochs=1)
    with pytest.raises(TypeError, match="'rprop' has no learning_rate, got learning_rate=0.1"):
        net().train(X, Y, optimizer="rprop", learning_rate=0.1, epochs=1)


def test_one_word_is_as_good_as_the_other():
    first = dl.Network([2, 3, 1], activation="logistic", seed=0)
    assert first.activations == ("sigmoid", "sigmoid")
    given = dl.Network([2, 3, 2], activation="tanh", output_activation="softmax", seed=0)
    twin = dl.Network(given.layer_sizes, activation=given.activations, seed=0)
    assert twin.activations == given.activations
    for name, loss in [("huber", dl.Huber()), ("quantile", dl.Quantile())]:
        values = [net().loss_and_gradients(X, Y, loss=each)[0] for each in (name, loss)]
        assert values[0] == values[1]
    assert np.array_equal(net()(X), net().forward(X))


@pytest.mark.parametrize(
    ("literals", "known"),
    [
        ([HiddenName], [*activations.HIDDEN, *activations.ALIASES]),
        ([Activation], [*activations.OUTPUT, *activations.ALIASES]),
        ([LossName], [*NAMED_LOSSES, *DEFAULT_LOSSES]),
        ([OptimizerName], OPTIMIZERS),
        ([RuleName], RULES),
        ([ScalingMethod], METHODS),
        ([Reduction], _core.Reduction.__members__),
        ([DerivativeAt], _core.DerivativeAt.__members__),
        ([UpdateOrder], _core.UpdateOrder.__members__),
        ([Variables], _core.Variables.__members__),
    ],
)
def test_editors_complete_the_names_that_are_taken(literals, known):
    assert sorted(names_in(literals)) == sorted(known)


def names_in(types):
    """Return the strings of all Literals in types and their unions."""
    return [
        name
        for each in types
        for name in ([each] if isinstance(each, str) else names_in(get_args(each)))
    ]
