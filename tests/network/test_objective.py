"""A prepared objective is the loss and its gradient as a function of the parameters."""

import copy
import pickle
import threading

import denseloop as dl
import numpy as np
import pytest

from tests.compare import assert_close, for_oracle, oracle_of
from tests.trainings import regression, tanh_network

DTYPES = ["float64", "float32"]
OPTIONS = [
    {},
    {"loss": dl.Huber(0.1), "reduction": "mean", "l2": 0.3},
    {"loss": "absolute_error", "l2": 2.0},
]


def expected_at(network, parameters, X, y, **options):
    """Return the oracle's loss and flat gradient, without changing the network."""
    twin = copy.deepcopy(network)
    twin.parameters[...] = parameters
    oracle = oracle_of(twin)
    loss, *gradients = oracle.loss_and_gradients(X, y, **for_oracle(options))
    return loss, oracle.flat(*gradients)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [1, 3, 50, 700])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_it_is_the_oracles_at_any_parameters(options, samples, dtype, target, random):
    X, y = (array[:samples].astype(dtype) for array in regression(700))
    network = tanh_network(dtype=dtype)
    before = network.parameters.copy()
    f = network.objective(X, y, sample_weight=np.linspace(0.5, 2, samples), **options)
    for _ in range(3):
        parameters = random.standard_normal(before.size).astype(dtype)
        options = {**options, "sample_weight": np.linspace(0.5, 2, samples)}
        loss, gradient = f(parameters)
        expected_loss, expected = expected_at(network, parameters, X, y, **options)
        assert_close(loss, expected_loss, dtype)
        assert_close(gradient, expected, dtype, max(1, np.abs(expected).max()))
        assert isinstance(loss, float) and gradient.dtype == dtype
        assert f.loss(parameters) == loss
    np.testing.assert_array_equal(network.parameters, before)


@pytest.mark.parametrize("sizes", [(3, 4, 1), (3, 200, 200, 1)])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_and_earlier_calls_change_no_bit(sizes, threads, random):
    X, y = regression(20_000)
    network = tanh_network(sizes)
    f = network.objective(X, y, num_threads=threads, reduction="mean")
    f(random.standard_normal(network.parameters.size))
    loss, gradient = f(network.parameters)
    expected_loss, expected = network.loss_and_gradients(X, y, num_threads=1, reduction="mean")
    assert loss == expected_loss == f.loss(network.parameters)
    np.testing.assert_array_equal(gradient, expected.flat)


def test_the_gradient_goes_to_out_which_may_be_the_parameters():
    X, y = regression(40)
    network = tanh_network()
    f = network.objective(X, y)
    loss, expected = f(network.parameters)
    out = np.empty_like(expected)
    same, gradient = f(network.parameters, out=out)
    assert gradient is out and same == loss
    np.testing.assert_array_equal(out, expected)
    both = network.parameters.copy()
    assert f(both, both) == (loss, both)
    np.testing.assert_array_equal(both, expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_parameters_of_other_kinds_are_converted(dtype):
    X, y = regression(40)
    network = tanh_network(dtype=dtype)
    f = network.objective(X, y)
    loss, expected = f(network.parameters)
    spread = np.repeat(network.parameters, 2)[::2]
    unaligned = np.empty(spread.nbytes + 1, np.uint8)[1:].view(dtype)
    unaligned[...] = spread
    for parameters in [
        network.parameters.tolist(),
        network.parameters.astype(np.longdouble),
        network.parameters.astype(network.dtype.newbyteorder()),
        network.parameters.view(np.ndarray)[::-1][::-1],
        spread,
        unaligned,
    ]:
        assert f.loss(parameters) == loss
        found, gradient = f(parameters)
        assert found == loss and gradient.dtype == dtype
        np.testing.assert_array_equal(gradient, expected)


def test_parameters_that_are_not_finite_give_such_a_loss():
    f = tanh_network().objective(*regression(40))
    assert np.isnan(f(np.full(tanh_network().parameters.size, np.nan))[0])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        (np.zeros(3), ValueError, r"parameters must have shape \(21,\), got \(3,\)"),
        (np.zeros((21, 1)), ValueError, r"must have shape \(21,\), got \(21, 1\)"),
        (np.zeros(21, complex), TypeError, "parameters must hold real numbers, got dtype complex"),
        (None, TypeError, "parameters must hold real numbers"),
        (["a"] * 21, TypeError, "parameters must hold real numbers"),
        (np.ma.masked_array(np.zeros(21)), TypeError, "must not be a masked array"),
    ],
)
def test_other_parameters_are_refused(parameters, error, message):
    network = dl.Network([3, 4, 1], seed=0)
    f = network.objective(*regression(9))
    for call in [f, f.loss]:
        with pytest.raises(error, match=message):
            call(parameters)


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        ([0.0] * 21, TypeError, "out must be a numpy array, got list"),
        (np.zeros(20), ValueError, r"out must have dtype float64 and shape \(21,\), got float64"),
        (np.zeros(21, np.float32), ValueError, "out must have dtype float64 .* got float32"),
        (np.zeros(42)[::2], ValueError, "out must be contiguous, aligned and writable"),
        (np.broadcast_to(0.0, 21), ValueError, "out must be contiguous, aligned and writable"),
    ],
)
def test_another_out_is_refused(out, error, message):
    network = dl.Network([3, 4, 1], seed=0)
    before = np.array(out)
    with pytest.raises(error, match=message):
        network.objective(*regression(9))(network.parameters, out)
    np.testing.assert_array_equal(out, before)


