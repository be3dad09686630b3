"""L-BFGS against SciPy's on the oracle's loss and gradients."""

import denseloop as dl
import numpy as np
import oracle_training
import pytest
from compare import for_oracle, oracle_of
from scipy.optimize import minimize
from trainings import regression, tanh_network


def minimized(oracle, X, y, iterations, **objective):
    """SciPy's result from the oracle's parameters, which become those of the result."""

    def loss_and_gradient(parameters):
        oracle.parameters = parameters
        loss, *gradients = oracle.loss_and_gradients(X, y, **for_oracle(objective))
        return loss, oracle.flat(*gradients)

    numbers = {"maxiter": iterations, "maxcor": 7, "maxls": 20, "gtol": 1e-6, "ftol": 1e-10}
    result = minimize(
        loss_and_gradient, oracle.parameters, method="L-BFGS-B", jac=True, options=numbers
    )
    oracle.parameters = result.x
    return result


OPTIMIZER = dl.LBFGS(7, gradient_tolerance=1e-6, loss_tolerance=1e-10)
OBJECTIVES = [
    {},
    {"loss": dl.Huber(0.2), "reduction": "mean", "l2": 0.1},
    {"loss": "squared_error", "sample_weight": np.linspace(0, 2, 60)},
]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_iterations_are_those_of_scipy(objective):
    X, y = regression(60)
    network = tanh_network()
    oracle = oracle_of(network)
    before, _ = network.loss_and_gradients(X, y, **objective)
    history = network.train(X, y, optimizer=OPTIMIZER, epochs=10, **objective)
    result = minimized(oracle, X, y, 10, **objective)
    assert history.stopped_by == "epochs" and len(history.loss) == 10
    np.testing.assert_allclose(network.parameters, oracle.parameters, rtol=1e-7, atol=1e-9)
    assert history.loss[0] == before and (np.diff(history.loss) < 0).all()
    assert result.fun < history.loss[-1]  # which is the loss before the last iteration


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_minimum_is_that_of_scipy(objective):
    """Of a network without hidden layers, which has but one."""
    X, y = regression(60)
    network = dl.Network([3, 1], output_activation="identity", seed=0)
    oracle = oracle_of(network)
    history = network.train(X, y, optimizer=OPTIMIZER, epochs=1000, **objective)
    minimized(oracle, X, y, 1000, **objective)
    assert history.stopped_by == "convergence" and len(history.loss) < 100
    np.testing.assert_allclose(network.parameters, oracle.parameters, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_watched_is_of_each_iteration(dtype):
    X, y = regression(90, dtype)
    eval_set = X[60:], y[60:]
    network, seen = tanh_network(dtype=dtype), []

    def callback(progress):
        oracle = oracle_of(network)
        seen.append(oracle_training.validation_loss(oracle, *eval_set))

    options = {"eval_set": eval_set, "callback": callback, "epochs": 8}
    history = network.train(X[:60], y[:60], optimizer=dl.LBFGS(), **options)
    assert len(history.loss) == len(history.validation_loss) == len(seen) == 8
    tolerance = {"float64": 1e-12, "float32": 1e-5}[dtype]
    np.testing.assert_allclose(history.validation_loss, seen, rtol=tolerance)


def test_a_callback_ends_it_at_an_iteration():
    X, y = regression(60)
    network, twin = tanh_network(), tanh_network()
    history = network.train(
        X, y, optimizer=dl.LBFGS(), epochs=50, callback=lambda progress: progress.epoch == 5
    )
    twin.train(X, y, optimizer=dl.LBFGS(), epochs=5)
    assert history.stopped_by == "callback" and len(history.loss) == 5
    np.testing.assert_array_equal(network.parameters, twin.parameters)
