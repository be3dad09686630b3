"""Levenberg-Marquardt makes the steps of its equations and finds SciPy's minima."""

import denseloop as dl
import numpy as np
import pytest
from denseloop import _core
from scipy.optimize import least_squares

from tests.compare import assert_same_bits_on_every_target
from tests.oracle import ACTIVATIONS
from tests.trainings import moons, regression

# It never ends at a step that rounding decides.
EXACT = dl.LevenbergMarquardt(gradient_tolerance=0.0, step_tolerance=0.0)


def sine():
    x = np.linspace(-3, 3, 60)[:, None]
    noise = np.random.default_rng(0).standard_normal(x.shape)
    return x, np.sin(2 * x) + 0.1 * noise


def three_outputs(samples=80):
    random = np.random.default_rng(1)
    X = random.standard_normal((samples, 3))
    wave = np.stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2], np.tanh(X.sum(axis=1))], axis=1)
    return X, wave + 0.1 * random.standard_normal((samples, 3))


WEIGHTS = np.random.default_rng(2).random(80)
LINEAR = {"output_activation": "identity"}
# Options of the network, samples, options of the objective.
PROBLEMS = {
    "moons": (([2, 4, 1], {}), lambda: moons()[:2], {"l2": 1e-3}),
    "no bias": (([2, 4, 1], {"bias": False}), lambda: moons()[:2], {"l2": 1e-3}),
    "sine": (
        ([1, 10, 1], {"activation": "tanh", **LINEAR}),
        sine,
        {"l2": 1e-3, "loss": "squared_error", "reduction": "mean"},
    ),
    "three outputs": (
        ([3, 5, 3], LINEAR),
        three_outputs,
        {"l2": 0.01, "loss": "squared_error"},
    ),
    "weights": (
        ([3, 6, 3], {"activation": "tanh", **LINEAR}),
        three_outputs,
        {"l2": 0.01, "sample_weight": WEIGHTS, "reduction": "mean"},
    ),
    "deep": (
        ([3, 6, 4, 3], {"activation": ["tanh", "sigmoid"], **LINEAR}),
        three_outputs,
        {"l2": 0.01, "sample_weight": WEIGHTS},
    ),
}


class Residuals:
    """Terms whose half sum of squares is the objective up to a factor."""

    def __init__(self, network, X, y, l2=0.0, sample_weight=None, loss="half_squared_error", **_):
        self.network, self.X, self.y = network, X, y
        self.roots = np.sqrt(np.ones(len(X)) if sample_weight is None else sample_weight)[:, None]
        self.decay = np.sqrt(l2 / 2 if loss == "squared_error" else l2)

    def __call__(self, parameters):
        a, start, weights = self.X, 0, []
        for w, b, name in zip(
            self.network.weights,
            self.network.biases or [np.empty(0)] * 9,
            self.network.activations,
        ):
            weights.append(parameters[start : start + w.size])
            z = a @ weights[-1].reshape(w.shape)
            start += w.size + b.size
            if b.size:
                z = z + parameters[start - b.size : start]
            a = ACTIVATIONS[name](z)
        errors = self.roots * (a - self.y)
        return np.concatenate([errors.ravel(), self.decay * np.concatenate(weights)])

    def jacobian(self, parameters):
        """Return it by steps in the imaginary direction, in which nothing cancels."""
        steps = parameters + 1e-30j * np.eye(parameters.size)
        return np.stack([self(step).imag / 1e-30 for step in steps], axis=1)


def prepare(name, dtype="float64", seed=0):
    (sizes, layers), data, objective = PROBLEMS[name]
    X, y = data()
    network = dl.Network(sizes, seed=seed, dtype=dtype, **layers)
    return network, X, y.reshape(len(X), -1), objective


def step_of(residuals, parameters, damping):
    """Return the solution; the damping is in units of the largest element of the diagonal."""
    J = residuals.jacobian(parameters)
    matrix = J.T @ J
    matrix += damping * np.diag(matrix).max() * np.eye(len(matrix))
    return np.linalg.solve(matrix, -J.T @ residuals(parameters))


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("damping", [1.0, 10.0])
def test_a_step_is_the_solution_of_its_equations(name, damping):
    network, X, y, objective = prepare(name)
    before = network.parameters.copy()
    expected = step_of(Residuals(network, X, y, **objective), before, damping)
    loss, _ = network.loss_and_gradients(X, y, **objective)
    optimizer = dl.LevenbergMarquardt(damping)
    history = network.train(X, y, optimizer=optimizer, epochs=1, **objective)
    found = network.parameters - before
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * np.abs(expected).max())
    assert history.loss == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("samples", [1, 7, 128, 129, 400])
