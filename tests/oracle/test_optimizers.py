"""The oracle's optimizers step by step against those of PyTorch and scikit-learn; its rates."""

import numpy as np
import pytest
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from tests.oracle.optimizers import RPROP, Adam, Adaptive, GradientDescent, InverseScaling, Waiting

PAIRS = {
    "gradient descent": (
        lambda: GradientDescent(0.1),
        lambda p: SGDOptimizer(p, 0.1, momentum=0, nesterov=False),
        lambda optim, p: optim.SGD(p, 0.1),
    ),
    "momentum": (
        lambda: GradientDescent(0.1, 0.9),
        lambda p: SGDOptimizer(p, 0.1, momentum=0.9, nesterov=False),
        lambda optim, p: optim.SGD(p, 0.1, momentum=0.9),
    ),
    "nesterov": (
        lambda: GradientDescent(0.1, 0.9, nesterov=True),
        lambda p: SGDOptimizer(p, 0.1, momentum=0.9, nesterov=True),
        lambda optim, p: optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
    ),
    # PyTorch adds epsilon to another scale of the root, so that only without it the two agree.
    "adam": (
        lambda: Adam(0.1, 0.8, 0.99, 0.0),
        lambda p: AdamOptimizer(p, 0.1, 0.8, 0.99, 0.0),
        lambda optim, p: optim.Adam(p, 0.1, (0.8, 0.99), 0.0),
    ),
    "adam with a large epsilon": (
        lambda: Adam(0.1, 0.8, 0.99, 0.5),
        lambda p: AdamOptimizer(p, 0.1, 0.8, 0.99, 0.5),
        None,
    ),
    "rprop": (
        lambda: RPROP(0.1, 1.3, 0.4, 0.01, 0.5),
        None,
        lambda optim, p: optim.Rprop(p, 0.1, (0.4, 1.3), (0.01, 0.5)),
    ),
}


def gradients(random):
    """Of 30 steps: signs that stay, that alternate and that are random, and one of 0."""
    steps = np.arange(30)[:, None]
    sign = np.hstack([steps**0, (-1) ** steps, random.choice([-1, 1], (30, 8))])
    return np.where(random.random((30, 10)) < 0.05, 0.0, sign * random.uniform(0.1, 1, (30, 10)))


@pytest.mark.parametrize("name", [name for name, pair in PAIRS.items() if pair[1]])
def test_steps_are_those_of_scikit_learn(name, random):
    mine, theirs, _ = PAIRS[name]
    p, parameters = np.ones(10), [np.ones(10)]
    optimizer, other = mine(), theirs(parameters)
    for g in gradients(random) + 0.01:
        p = optimizer.step(p, g)
        other.update_params(parameters, [g])
        np.testing.assert_allclose(p, parameters[0], rtol=1e-13)


@pytest.mark.parametrize("name", [name for name, pair in PAIRS.items() if pair[2]])
def test_steps_are_those_of_pytorch(name, random):
    torch = pytest.importorskip("torch")
    mine, _, theirs = PAIRS[name]
    p, parameters = np.ones(10), torch.ones(10, dtype=torch.float64)
    optimizer, other = mine(), theirs(torch.optim, [parameters])
    for g in gradients(random) + (0 if name == "rprop" else 0.01):
        p = optimizer.step(p, g)
        parameters.grad = torch.from_numpy(g)
        other.step()
        np.testing.assert_allclose(p, parameters.numpy(), rtol=1e-13)


def test_waiting_is_for_more_than_the_tolerance_below_the_lowest():
    waiting = Waiting(patience=3, tolerance=0.5)
    over = [waiting.is_over_after(loss) for loss in [9, 8.6, 8.3, 8.1, 7.4, 7.0, 8.0, 6.4]]
    assert over == [False, False, False, True, False, False, False, False]


def test_rates_are_those_of_the_formulas():
    scaling = InverseScaling(2.0, power=2)
    for expected in [2, 2 / 4, 2 / 9, 2 / 16]:
        assert scaling.rate == expected
        assert scaling.goes_on_after(1.0)
    adaptive = Adaptive(1.0, divisor=10, patience=2, tolerance=0, smallest=0.01)
    found = [(adaptive.goes_on_after(1.0), adaptive.rate) for _ in range(7)]
    rates = [1.0, 1.0, 0.1, 0.1, 0.01, 0.01, 0.01]
    assert found == [(k < 6, pytest.approx(rate)) for k, rate in enumerate(rates)]
