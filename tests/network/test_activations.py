"""Each activation, alone or mixed, has the oracle's values and gradients; tanh is accurate."""

import numpy as np
import pytest
from denseloop import LeakyReLU, Network, _core, activations

from tests.compare import (
    assert_close,
    assert_gradient_is_the_slope,
    assert_gradients_agree,
    assert_one_epoch_agrees,
    assert_same_bits_on_every_target,
    oracle_of,
)
from tests.oracle import ACTIVATIONS
from tests.trainings import problem
from tests.ulps import exact_gelu, exact_tanh, ulps

DTYPES = ["float64", "float32"]
HIDDEN = ["sigmoid", "tanh", "relu", LeakyReLU(0.2), "identity", "gelu"]
OUTPUT = [*HIDDEN, "exp"]
MIXED = [
    ("tanh", "relu", "identity"),
    ("relu", "sigmoid", "tanh"),
    ("identity", "tanh", "exp"),
    ("sigmoid", "identity", "relu"),
    ("gelu", LeakyReLU(0.3), "gelu"),
    ("gelu", "gelu", LeakyReLU(0.0)),
]


def test_every_activation_is_in_the_oracle_and_in_these_tests():
    tested = {"leaky_relu" if isinstance(each, LeakyReLU) else each for each in OUTPUT}
    known = set(_core.activation_traits)
    assert set(ACTIVATIONS) == known
    assert tested | {"softmax"} == known  # softmax is tested with its loss
    for name in known:
        assert f"\n{name} " in activations.__doc__


def element_network(activation, dtype):
    """Return a network whose outputs are the activation of its inputs."""
    options = {"bias": False, "dtype": dtype, "weights": [np.ones((1, 1), dtype)]}
    return Network([1, 1], output_activation=activation, **options)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [1, 3, 4, 9, 150])
@pytest.mark.parametrize("output", OUTPUT)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_values_gradients_and_an_update_are_the_oracles(hidden, output, samples, dtype, random):
    sizes = [3, 5, 9, 2]
    network = Network(
        sizes, activation=hidden, output_activation=output, initialization="he_normal", seed=1
    )
    network = Network(
        sizes,
        activation=hidden,
        output_activation=output,
        dtype=dtype,
        weights=[w.astype(dtype) for w in network.weights],
        biases=[random.uniform(-0.5, 0.5, size).astype(dtype) for size in sizes[1:]],
    )
    X, y = problem(random, samples, sizes, dtype)
    assert_close(network.forward(X), oracle_of(network).forward(X), dtype)
    assert_one_epoch_agrees(network, X, y, 1e-3)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [2, 150])
@pytest.mark.parametrize("mix", MIXED)
def test_a_mix_of_activations_agrees_with_the_oracle(mix, samples, dtype, random):
    *hidden, output = mix
    network = Network(
        [3, 6, 5, 2], activation=hidden, output_activation=output, dtype=dtype, seed=1
    )
    assert network.activations == mix
    X, y = problem(random, samples, [3, 2], dtype)
    assert_close(network.forward(X), oracle_of(network).forward(X), dtype)
    assert_gradients_agree(network, X, y)


@pytest.mark.parametrize("samples", [3, 30])
@pytest.mark.parametrize(
    "mix",
    [*((hidden, hidden, output) for hidden in HIDDEN for output in OUTPUT), *MIXED],
)
def test_gradients_are_central_differences(mix, samples, random):
    *hidden, output = mix
    network = Network([2, 4, 3, 2], activation=hidden, output_activation=output, seed=2)
    for b in network.biases:
        b[...] = random.uniform(0, 1, b.size)  # no unit of relu is then 0 for all samples
    X, y = problem(random, samples, [2, 2])
    assert_gradient_is_the_slope(network, X, y)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [3, 150])
def test_activations_have_the_same_bits_on_every_target(samples, dtype, random):
    X, y = problem(random, samples, [3, 2], dtype)

    def results():
        for *hidden, output in [*((h, h, o) for h in HIDDEN for o in OUTPUT), *MIXED]:
            options = {"activation": hidden, "output_activation": output, "dtype": dtype}
            network = Network([3, 6, 5, 2], seed=1, **options)
            yield network.loss_and_gradients(X, y)[1].flat
            yield network.forward(X)

    assert_same_bits_on_every_target(results)


def test_one_name_sets_all_hidden_layers():
    network = Network([2, 3, 3, 3, 1], activation="relu", seed=0)
    assert network.activations == ("relu", "relu", "relu", "sigmoid")
    assert Network([2, 1], activation="relu", seed=0).activations == ("sigmoid",)
    assert Network([2, 1], activation=[], seed=0).activations == ("sigmoid",)


