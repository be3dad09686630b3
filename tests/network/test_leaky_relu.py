"""LeakyReLU as an activation of a network: its values, its forms, and what is refused."""

import pickle

import denseloop as dl
import numpy as np
import pytest


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("samples", [1, 3, 50])  # by the kernels of few samples, and in tiles
def test_negative_inputs_are_scaled_by_the_slope(target, samples, dtype, random):
    net = dl.Network(
        [5, 5],
        bias=False,
        output_activation=dl.LeakyReLU(0.3),
        dtype=dtype,
        weights=[np.eye(5, dtype=dtype)],
    )
    X = random.standard_normal((samples, 5)).astype(dtype)
    expected = np.where(X > 0, X, np.dtype(dtype).type(0.3) * X)
    np.testing.assert_array_equal(net.forward(X), expected)


def test_the_name_stands_for_the_default_slope():
    named = dl.Network([2, 3, 1], activation="leaky_relu", seed=0)
    given = dl.Network([2, 3, 1], activation=dl.LeakyReLU(0.01), seed=0)
    assert named.activations == given.activations == (dl.LeakyReLU(), "sigmoid")
    assert named.forward([[1, -2]]).tobytes() == given.forward([[1, -2]]).tobytes()


def test_names_and_objects_mix_and_survive_a_pickle():
    activations = ["gelu", dl.LeakyReLU(0.2)]
    net = dl.Network([2, 3, 4, 1], activation=activations, output_activation="identity", seed=0)
    assert net.activations == ("gelu", dl.LeakyReLU(0.2), "identity")
    assert repr(net) == (
        "Network([2, 3, 4, 1], activation=['gelu', LeakyReLU(slope=0.2)], "
        "output_activation='identity')"
    )
    copy = pickle.loads(pickle.dumps(net))
    assert copy.activations == net.activations
    assert copy.forward([[0.5, -3]]).tobytes() == net.forward([[0.5, -3]]).tobytes()


@pytest.mark.parametrize(
    ("slope", "error", "message"),
    [
        (-0.1, ValueError, "slope must be at least 0 and below 1, got -0.1"),
        (1.0, ValueError, "slope must be at least 0 and below 1, got 1.0"),
        (np.nan, ValueError, "slope must be .* got nan"),
        ("0.1", TypeError, "slope must be a number, got '0.1'"),
    ],
)
def test_a_wrong_slope_is_refused(slope, error, message):
    with pytest.raises(error, match=message):
        dl.LeakyReLU(slope)


def test_a_derivative_at_the_output_is_for_sigmoids_only():
    net = dl.Network([1, 2, 1], activation="leaky_relu", seed=0)
    with pytest.raises(ValueError, match="derivative_at 'output' is a quirk of sigmoid layers"):
        net.train([[1.0]], [1.0], learning_rate=0.1, epochs=1, derivative_at="output")