def test_read_only_out_is_refused():
    network = dl.Network([3, 4, 1], seed=0)
    out = np.zeros(21)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="out must be contiguous, aligned and writable"):
        network.objective(*regression(9))(network.parameters, out)
    assert not out.any()


def test_several_threads_may_call_it():
    X, y = regression(5000)
    network = tanh_network((3, 60, 60, 1))
    f = network.objective(X, y, reduction="mean")
    random = np.random.default_rng(0)
    points = [random.standard_normal(network.parameters.size) for _ in range(4)]
    expected = [f(point) for point in points]
    wrong = []

    def call(k):
        for _ in range(20):
            loss, gradient = f(points[k])
            if loss != expected[k][0] or (gradient != expected[k][1]).any():
                wrong.append(k)

    threads = [threading.Thread(target=call, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_it_can_be_called_while_the_network_is_trained_and_after_it_is_gone():
    X, y = regression(50)
    network = tanh_network()
    f, at = network.objective(X, y), network.parameters.copy()
    loss, seen = f.loss(at), []
    network.train(X, y, epochs=2, learning_rate=0.1, callback=lambda p: seen.append(f.loss(at)))
    del network
    assert seen == [loss, loss] and f.loss(at) == loss


def test_ctrl_c_interrupts_a_call(interrupted_after):
    X, y = np.zeros((100_000, 60)), np.zeros(100_000)
    network = dl.Network([60, 500, 500, 1], seed=0)
    f = network.objective(X, y)
    out = np.zeros_like(network.parameters)
    with interrupted_after(0.3):
        while True:
            f(network.parameters, out=out)
    assert np.isfinite(f.loss(network.parameters))


def test_scipy_minimizes_it():
    optimize = pytest.importorskip("scipy.optimize")
    X, y = regression(60)
    network = tanh_network()
    f = network.objective(X, y, reduction="mean", l2=0.01)
    result = optimize.minimize(f, network.parameters, jac=True, method="BFGS")
    _, gradient = expected_at(network, result.x, X, y, reduction="mean", l2=0.01)
    assert result.fun < f.loss(network.parameters) and np.abs(gradient).max() < 1e-4


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_copies_and_pickles_are_refused(duplicate):
    with pytest.raises(TypeError, match=r"make a new one by Network\.objective"):
        duplicate(tanh_network().objective(*regression(9)))


def test_the_cores_objective_refuses_a_wrong_number_of_arguments():
    network = tanh_network()
    f = network.objective(*regression(9))
    with pytest.raises(TypeError, match="expected 2 positional arguments, got 1"):
        f._loss_and_gradient(network.parameters)
