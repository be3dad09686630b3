"""L-BFGS makes SciPy's iterations, and keeps the last one after Ctrl-C or divergence."""

import sys

import denseloop as dl
import numpy as np
import pytest
from scipy.optimize import minimize

from tests.compare import oracle_of
from tests.trainings import regression, tanh_network


def losses_by_scipy(network, X, y, epochs, options, **objective):
    """Train the oracle by SciPy; return its losses before each iteration, and the oracle."""
    oracle = oracle_of(network)

    def loss_and_gradient(parameters):
        oracle.parameters = parameters
        loss, *gradients = oracle.loss_and_gradients(X, y, **objective)
        return loss, oracle.flat(*gradients)

    start = oracle.parameters
    losses = [loss_and_gradient(start)[0]]
    result = minimize(
        loss_and_gradient,
        start,
        method="L-BFGS-B",
        jac=True,
        callback=lambda intermediate_result: losses.append(intermediate_result.fun),
        options={"maxiter": epochs, **options},
    )
    oracle.parameters = result.x
    return losses[:-1], oracle


WEIGHTED = {"l2": 0.1, "sample_weight": np.linspace(0.5, 2, 80)}


@pytest.mark.parametrize(
    ("optimizer", "options", "objective", "ending"),
    [
        (dl.LBFGS(), {"maxcor": 10}, {"reduction": "mean", **WEIGHTED}, "epochs"),
        (dl.LBFGS(3), {"maxcor": 3}, WEIGHTED, "epochs"),
        # A line search that needs more than one pass fails.
        (dl.LBFGS(line_search_steps=1), {"maxls": 1}, {}, "convergence"),
    ],
)
def test_iterations_are_scipys_on_the_oracle(optimizer, options, objective, ending):
    X, y = regression(80)
    network = tanh_network()
    expected, oracle = losses_by_scipy(network, X, y, 25, options, **objective)
    history = network.train(X, y, optimizer=optimizer, epochs=25, **objective)
    assert history.stopped_by == ending and (len(history.loss) == 25) == (ending == "epochs")
    np.testing.assert_allclose(history.loss, expected, rtol=1e-6)
    np.testing.assert_allclose(network.parameters, oracle.parameters, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-5), ("float32", 1e-3)])
def test_a_linear_network_finds_the_least_squares(dtype, tolerance, random):
    X, y = random.standard_normal((60, 4)), random.standard_normal((60, 2))
    network = dl.Network([4, 2], output_activation="identity", dtype=dtype, seed=0)
    history = network.train(X, y, optimizer=dl.LBFGS(loss_tolerance=1e-14), epochs=500)
    assert history.stopped_by == "convergence" and len(history.loss) < 100
    expected = np.linalg.lstsq(np.column_stack([X, np.ones(60)]), y)[0]
    found = np.vstack([network.weights[0], network.biases[0]])
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def test_it_ends_where_no_derivative_is_larger_than_the_tolerance():
    X, y = regression(50)
    for tolerance in [1.0, 0.01]:
        network = tanh_network()
        optimizer = dl.LBFGS(gradient_tolerance=tolerance, loss_tolerance=0.0)
        history = network.train(X, y, optimizer=optimizer, epochs=1000)
        assert history.stopped_by == "convergence"
        gradient = network.loss_and_gradients(X, y)[1].flat
        assert tolerance / 100 < np.abs(gradient).max() <= tolerance


def test_each_training_starts_afresh():
    X, y = regression(50)
    network = tanh_network()
    network.train(X, y, optimizer=dl.LBFGS(), epochs=5)
    twin = tanh_network(weights=network.weights, biases=network.biases)
    for each in (network, twin):
        each.train(X, y, optimizer=dl.LBFGS(), epochs=5)
    np.testing.assert_array_equal(network.parameters, twin.parameters)


def test_no_epochs_change_nothing():
    X, y = regression(50)
    network, twin = tanh_network(), tanh_network()
    history = network.train(X, y, optimizer=dl.LBFGS(), epochs=0)
    assert history.loss.shape == (0,) and history.stopped_by == "epochs"
    np.testing.assert_array_equal(network.parameters, twin.parameters)


def test_ctrl_c_leaves_the_last_iteration(interrupted_after):
    X, y = regression(40_000)
    sizes = (3, 50, 50, 1)
    network, twin = tanh_network(sizes), tanh_network(sizes)
    options = {
        "optimizer": dl.LBFGS(gradient_tolerance=0.0, loss_tolerance=0.0),
        "reduction": "mean",
    }
    with interrupted_after(1.0):
        network.train(X, y, epochs=1_000_000, **options)
    assert network.history.stopped_by == "interrupt"
    again = twin.train(X, y, epochs=len(network.history.loss), **options)
    np.testing.assert_array_equal(network.parameters, twin.parameters)
    np.testing.assert_array_equal(network.history.loss, again.loss)


def test_divergence_keeps_the_last_finite_parameters():
    """exp overflows at a trial of the line search."""
    network = dl.Network([1, 1], output_activation="exp", weights=[[[0.0]]])
    before = network.parameters.copy()
    with pytest.warns(dl.DivergenceWarning, match="after 0 epochs") as caught:
        history = network.train([[1e4]], [[1e6]], optimizer=dl.LBFGS(), epochs=10)
    assert caught[0].filename == __file__
    assert history.diverged and history.loss.shape == (0,)
    np.testing.assert_array_equal(network.parameters, before)


@pytest.mark.parametrize("optimizer", [dl.LBFGS(), dl.LevenbergMarquardt()])
def test_values_that_are_not_finite_are_refused(optimizer):
    X, y = regression(10)
    network = tanh_network()
    before = network.parameters.tobytes()
    for name, arrays in {"X": (X * [[np.nan, 1, 1]], y), "y": (X, y * np.inf)}.items():
        with pytest.raises(ValueError, match=f"{name} must be finite"):
            network.train(*arrays, optimizer=optimizer, epochs=3)
    assert network.parameters.tobytes() == before and network.history is None


def test_without_scipy_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    network = tanh_network()
    with pytest.raises(ImportError, match="LBFGS needs scipy: pip install scipy"):
        network.train(*regression(10), optimizer=dl.LBFGS(), epochs=3)
    assert network.history is None
