"""Each loss agrees with the oracle, with sample weights and l2, and far from zero."""

import denseloop as dl
import numpy as np
import pytest
from denseloop import Network, _core, losses

from tests.compare import (
    assert_close,
    assert_gradient_is_the_slope,
    assert_gradients_agree,
    assert_one_epoch_agrees,
    assert_same_bits_on_every_target,
    for_oracle,
    oracle_of,
)
from tests.oracle.losses import VALUES

DTYPES = ["float64", "float32"]
REGRESSION = [
    "half_squared_error",
    "squared_error",
    "absolute_error",
    dl.Huber(),
    dl.Huber(0.2),
    dl.Quantile(),
    dl.Quantile(0.9),
]
# Each loss with its output activations; the losses of regression take all but softmax.
LOSSES = [
    *((loss, output) for loss in REGRESSION for output in ["sigmoid", "tanh", "identity", "exp"]),
    (dl.Huber(0.2), "relu"),
    ("binary_cross_entropy", "sigmoid"),
    ("cross_entropy", "softmax"),
    ("poisson", "exp"),
]


def test_every_loss_is_in_the_oracle_and_in_these_tests():
    tested = {loss if isinstance(loss, str) else loss.core_name for loss, _ in LOSSES}
    # The linear loss is that of a function of the user's: see test_caller_loss.py.
    assert set(VALUES) == tested == set(_core.loss_traits) - {"linear"}
    for loss, _ in LOSSES:
        shown = f'"{loss}"' if isinstance(loss, str) else type(loss).__name__
        assert f"\n{shown}" in losses.__doc__


def problem(loss, output, samples, dtype, random, sizes=(3, 5, 3)):
    network = Network(sizes, activation="tanh", output_activation=output, dtype=dtype, seed=3)
    X = random.standard_normal((samples, sizes[0]))
    y = random.random((samples, sizes[-1]))
    if loss == "cross_entropy":
        y = random.dirichlet(np.ones(sizes[-1]), samples)
        y[::3] = np.eye(sizes[-1])[random.integers(sizes[-1], size=len(y[::3]))]
    elif loss == "binary_cross_entropy":
        y[::3] = random.integers(2, size=y[::3].shape)
    elif loss == "poisson":
        y = random.poisson(2.0, y.shape)
    else:
        y = 2 * y - 0.5
    return network, X.astype(dtype), y.astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("samples", [1, 3, 150])
@pytest.mark.parametrize(("loss", "output"), LOSSES)
def test_value_gradient_and_an_update_are_the_oracles(
    loss, output, samples, reduction, dtype, random
):
    network, X, y = problem(loss, output, samples, dtype, random)
    assert_one_epoch_agrees(network, X, y, 1e-3, loss=loss, reduction=reduction)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("samples", [3, 150])
@pytest.mark.parametrize(("loss", "output"), LOSSES)
def test_sample_weights_and_l2_agree_with_the_oracle(
    loss, output, samples, reduction, dtype, random
):
    network, X, y = problem(loss, output, samples, dtype, random)
    weight = (3 * random.random(samples)).astype(dtype)
    weight[1] = 0
    options = {"loss": loss, "reduction": reduction}
    assert_one_epoch_agrees(network, X, y, 1e-3, sample_weight=weight, **options)
    assert_one_epoch_agrees(network, X, y, 1e-3, sample_weight=weight, l2=0.7, **options)
    assert_one_epoch_agrees(network, X, y, 1e-3, l2=0.7, **options)


@pytest.mark.parametrize(("loss", "output"), LOSSES)
def test_gradients_are_central_differences(loss, output, random):
    network, X, y = problem(loss, output, 30, "float64", random, (2, 4, 3))
    assert_gradient_is_the_slope(network, X, y, loss=loss)
    options = {"reduction": "mean", "l2": 0.5, "sample_weight": random.random(30)}
    assert_gradient_is_the_slope(network, X, y, loss=loss, **options)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch_size", [1, 3, 32])
