"""The oracle's losses and gradients agree with formulas and libraries."""

import numpy as np
import pytest
from scipy.special import huber, xlogy
from sklearn import metrics

from tests.oracle import Oracle
from tests.oracle.losses import element_losses

LOSSES = [
    "half_squared_error",
    "squared_error",
    "absolute_error",
    ("huber", 0.3),
    ("quantile", 0.8),
]
# These losses are computed from the pre-activation; each has its own activation.
CANONICAL = [
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "cross_entropy"),
    ("exp", "poisson"),
]
OUTPUTS = ["sigmoid", "tanh", "relu", ("leaky_relu", 0.2), "identity", "gelu", "exp"]
HIDDEN = ["sigmoid", "tanh", "relu", ("leaky_relu", 0.2), "identity", "gelu"]


def problem(random, loss, samples=20, sizes=(3, 5, 4, 2), **activations):
    """Return an oracle with random parameters, X, and targets that suit the loss."""
    weights = [random.uniform(-1, 1, shape) for shape in zip(sizes, sizes[1:])]
    biases = [random.uniform(-1, 1, size) for size in sizes[1:]]
    X, y = random.standard_normal((samples, sizes[0])), random.random((samples, sizes[-1]))
    if loss == "cross_entropy":
        y /= y.sum(axis=1, keepdims=True)
    return Oracle(weights, biases, **activations), X, y


def assert_gradient_is_the_slope(oracle, X, y, **objective):
    gradient = oracle.flat(*oracle.loss_and_gradients(X, y, **objective)[1:])
    start, h = oracle.parameters, 1e-5
    for k, slope in enumerate(gradient):
        values = []
        for side in (h, -h):
            oracle.parameters = start + side * (np.arange(start.size) == k)
            values.append(oracle.loss(X, y, **objective))
        assert slope == pytest.approx((values[0] - values[1]) / (2 * h), rel=1e-7, abs=2e-8)
    assert np.abs(gradient).max() > 0.1
    oracle.parameters = start


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(
    ("output", "loss"), [*((output, loss) for output in OUTPUTS for loss in LOSSES), *CANONICAL]
)
def test_gradients_are_slopes(output, loss, hidden, random):
    assert_gradient_is_the_slope(*problem(random, loss, output=output, hidden=hidden), loss=loss)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize(("output", "loss"), [("identity", ("huber", 0.3)), *CANONICAL])
def test_gradients_with_sample_weights_and_l2_are_slopes(output, loss, reduction, random):
    oracle, X, y = problem(random, loss, output=output, hidden=["tanh", "relu"])
    options = {"reduction": reduction, "l2": 3.0, "sample_weight": 5 * random.random(len(X))}
    assert_gradient_is_the_slope(oracle, X, y, loss=loss, **options)


def test_the_derivative_at_the_output_is_that_of_the_listings(random):
    """sigmoid_sop_deriv(a) = sigmoid(a) (1 - sigmoid(a)), on one layer by hand."""
    oracle, X, y = problem(random, "squared_error", sizes=(3, 2))
    a = 1 / (1 + np.exp(-(X @ oracle.weights[0] + oracle.biases[0])))
    slope = 1 / (1 + np.exp(-a)) * (1 - 1 / (1 + np.exp(-a)))
    _, weight_gradients, _ = oracle.loss_and_gradients(X, y, derivative_at="output")
    np.testing.assert_allclose(weight_gradients[0], X.T @ ((a - y) * slope), rtol=1e-13)


def test_derivatives_at_the_kinks_are_those_of_the_definition():
    oracle, one = Oracle([[[1.0]]], output="identity"), np.ones((1, 1))
    for loss, expected in [
        ("absolute_error", 0),
        (("quantile", 0.9), 0),
        (("huber", 1.0), 0),
    ]:
        assert oracle.loss_and_gradients(one, one, loss=loss)[1][0] == expected
    relu = Oracle([[[0.0]]], output="relu")
    assert relu.loss_and_gradients(one, one)[1][0] == 0


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("output", "loss", "metric"),
    [
        ("identity", "squared_error", metrics.mean_squared_error),
        ("identity", "absolute_error", metrics.mean_absolute_error),
        (
            "identity",
            ("quantile", 0.3),
            lambda y, a, **w: metrics.mean_pinball_loss(y, a, alpha=0.3, **w),
        ),
        (
            "identity",
            ("huber", 0.7),
            lambda y, a, sample_weight: np.average(huber(0.7, y - a), weights=sample_weight),
        ),
        (
            "exp",
            "poisson",  # half the deviance without the part that depends on y alone
            lambda y, a, sample_weight: (
                metrics.mean_poisson_deviance(y, a, sample_weight=sample_weight) / 2
                + np.average(y - xlogy(y, y), weights=sample_weight)
            ),
        ),
        ("sigmoid", "binary_cross_entropy", metrics.log_loss),
        ("softmax", "cross_entropy", metrics.log_loss),
    ],
)
def test_losses_are_those_of_the_libraries(output, loss, metric, weighted, random):
    classes = 4 if output == "softmax" else 1
    oracle, X, y = problem(random, loss, 200, (3, 5, classes), output=output)
    if output in ("sigmoid", "softmax"):
        labels = random.integers(max(2, classes), size=len(X))
        y = np.eye(classes)[labels] if classes > 1 else labels[:, None].astype(float)
    weight = random.random(len(X)) if weighted else None
    actual = oracle.loss(X, y, loss, reduction="mean", sample_weight=weight)
    target = labels if output in ("sigmoid", "softmax") else y[:, 0]
    a = oracle.forward(X)
    a = a[:, 0] if classes == 1 else a
    assert actual == pytest.approx(metric(target, a, sample_weight=weight), rel=1e-13)


def test_losses_far_from_zero_are_finite_and_right():
    z = np.array([[-1e4, -700.0, -40.0, 40.0, 700.0, 1e4]])
    binary = element_losses("binary_cross_entropy", z, None, np.array([[1, 1, 1, 0, 0, 0]]))
    np.testing.assert_allclose(binary, np.abs(z), rtol=1e-15)
    right = element_losses("binary_cross_entropy", z, None, np.array([[0, 0, 0, 1, 1, 1]]))
    np.testing.assert_allclose(right[0, [2, 3]], np.exp([-40, -40]), rtol=1e-12)
    several = element_losses("cross_entropy", z, None, np.eye(6)[[0]])
    np.testing.assert_array_equal(several[0, :2], [2e4, 0])