@pytest.mark.parametrize("hidden", [1, 5, 6, 7, 19, 40])  # 6 to 241 parameters, 6 for each unit
def test_steps_of_every_size_are_the_solutions_of_their_equations(samples, hidden):
    """The sizes cross the limits of vectors, of blocks of the factorization and of tiles."""
    X, y = regression(400)
    network = dl.Network([3, hidden, 2], activation="tanh", seed=1, **LINEAR)
    X, y = X[:samples], y[:samples] + [0.0, 0.5]
    before = network.parameters.copy()
    expected = step_of(Residuals(network, X, y), before, 3.0)
    network.train(X, y, optimizer=dl.LevenbergMarquardt(3.0), epochs=1)
    found = network.parameters - before
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("damping", [1e-3, 1e-8])
def test_the_damping_grows_until_the_loss_falls_and_then_goes_down(damping):
    network, X, y, objective = prepare("moons")
    residuals = Residuals(network, X, y, **objective)
    position, mu, refused = network.parameters.copy(), None, 0
    expected = []
    for _ in range(6):
        J, r = residuals.jacobian(position), residuals(position)
        matrix = J.T @ J
        mu = damping * np.diag(matrix).max() if mu is None else mu
        growth = 2
        while True:
            step = np.linalg.solve(matrix + mu * np.eye(len(matrix)), -J.T @ r)
            if (residuals(position + step) ** 2).sum() < (r**2).sum():
                break
            mu, growth, refused = mu * growth, growth * 2, refused + 1
        position, mu = position + step, mu / 10
        expected.append((r**2).sum() / 2)
    assert refused > 0
    optimizer = dl.LevenbergMarquardt(damping)
    history = network.train(X, y, optimizer=optimizer, epochs=6, **objective)
    np.testing.assert_allclose(history.loss, expected, rtol=1e-6)
    np.testing.assert_allclose(network.parameters, position, rtol=1e-4)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_minimum_is_scipys(name):
    """Both start so near a minimum that they cannot reach another."""
    network, X, y, objective = prepare(name)
    residuals = Residuals(network, X, y, **objective)
    network.train(X, y, optimizer=dl.LevenbergMarquardt(), epochs=1000, **objective)
    noise = np.random.default_rng(0).standard_normal(network.parameters.size)
    network.parameters[:] += 0.1 * noise
    start = network.parameters.copy()
    options = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "max_nfev": 2000}
    theirs = least_squares(residuals, start, residuals.jacobian, **options)
    history = network.train(X, y, optimizer=EXACT, epochs=1000, **objective)
    assert history.stopped_by == "convergence" and theirs.status > 0
    found = (residuals(network.parameters) ** 2).sum() / 2
    assert found == pytest.approx(theirs.cost, rel=1e-9)
    assert found < 0.99 * (residuals(start) ** 2).sum() / 2
    np.testing.assert_allclose(residuals(network.parameters), residuals(theirs.x), atol=1e-5)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_the_bits_do_not_depend_on_target_and_threads(name, dtype):
    def run():
        arrays = []
        for threads in (1, 2, 3):
            network, X, y, objective = prepare(name, dtype)
            options = {"optimizer": dl.LevenbergMarquardt(), "num_threads": threads, **objective}
            arrays.append([network.train(X, y, epochs=20, **options).loss, network.parameters])
        assert len({b"".join(a.tobytes() for a in pair) for pair in arrays}) == 1
        return arrays[0]

    assert_same_bits_on_every_target(run)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_bits_do_not_depend_on_threads_that_share_the_work(dtype):
    """With 301 and 1 171 parameters, threads share the rows of J^T J and of its factor."""
    X, y = (array.astype(dtype) for array in three_outputs(333))

    def run():
        results = []
        for sizes in [3, 43, 3], [3, 30, 32, 3]:
            found = []
            for threads in (1, 2, 3, 16):
                network = dl.Network(sizes, dtype=dtype, seed=0, activation="tanh", **LINEAR)
                network.train(
                    X, y, optimizer=dl.LevenbergMarquardt(), epochs=2, num_threads=threads
                )
                found.append(network.parameters.tobytes())
            assert len(set(found)) == 1
            results.append(network.parameters)
        return results

    found, targets = _core.active_target(), _core.available_targets()
    try:
        bits = set()
        for target in targets[1:] or targets:  # the baseline is slow
            _core.force_target(target)
            bits.add(b"".join(a.tobytes() for a in run()))
    finally:
        _core.force_target(found)
    assert len(bits) == 1


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_views_give_the_same_bits(dtype):
    network, X, y, objective = prepare("weights", dtype)
    twin = prepare("weights", dtype)[0]
    options = {"optimizer": dl.LevenbergMarquardt(), "epochs": 9, **objective}
    network.train(X, y, **options)
    options["sample_weight"] = np.repeat(WEIGHTS, 2)[::2]
    twin.train(np.asfortranarray(X), np.ascontiguousarray(y[::-1])[::-1], **options)
    np.testing.assert_array_equal(network.parameters, twin.parameters)


def test_float32_comes_near_the_minimum_of_float64():
    losses = []
    for dtype in ("float64", "float32"):
        network, X, y, objective = prepare("deep", dtype)
        network.train(X, y, optimizer=dl.LevenbergMarquardt(), epochs=1000, **objective)
        losses.append(network.loss_and_gradients(X, y, **objective)[0])
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)


