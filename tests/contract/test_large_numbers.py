"""Integers past those of the machine are refused in plain words, or taken where they make sense."""

import denseloop as dl
import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier
from sklearn.exceptions import ConvergenceWarning

X, Y = np.eye(2), np.ones(2)


def train(**options):
    return dl.Network([2, 1], seed=0).train(X, Y, **{"learning_rate": 0.1, "epochs": 2} | options)


@pytest.mark.parametrize("huge", [2**63, 2**64, 10**400])
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda huge: dl.LBFGS(memory=huge), "memory must be at most"),
        (lambda huge: dl.LBFGS(line_search_steps=huge), "line_search_steps must be at most"),
        (lambda huge: train(epochs=huge), "more than the address space holds"),
        (lambda huge: train(epochs=-huge), "epochs must be at least 0, got"),
        (lambda huge: dl.EarlyStopping(patience=-huge), "patience must be at least 1, got"),
        (
            lambda huge: dl.Network([2, huge]),
            r"layer_sizes \[2, .*\] need .* more than the address",
        ),
        (lambda huge: dl.Network([-huge, 2]), r"layer_sizes\[0\] must be at least 1, got"),
    ],
)
def test_whole_numbers_are_refused(call, words, huge):
    with pytest.raises(ValueError, match=words) as caught:
        call(huge)
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda huge: train(learning_rate=huge), "learning_rate"),
        (lambda huge: train(l2=huge), "l2"),
        (lambda huge: dl.Huber(huge), "delta"),
        (lambda huge: dl.Adam(huge), "learning_rate"),
        (lambda huge: dl.LeakyReLU(huge), "slope"),
    ],
)
def test_numbers_are_refused(call, name):
    with pytest.raises(ValueError, match=f"{name} must be .* got some 10\\*\\*400"):
        call(10**400)


@pytest.mark.parametrize("huge", [10**400, -(10**400)], ids=["above", "below"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_integers_beyond_float64_are_not_finite(huge, dtype):
    net = dl.Network([2, 1], seed=0, dtype=dtype)
    size = "-inf" if huge < 0 else "inf"
    rate = dict(learning_rate=0.1, epochs=1)
    for name, call in {
        "X": lambda: net.forward([[1, huge]]),
        "weights": lambda: dl.Network([1, 1], weights=[[[huge]]], dtype=dtype),
        "biases": lambda: dl.Network([1, 1], biases=[[huge]], dtype=dtype),
        "y": lambda: net.train(X, [1, huge], **rate),
        "eval_set": lambda: net.train(X, Y, **rate, eval_set=([[huge, 1]], [1])),
        "d_outputs": lambda: net.backward(X, [[1], [huge]]),
    }.items():
        with pytest.raises(ValueError, match=f"{name}.* must be finite, got {size}"):
            call()
    objective = net.objective(X, Y)
    np.testing.assert_array_equal(objective([huge, 1, 1])[1], objective([float(size), 1, 1])[1])
    with pytest.raises(ValueError, match="sample_weight must be"):
        net.train(X, Y, **rate, sample_weight=[huge, 1])
    with pytest.warns(dl.DivergenceWarning):
        net.train(X, Y, **rate, loss=lambda outputs, targets: (huge, np.ones_like(outputs)))


@pytest.mark.parametrize("name", ["callback_every", "num_threads"])
def test_limits_may_be_out_of_reach(name):
    assert len(train(**{name: 10**400}).loss) == 2


@pytest.mark.parametrize("huge", [2**63, 2**64, 10**400])
@pytest.mark.parametrize("optimizer", ["gd", "lbfgs", "lm"])
def test_a_patience_may_be_out_of_reach(huge, optimizer):
    stopping = dl.EarlyStopping(patience=huge, tolerance=1e300)
    chosen = {"learning_rate": 0.1} if optimizer == "gd" else {"optimizer": optimizer}
    net = dl.Network([2, 1], seed=0)
    assert net.train(X, Y, epochs=20, stopping=stopping, **chosen).stopped_by != "stopping"
    if optimizer == "gd":
        rate = dl.Adaptive(0.1, patience=huge, tolerance=1e300)
        assert (train(learning_rate=rate, epochs=20).learning_rate == 0.1).all()


@pytest.mark.parametrize("name", ["alpha", "tol", "learning_rate_init", "power_t", "epsilon"])
def test_numbers_of_an_estimator_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be finite in float64"):
        MLPClassifier((2,), solver="sgd", **{name: 10**400}).fit(X, [0, 1])


def test_a_power_of_an_estimator_may_be_any_number():
    options = dict(solver="sgd", learning_rate="invscaling", max_iter=3, random_state=0)
    for power in (10**19, 1e19):
        with pytest.warns(ConvergenceWarning):
            fitted = MLPClassifier((2,), power_t=power, **options).fit(X, [0, 1])
        assert np.isfinite(fitted.loss_)


def test_a_seed_may_be_any_size():
    first, second = (dl.Network([2, 1], seed=10**400 + k) for k in range(2))
    assert not np.array_equal(first.parameters, second.parameters)


@pytest.mark.parametrize(
    "parameters", [np.zeros(4), np.zeros((3, 1)), np.zeros(3, complex), np.zeros(3, np.float32)]
)
def test_a_state_with_other_parameters_is_refused(parameters):
    *terms, _, memory, attributes = dl.Network([2, 1], seed=0).__getstate__()
    state = *terms, parameters, memory, attributes
    with pytest.raises(ValueError, match=r"parameters of the state must be of shape \(3,\) and"):
        dl.Network.__new__(dl.Network).__setstate__(state)
