"""A network's initial weights follow the rule it is given and its seed."""

import numpy as np
import pytest
from denseloop import Network

SIZES = [400, 300, 7]
UNIFORM_LIMITS = {
    "glorot_uniform": lambda fan_in, fan_out: np.sqrt(6 / (fan_in + fan_out)),
    "he_uniform": lambda fan_in, fan_out: np.sqrt(6 / fan_in),
}
DEVIATIONS = {
    "glorot_normal": lambda fan_in, fan_out: np.sqrt(2 / (fan_in + fan_out)),
    "he_normal": lambda fan_in, fan_out: np.sqrt(2 / fan_in),
}
RULES = [*UNIFORM_LIMITS, *DEVIATIONS, "uniform"]


def layers(rule, **options):
    """Return the weights of each layer with its numbers of inputs and outputs."""
    network = Network(SIZES, initialization=rule, seed=0, **options)
    return [(w, *w.shape) for w in network.weights]


def assert_moments(w, mean, variance, kurtosis):
    """Assert mean and deviation to five standard errors of a sample of this size."""
    error = 5 / np.sqrt(w.size)
    assert abs(w.mean() - mean) < error * np.sqrt(variance)
    assert abs(w.var() - variance) < error * variance * np.sqrt(kurtosis - 1)


@pytest.mark.parametrize("rule", UNIFORM_LIMITS)
def test_uniform_rules_have_their_limits(rule):
    for w, fan_in, fan_out in layers(rule):
        limit = UNIFORM_LIMITS[rule](fan_in, fan_out)
        assert 0.99 * limit < w.max() <= limit and -limit <= w.min() < -0.99 * limit
        assert_moments(w, 0, limit**2 / 3, kurtosis=1.8)


@pytest.mark.parametrize("rule", DEVIATIONS)
def test_normal_rules_have_their_deviations(rule):
    for w, fan_in, fan_out in layers(rule):
        deviation = DEVIATIONS[rule](fan_in, fan_out)
        assert_moments(w, 0, deviation**2, kurtosis=3)
        share = (np.abs(w) > 2 * deviation).mean()  # 0 if it were uniform
        assert share == pytest.approx(0.0455, abs=5 * np.sqrt(0.0455 / w.size))
        assert np.abs(w).max() > 3 * deviation  # not truncated at 2


def test_the_tutorials_rule_is_uniform_from_0_to_1():
    for w, _, _ in layers("uniform"):
        assert 0 <= w.min() < 0.01 and 0.99 < w.max() < 1
        assert_moments(w, 1 / 2, 1 / 12, kurtosis=1.8)


@pytest.mark.parametrize("rule", RULES)
def test_biases_start_at_0(rule):
    assert all((b == 0).all() for b in Network(SIZES, initialization=rule, seed=0).biases)


def test_glorots_uniform_rule_is_the_default():
    default, named = Network(SIZES, seed=3), Network(SIZES, initialization="glorot_uniform", seed=3)
    np.testing.assert_array_equal(default.parameters, named.parameters)


def test_uniform_weights_are_those_of_numpys_generator():
    """A user who has the seed can draw them too, layer after layer."""
    random = np.random.default_rng(8)
    network = Network([4, 3, 2], initialization="uniform", seed=8)
    for w in network.weights:
        np.testing.assert_array_equal(w, random.random(w.shape))


@pytest.mark.parametrize("rule", RULES)
def test_the_seed_decides_the_weights(rule):
    first, again, other = (Network(SIZES, initialization=rule, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.parameters, again.parameters)
    assert (first.weights[0] != other.weights[0]).all()


@pytest.mark.parametrize("rule", RULES)
def test_float32_weights_are_the_float64_weights_rounded(rule):
    for (w, *_), (single, *_) in zip(layers(rule), layers(rule, dtype="float32")):
        np.testing.assert_array_equal(single, w.astype(np.float32))


def test_the_seed_can_be_read():
    assert Network([2, 1], seed=12).seed == 12
    drawn, other = Network([2, 1]), Network([2, 1])
    assert drawn.seed != other.seed
    again = Network([2, 1], seed=drawn.seed)
    np.testing.assert_array_equal(again.parameters, drawn.parameters)
    assert Network([2, 1], weights=[[[1.0], [2.0]]], seed=3).seed == 3
    assert Network([2, 1], weights=[[[1.0], [2.0]]]).seed >= 0


def test_given_weights_are_kept_whatever_the_rule():
    weights = [[[1.0], [2.0]]]
    network = Network([2, 1], weights=weights, initialization="he_normal", seed=0)
    np.testing.assert_array_equal(network.weights, weights)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("rule", ["glorot_uniform", "he_uniform", "uniform", "he_normal"])
@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32, 2**64 + 3, 2**127 + 5, 2**128, 7**200])
def test_a_seed_of_any_size_draws_the_weights_of_numpys_generator(seed, rule, dtype):
    network = Network([3, 5, 2], initialization=rule, dtype=dtype, seed=seed)
    random = np.random.default_rng(seed)
    for w in network.weights:
        if rule in DEVIATIONS:
            expected = random.normal(0, DEVIATIONS[rule](*w.shape), w.shape)
        elif rule == "uniform":
            expected = random.random(w.shape)
        else:
            limit = UNIFORM_LIMITS[rule](*w.shape)
            expected = random.uniform(-limit, limit, w.shape)
        np.testing.assert_array_equal(w, expected.astype(dtype))


def test_parameters_can_be_frozen_and_changed_again():
    network = Network([3, 5, 2], seed=0)
    assert network.parameters.ctypes.data % 64 == 0
    for array in [network.parameters, *network.weights, *network.biases]:
        array.flags.writeable = False
        array.flags.writeable = True
        array[...] = 1
    assert (network.parameters == 1).all()