def test_sample_weights_of_0_and_2_omit_and_repeat_samples():
    X, y = three_outputs(40)
    options = {"optimizer": dl.LevenbergMarquardt(1.0), "epochs": 5}
    weighted, plain = (dl.Network([3, 4, 3], seed=0, **LINEAR) for _ in range(2))
    weighted.train(X, y, sample_weight=np.repeat([2, 1, 0], [1, 38, 1]), **options)
    rows = [0, *range(39)]
    plain.train(X[rows], y[rows], **options)
    np.testing.assert_allclose(weighted.parameters, plain.parameters, rtol=1e-9)


def test_it_ends_where_the_gradient_is_small():
    network, X, y, objective = prepare("sine")
    optimizer = dl.LevenbergMarquardt(gradient_tolerance=1e-4, step_tolerance=0.0)
    history = network.train(X, y, optimizer=optimizer, epochs=1000, **objective)
    assert history.stopped_by == "convergence"
    steepest = np.abs(network.loss_and_gradients(X, y, **objective)[1].flat).max()
    assert steepest <= 1e-4
    twin = prepare("sine")[0]
    twin.train(X, y, optimizer=optimizer, epochs=len(history.loss) - 1, **objective)
    assert np.abs(twin.loss_and_gradients(X, y, **objective)[1].flat).max() > 1e-4


def test_it_ends_where_a_step_is_small():
    network, X, y, objective = prepare("sine")
    ends = []
    for tolerance in (1e-2, 1e-4, 1e-6):
        network = prepare("sine")[0]
        optimizer = dl.LevenbergMarquardt(gradient_tolerance=0.0, step_tolerance=tolerance)
        history = network.train(X, y, optimizer=optimizer, epochs=1000, **objective)
        assert history.stopped_by == "convergence"
        ends.append(len(history.loss))
    assert 0 < ends[0] < ends[1] < ends[2]


def test_a_perfect_fit_converges():
    """The error and all derivatives become 0."""
    network = dl.Network([1, 1], weights=[[[0.0]]], **LINEAR)
    history = network.train([[1.0], [2.0]], [3.0, 5.0], optimizer=EXACT, epochs=100)
    assert history.stopped_by == "convergence"
    np.testing.assert_allclose(network.parameters, [2.0, 1.0], rtol=1e-12)


def test_saturated_units_that_give_no_derivatives_converge():
    network = dl.Network([1, 1], weights=[[[1e4]]])
    before = network.parameters.copy()
    history = network.train([[1.0]], [0.0], optimizer=EXACT, epochs=5)
    assert history.stopped_by == "convergence" and len(history.loss) == 0
    np.testing.assert_array_equal(network.parameters, before)


def test_a_divergence_keeps_the_parameters():
    """The square of the error overflows."""
    network = dl.Network([1, 1], weights=[[[1e200]]], **LINEAR)
    before = network.parameters.copy()
    with pytest.warns(dl.DivergenceWarning, match="after 0 epochs"):
        history = network.train([[1.0]], [0.0], optimizer=EXACT, epochs=5)
    assert history.diverged and len(history.loss) == 0
    np.testing.assert_array_equal(network.parameters, before)


def test_a_trial_that_overflows_is_refused():
    network = dl.Network([1, 1], output_activation="exp", weights=[[[0.0]]])
    optimizer = dl.LevenbergMarquardt(1e-12)
    history = network.train([[1e3]], [1e3], optimizer=optimizer, epochs=200)
    assert history.stopped_by == "convergence"
    assert network.forward([[1e3]]) == pytest.approx(1e3)


def test_too_many_parameters_are_refused():
    network = dl.Network([49, 100], seed=0)
    before = network.parameters.copy()
    options = {"optimizer": dl.LevenbergMarquardt(), "epochs": 1}
    network.train(np.zeros((2, 49)), np.zeros((2, 100)), **{**options, "epochs": 0})
    network.parameters[:] = before
    with pytest.raises(ValueError, match="at most 5000 of them, got 5100"):
        dl.Network([50, 100], seed=0).train(np.zeros((2, 50)), np.zeros((2, 100)), **options)


@pytest.mark.parametrize(
    ("sizes", "samples"),
    [([2, 4, 1], 100), ([20, 60, 60, 1], 400), ([20, 30, 1], 100_000)],
    ids=["short steps", "a long factorization", "many samples"],
)
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_keeps_the_finished_steps(sizes, samples, threads, interrupted_after):
    random = np.random.default_rng(0)
    X, y = random.standard_normal((samples, sizes[0])), random.standard_normal((samples, 1))
    twin = dl.Network(sizes, seed=0, **LINEAR)
    options = {"optimizer": EXACT, "num_threads": threads}
    with interrupted_after(0.7):
        while True:  # a short training converges
            network = dl.Network(sizes, seed=0, **LINEAR)
            network.train(X, y, epochs=10_000_000, **options)
    assert network.history.stopped_by == "interrupt"
    again = twin.train(X, y, epochs=len(network.history.loss), **options)
    np.testing.assert_array_equal(network.history.loss, again.loss)
    np.testing.assert_array_equal(network.parameters, twin.parameters)
