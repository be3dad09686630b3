"""Integers past those of the machine are refused in plain words, or taken where they make sense."""

import denseloop as dl
import numpy as np
import pytest

X, Y = np.eye(2), np.ones(2)


def train(**options):
    return dl.Network([2, 1], seed=0).train(X, Y, **{"learning_rate": 0.1, "epochs": 2} | options)


@pytest.mark.parametrize("huge", [2**63, 2**64, 10**400])
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda huge: dl.EarlyStopping(patience=huge), "patience must be at most"),
        (lambda huge: dl.LBFGS(memory=huge), "memory must be at most"),
        (lambda huge: dl.LBFGS(line_search_steps=huge), "line_search_steps must be at most"),
        (lambda huge: train(epochs=huge), "more than the address space holds"),
    ],
)
def test_whole_numbers_are_refused(call, words, huge):
    with pytest.raises(ValueError, match=words) as caught:
        call(huge)
    if words.endswith("most"):
        assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda huge: train(learning_rate=huge), "learning_rate"),
        (lambda huge: train(l2=huge), "l2"),
        (lambda huge: dl.Huber(huge), "delta"),
        (lambda huge: dl.Adam(huge), "learning_rate"),
    ],
)
def test_numbers_are_refused(call, name):
    with pytest.raises(ValueError, match=f"{name} must be .* got some 10\\*\\*400"):
        call(10**400)


@pytest.mark.parametrize("name", ["callback_every", "num_threads"])
def test_limits_may_be_out_of_reach(name):
    assert len(train(**{name: 10**400}).loss) == 2


def test_a_seed_may_be_any_size():
    first, second = (dl.Network([2, 1], seed=10**400 + k) for k in range(2))
    assert not np.array_equal(first.parameters, second.parameters)


@pytest.mark.parametrize(
    "parameters", [np.zeros(4), np.zeros((3, 1)), np.zeros(3, complex), np.zeros(3, np.float32)]
)
def test_a_state_with_other_parameters_is_refused(parameters):
    state = dl.Network([2, 1], seed=0).__getstate__() | {"parameters": parameters}
    with pytest.raises(ValueError, match=r"parameters of the state must be of shape \(3,\) and"):
        dl.Network.__new__(dl.Network).__setstate__(state)