@pytest.mark.parametrize(("loss", "output"), [(dl.Quantile(0.9), "identity"), *LOSSES[-3:]])
def test_weighted_batches_agree_with_the_oracle(loss, output, batch_size, dtype, random):
    """A batch is averaged by its weights, an epoch by the batches' numbers of samples."""
    network, X, y = problem(loss, output, 100, dtype, random)
    weight = random.uniform(0.1, 3, 100).astype(dtype)
    options = {"sample_weight": weight, "l2": 0.1, "batch_size": batch_size, "reduction": "mean"}
    oracle = oracle_of(network)
    history = network.train(X, y, learning_rate=0.01, epochs=2, loss=loss, **options)
    expected = oracle.train(X, y, 0.01, 2, **for_oracle({"loss": loss, **options}))
    assert_close(history.loss, expected, dtype)
    assert_close(network.parameters, oracle.parameters, dtype)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize(("loss", "output"), LOSSES[-4:])
def test_an_integer_weight_is_a_number_of_copies(loss, output, reduction, random):
    network, X, y = problem(loss, output, 60, "float64", random)
    copies = random.integers(0, 4, 60)
    options = {"loss": loss, "reduction": reduction, "l2": 0.1}
    value, gradients = network.loss_and_gradients(X, y, sample_weight=copies, **options)
    repeated = [np.repeat(array, copies, axis=0) for array in (X, y)]
    expected, expected_gradients = network.loss_and_gradients(*repeated, **options)
    assert_close(value, expected, "float64")
    assert_close(gradients.flat, expected_gradients.flat, "float64")


def test_equal_weights_of_1_change_no_bit(random):
    for loss, output in LOSSES:
        network, X, y = problem(loss, output, 150, "float64", random)
        plain = network.loss_and_gradients(X, y, loss=loss, reduction="mean")
        weighted = network.loss_and_gradients(
            X, y, loss=loss, reduction="mean", sample_weight=np.ones(150)
        )
        assert plain[0] == weighted[0]
        np.testing.assert_array_equal(plain[1].flat, weighted[1].flat)


@pytest.mark.parametrize("samples", [1, 40])
def test_derivatives_at_the_kinks_are_the_oracles(target, samples):
    """They lie at the target, and where Huber's loss turns from a parabola into a line."""
    network = Network([1, 1], output_activation="identity", weights=[[[1.0]]])
    X = np.ones((samples, 1))
    for loss, target_value, expected in [
        ("absolute_error", 1.0, 0),
        (dl.Quantile(0.9), 1.0, 0),
        (dl.Quantile(0.9), 1.5, -0.9),
        (dl.Quantile(0.9), 0.5, 0.1),
        (dl.Huber(0.5), 1.5, -0.5),
        (dl.Huber(0.5), 0.5, 0.5),
        (dl.Huber(0.5), 3.0, -0.5),
    ]:
        _, gradients = network.loss_and_gradients(X, target_value * X, loss=loss, reduction="mean")
        assert gradients.biases[0] == pytest.approx(expected, rel=1e-15)


# Far from zero the outputs round to 0, 1 or infinity, but the losses are finite.

FAR = [0.0, 1e-3, 1.0, 20.0, 40.0, 80.0, 800.0, 1e3, 1e4]


def one_layer(outputs, activation, dtype):
    """Return a network whose pre-activations are its inputs."""
    weights = [np.eye(outputs, dtype=dtype)]
    return Network([outputs, outputs], output_activation=activation, dtype=dtype, weights=weights)


def assert_loss_and_slope(network, z, y, loss):
    """Assert them to some units in the last place of each sample's loss, or of 1 if less."""
    eps = np.finfo(network.dtype).eps
    expected, weight_slopes, _ = oracle_of(network).loss_and_gradients(z, y, loss=loss)
    value, gradients = network.loss_and_gradients(z, y, loss=loss)
    assert np.isfinite(value) and np.isfinite(gradients.flat).all()
    assert abs(value - expected) <= 4 * eps * max(expected, len(z))
    bound = 8 * eps * max(np.abs(z).sum(axis=0).max(), len(z))
    np.testing.assert_allclose(gradients.weights[0], weight_slopes[0], rtol=0, atol=bound)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("copies", [1, 30])
