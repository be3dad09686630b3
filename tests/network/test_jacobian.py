"""The derivatives of the outputs are the slopes of the oracle's outputs."""

import denseloop as dl
import numpy as np
import pytest

from tests.oracle import Oracle

STEP = 1e-5


def pair(random, sizes, hidden="tanh", output="identity", dtype="float64"):
    """Return a network, and an oracle with its parameters."""
    network = dl.Network(
        sizes,
        activation=hidden,
        output_activation=output,
        dtype=dtype,
        seed=int(random.integers(99)),
    )
    network.parameters[:] += random.uniform(-0.3, 0.3, len(network.parameters))
    oracle = Oracle(network.weights, network.biases, hidden=hidden, output=output)
    return network, oracle


def slopes(oracle, X, by):
    """Return central differences (n_samples, n_outputs, variables)."""
    found = []
    if by == "inputs":
        for j in range(X.shape[1]):
            step = STEP * (np.arange(X.shape[1]) == j)
            found.append(oracle.forward(X + step) - oracle.forward(X - step))
    else:
        start = oracle.parameters
        for k in range(start.size):
            outputs = []
            for side in (STEP, -STEP):
                oracle.parameters = start + side * (np.arange(start.size) == k)
                outputs.append(oracle.forward(X))
            found.append(outputs[0] - outputs[1])
        oracle.parameters = start
    return np.stack(found, axis=-1) / (2 * STEP)


@pytest.mark.parametrize("by", ["inputs", "parameters"])
@pytest.mark.parametrize(
    ("hidden", "output"),
    [
        ("tanh", "identity"),
        ("sigmoid", "sigmoid"),
        ("gelu", "tanh"),
        ("relu", "relu"),
        ("tanh", "softmax"),
        ("sigmoid", "exp"),
    ],
)
def test_derivatives_are_slopes(hidden, output, by, random):
    for sizes, samples in [([3, 5, 4, 2], 7), ([2, 3], 1), ([4, 9, 3], 300)]:
        network, oracle = pair(random, sizes, hidden, output)
        X = random.uniform(-1, 1, (samples, sizes[0]))
        value, jacobian = network.value_and_jacobian(X, by=by)
        assert value.tobytes() == network.forward(X).tobytes()
        np.testing.assert_allclose(jacobian, slopes(oracle, X, by), rtol=1e-6, atol=1e-8)
        assert np.abs(jacobian).max() > 0.01


@pytest.mark.parametrize(
    "output", ["identity", "sigmoid", "tanh", "relu", "gelu", "softmax", "exp"]
)
@pytest.mark.parametrize("samples", [1, 3, 300])
def test_backward_is_the_product_with_the_slopes(samples, output, random):
    network, oracle = pair(random, [3, 5, 4, 2], "tanh", output)
    X = random.uniform(-1, 1, (samples, 3))
    d_outputs = random.standard_normal((samples, 2))
    expected = np.einsum("ijk,ij->k", slopes(oracle, X, "parameters"), d_outputs)
    gradients = network.backward(X, d_outputs)
    np.testing.assert_allclose(gradients.flat, expected, rtol=1e-6, atol=1e-7)
    assert gradients.weights[1].shape == (5, 4)
    with pytest.raises(ValueError, match="d_outputs must be finite"):
        network.backward(X, d_outputs * np.nan)
    with pytest.raises(ValueError, match="rows of d_outputs"):
        network.backward(X, d_outputs[:-1] if samples > 1 else np.ones((2, 2)))


def test_bits_are_the_same_for_any_threads_targets_and_rows(target, random):
    network, _ = pair(random, [30, 60, 60, 2])
    X = random.uniform(-1, 1, (5000, 30))
    whole = network.jacobian(X, num_threads=1)
    assert whole.tobytes() == network.jacobian(X, num_threads=4).tobytes()
    for rows in (slice(0, 1), slice(77, 80), slice(4000, 4999)):
        assert network.jacobian(X[rows]).tobytes() == whole[rows].tobytes()
    assert network.jacobian(np.asfortranarray(X)).tobytes() == whole.tobytes()


def test_float32_agrees_to_its_precision(random):
    network, oracle = pair(random, [3, 8, 2], dtype="float32")
    X = random.uniform(-1, 1, (20, 3)).astype(np.float32)
    jacobian = network.jacobian(X)
    assert jacobian.dtype == np.float32
    np.testing.assert_allclose(jacobian, slopes(oracle, X, "inputs"), rtol=1e-4, atol=1e-5)


def test_no_rows_and_wrong_arguments(random):
    network, _ = pair(random, [3, 2])
    assert network.jacobian(np.empty((0, 3))).shape == (0, 2, 3)
    with pytest.raises(ValueError, match="by must be one of 'inputs', 'parameters'; got 'input'"):
        network.jacobian(np.ones((1, 3)), by="input")
    with pytest.raises(ValueError, match="X must be finite, got nan in row 0, column 1"):
        network.jacobian([[0.0, np.nan, 0.0]])