@pytest.mark.parametrize("dtype", DTYPES)
def test_relu_and_identity_are_exact(target, dtype):
    info = np.finfo(dtype)
    x = np.array([0.0, 1.5, info.max, info.tiny, info.smallest_subnormal], dtype)
    x = np.concatenate([x, -x]).reshape(-1, 1)
    np.testing.assert_array_equal(element_network("relu", dtype).forward(x), np.maximum(x, 0))
    np.testing.assert_array_equal(element_network("identity", dtype).forward(x), x)


def test_the_slope_of_relu_at_0_is_0(target):
    for samples in (1, 50):
        zeros = np.zeros((samples, 1))
        network = Network([1, 1], output_activation="relu", weights=[[[1.0]]])
        _, gradients = network.loss_and_gradients(zeros, zeros + 1)
        assert gradients.biases[0] == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_exp_is_within_4_ulp(target, dtype, random):
    limit = 0.98 * np.log(np.finfo(dtype).max)
    x = random.uniform(-limit, limit, (2000, 1)).astype(dtype)
    expected = np.exp(x.astype(np.longdouble))
    errors = np.abs(element_network("exp", dtype).forward(x) - expected)
    assert (errors / np.spacing(expected.astype(dtype))).max() < 4


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gelu_is_within_2_and_a_half_ulp(dtype, random):
    """Also far out, where 1 + erf would cancel."""
    lowest = -37.0 if dtype is np.float64 else -12.0
    x = np.concatenate([random.uniform(lowest, 6, 4000), random.normal(0, 1, 4000)]).astype(dtype)
    errors, _ = ulps(element_network("gelu", dtype).forward(x[:, None])[:, 0], x, exact_gelu)
    assert errors.max() < 2.5


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [1, 50])
def test_gelu_has_its_limits_far_out(target, samples, dtype):
    x = np.full((samples, 1), 50.0, dtype)
    network = element_network("gelu", dtype)
    np.testing.assert_array_equal(network.forward(x), x)
    np.testing.assert_array_equal(network.forward(-x), 0 * x)
    np.testing.assert_array_equal(network.forward(0 * x), 0 * x)
    network.weights[0][...] = np.finfo(dtype).max  # the pre-activation becomes infinite
    np.testing.assert_array_equal(network.forward(-x), 0 * x)


# tanh


def stratified(dtype, random):
    """Return arguments of every binary exponent, and many where tanh bends or reaches 1."""
    info = np.finfo(dtype)
    exponents = np.resize(np.arange(info.minexp - info.nmant, info.maxexp), 6000)
    reaches_1 = (info.nmant + 3) * np.log(2) / 2
    strata = [
        np.ldexp(random.uniform(1, 2, exponents.size), exponents),
        np.ldexp(random.uniform(1, 2, 6000), np.resize(np.arange(-info.nmant, 3), 6000)),
        random.uniform(0, reaches_1, 6000),
        random.uniform(0.9 * reaches_1, 1.1 * reaches_1, 2000),
        np.resize(np.arange(1, 60), 2000) * (np.log(2) / 4) * (1 + random.normal(0, 1e-7, 2000)),
    ]
    with np.errstate(over="ignore"):
        x = np.concatenate(strata).astype(dtype)
    edges = [info.max, info.tiny, info.smallest_subnormal, 1.0, 0.5, 0.625, 20.0]
    return np.concatenate([x[np.isfinite(x)], np.array(edges, dtype)])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_tanh_is_within_2_ulp(dtype, random):
    x = stratified(dtype, random)
    x *= random.choice([-1, 1], x.size).astype(dtype)
    errors, _ = ulps(element_network("tanh", dtype).forward(x[:, None])[:, 0], x, exact_tanh)
    assert errors.max() < 2.0


@pytest.mark.parametrize("dtype", DTYPES)
def test_tanh_is_odd_and_its_bits_are_the_same_everywhere(dtype, random):
    """Few rows take other kernels than many rows."""
    x = stratified(dtype, random)[:, None]
    network = element_network("tanh", dtype)
    assert_same_bits_on_every_target(lambda: [network.forward(x)])
    values = network.forward(x)
    np.testing.assert_array_equal(network.forward(-x), -values)
    for first in range(0, 300, 3):
        rows = slice(first, first + 3)
        np.testing.assert_array_equal(network.forward(x[rows]), values[rows])


@pytest.mark.parametrize("dtype", DTYPES)
def test_tanh_has_its_limits_at_special_values(target, dtype):
    info = np.finfo(dtype)
    x = np.array([0.0, info.smallest_subnormal, info.tiny, 30.0, info.max], dtype)
    for few_or_many in (x, np.tile(x, 50)):
        for sign in (1, -1):
            values = element_network("tanh", dtype).forward(sign * few_or_many[:, None])[:5, 0]
            np.testing.assert_array_equal(values, sign * np.array([*x[:3], 1, 1], dtype))
    network = element_network("tanh", dtype)
    network.weights[0][...] = np.nan
    assert np.isnan(network.forward(np.ones((9, 1), dtype))).all()