@pytest.mark.parametrize("target_value", [0.0, 0.25, 1.0])
def test_binary_cross_entropy_is_accurate_far_from_zero(target, target_value, copies, dtype):
    network = one_layer(1, "sigmoid", dtype)
    y = np.full((copies, 1), target_value, dtype)
    for z in [*FAR, *(-z for z in FAR)]:
        assert_loss_and_slope(network, np.full_like(y, z), y, "binary_cross_entropy")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("copies", [1, 30])
def test_cross_entropy_is_accurate_far_from_zero(target, copies, dtype):
    network = one_layer(3, "softmax", dtype)
    for high in FAR:
        for z in [[high, 0, -high], [high, high, 0], [-high, -high, -high]]:
            for y in [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.25, 0.25]]:
                z_and_y = (np.tile(np.array(row, dtype), (copies, 1)) for row in (z, y))
                assert_loss_and_slope(network, *z_and_y, "cross_entropy")


@pytest.mark.parametrize("dtype", DTYPES)
def test_poisson_is_accurate_far_from_zero(target, dtype):
    """The largest z is the last before exp(z) overflows."""
    network, info = one_layer(1, "exp", dtype), np.finfo(dtype)
    highest = {"float64": 700.0, "float32": 80.0}[dtype]
    for z in [*(-z for z in FAR), 1.0, 5.0, 20.0, highest]:
        for target_value in [0.0, 1.0, 7.0, 1000.0]:
            z_and_y = np.full((1, 1), z, dtype), np.full((1, 1), target_value, dtype)
            expected, slopes, _ = oracle_of(network).loss_and_gradients(*z_and_y, loss="poisson")
            value, gradients = network.loss_and_gradients(*z_and_y, loss="poisson")
            # The tolerance is that of the two terms; exp may stop at the smallest normal number.
            bound = 8 * info.eps * (np.exp(z) + target_value * abs(z)) + 2 * info.tiny
            assert abs(value - expected) <= bound
            bound = (8 * info.eps * (np.exp(z) + target_value) + 2 * info.tiny) * abs(z)
            assert abs(gradients.weights[0][0, 0] - slopes[0][0, 0]) <= bound


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [3, 150])
def test_losses_have_the_same_bits_on_every_target(samples, dtype, random):
    def results():
        for loss, output in LOSSES:
            network, X, y = problem(loss, output, samples, dtype, np.random.default_rng(1))
            options = {"loss": loss, "sample_weight": X[:, 0] ** 2, "l2": 0.1}
            value, gradients = network.loss_and_gradients(X, y, **options)
            yield value
            yield gradients.flat

    assert_same_bits_on_every_target(results)


@pytest.mark.parametrize(
    ("loss", "output", "estimate"),
    [
        ("squared_error", "identity", np.mean),
        ("absolute_error", "identity", np.median),
        (dl.Quantile(0.9), "identity", lambda y: np.quantile(y, 0.9, method="inverted_cdf")),
        ("poisson", "exp", np.mean),
    ],
)
def test_each_loss_estimates_its_statistic(loss, output, estimate):
    """Only the bias is trained, on skewed targets."""
    y = np.random.default_rng(0).exponential(1.0, (501, 1))
    network = Network([1, 1], output_activation=output, weights=[[[0.0]]])
    network.train(np.zeros_like(y), y, optimizer=dl.RPROP(), epochs=300, loss=loss)
    assert network.forward([[0.0]])[0, 0] == pytest.approx(estimate(y), abs=1e-4)


def test_gradients_of_a_batch_agree_with_those_of_training(random):
    """A step of descent by hand has the same result, with all options in use."""
    network, X, y = problem("poisson", "exp", 40, "float64", random)
    options = {"loss": "poisson", "sample_weight": random.random(40), "l2": 0.3}
    assert_gradients_agree(network, X, y, **options)
    expected = network.parameters - 0.01 * network.loss_and_gradients(X, y, **options)[1].flat
    network.train(X, y, learning_rate=0.01, epochs=1, **options)
    np.testing.assert_allclose(network.parameters, expected, rtol=1e-13, atol=1e-15)


def test_a_parameter_that_vanishes_in_float32_is_refused():
    network = Network([1, 1], output_activation="identity", dtype="float32", seed=0)
    with pytest.raises(ValueError, match="delta must be above 0 and finite in float32, got 1e-50"):
        network.loss_and_gradients([[1.0]], [[0.0]], loss=dl.Huber(1e-50))
