"""Sparse samples are never made dense, and give the bits of dense ones."""

import subprocess
import sys
import threading
import timeit

import denseloop as dl
import numpy as np
import pytest
from denseloop import _checks
from scipy import sparse

from tests.oracle.network import sigmoid

TRAININGS = {
    "descent": {"learning_rate": 0.1},
    "shuffled batches": {"optimizer": "adam", "batch_size": 50, "shuffle": True, "l2": 0.01},
    "pairs": {"learning_rate": 0.1, "batch_size": 2, "shuffle": True},
    "output first": {"learning_rate": 0.1, "update_order": "output_first"},
    "rprop": {"optimizer": "rprop", "reduction": "mean"},
    "lm": {"optimizer": "lm"},
    "lbfgs": {"optimizer": "lbfgs"},
}


def samples(rows, columns, density, rng):
    X = sparse.random_array((rows, columns), density=density, format="csr", rng=rng)
    X.data -= 0.5
    return X, rng.random((rows, 2))


def assert_same_training(X, dense, y, sizes, dtype, **options):
    first, second = (dl.Network(sizes, seed=1, dtype=dtype) for _ in range(2))
    found = first.train(X, y, epochs=3, **options)
    expected = second.train(dense, y, epochs=3, **options)
    np.testing.assert_array_equal(found.loss, expected.loss)
    np.testing.assert_array_equal(first.parameters, second.parameters)
    np.testing.assert_array_equal(first.forward(X), second.forward(dense))
    return first


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("hidden", [[], [1], [5], [8], [17], [130], [3, 4]])
@pytest.mark.parametrize(
    ("rows", "columns", "density"), [(1, 5, 0.5), (3, 40, 0.1), (130, 50, 0.05), (300, 30, 1.0)]
)
def test_trainings_have_the_bits_of_dense_ones(rows, columns, density, hidden, dtype):
    X, y = samples(rows, columns, density, np.random.default_rng(0))
    dense, sizes = X.toarray(), [columns, *hidden, 2]
    for name, options in TRAININGS.items():
        if "batch_size" in options:
            options = {**options, "batch_size": min(options["batch_size"], rows)}
        if name == "lm" and (rows > 100 or 130 in hidden):
            continue
        network = assert_same_training(X, dense, y, sizes, dtype, **options)
    np.testing.assert_array_equal(network.jacobian(X), network.jacobian(dense))
    parameters = {"by": "parameters"}
    np.testing.assert_array_equal(
        network.jacobian(X, **parameters), network.jacobian(dense, **parameters)
    )
    found, expected = (network.loss_and_gradients(given, y) for given in (X, dense))
    assert found[0] == expected[0]
    for gradient, wanted in zip(found[1].weights, expected[1].weights):
        np.testing.assert_array_equal(gradient, wanted)


@pytest.mark.parametrize("columns", [300, 3000])  # they share tiles, or units
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_no_bit(threads, columns):
    X, y = samples(700, columns, 0.01, np.random.default_rng(1))
    options = {"learning_rate": 0.1, "eval_set": (X[:200], y[:200]), "num_threads": threads}
    options["sample_weight"] = np.linspace(0.1, 1, 700)
    found = assert_same_training(X, X.toarray(), y, [columns, 40, 2], "float64", **options)
    alone = dl.Network([columns, 40, 2], seed=1)
    alone.train(X, y, epochs=3, **options | {"num_threads": 1})
    np.testing.assert_array_equal(found.parameters, alone.parameters)


def test_the_outputs_are_those_of_scipys_product():
    X, _ = samples(200, 400, 0.02, np.random.default_rng(2))
    network = dl.Network([400, 6, 3], seed=0)
    network.parameters[...] += 0.01
    hidden = sigmoid(X @ network.weights[0] + network.biases[0])
    expected = sigmoid(hidden @ network.weights[1] + network.biases[1])
    np.testing.assert_allclose(network.forward(X), expected, rtol=1e-13)


def test_the_gradient_is_that_of_scipys_products():
    X, y = samples(150, 400, 0.05, np.random.default_rng(2))
    network = dl.Network([400, 6, 2], seed=0)
    hidden = sigmoid(X @ network.weights[0] + network.biases[0])
    outputs = sigmoid(hidden @ network.weights[1] + network.biases[1])
    delta = (outputs - y) * outputs * (1 - outputs)
    below = (delta @ network.weights[1].T) * hidden * (1 - hidden)
    _, gradients = network.loss_and_gradients(X, y)
    np.testing.assert_allclose(gradients.weights[0], X.T @ below, rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(gradients.biases[0], below.sum(axis=0), rtol=1e-11)


def duplicated(X):
    twice = sparse.csr_array(
        (np.repeat(X.data / 2, 2), np.repeat(X.indices, 2), 2 * X.indptr), shape=X.shape
    )
    assert not twice.has_canonical_format
    return twice


def backwards(X):
    X = X.copy()
    for start, end in zip(X.indptr, X.indptr[1:]):
        X.indices[start:end] = X.indices[start:end][::-1].copy()
        X.data[start:end] = X.data[start:end][::-1].copy()
    X.has_sorted_indices = X.has_canonical_format = False
    return X


def with_stored_zeros(X):
    X = X.copy()
    X.data[::3] = 0
    return X


def with_long_indices(X):
    X = X.copy()
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


FORMS = {
    **{name: getattr(sparse, name) for name in ("csc_array", "coo_array", "csr_matrix")},
    **{name: getattr(sparse, name) for name in ("lil_matrix", "dok_array", "bsr_array")},
    "whole numbers": lambda X: (X * 9).astype(np.int8),
    "truths": lambda X: X.astype(bool),
    "duplicates": duplicated,
    "backwards": backwards,
    "stored zeros": with_stored_zeros,
    "long indices": with_long_indices,
    "rows of a larger one": lambda X: sparse.vstack([X, X], format="csr")[5:45],
    "long doubles": lambda X: X.astype(np.longdouble),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_sparse_matrix_is_taken(form):
    X, y = samples(40, 30, 0.2, np.random.default_rng(3))
    X = FORMS[form](X)
    dense = X.toarray().astype(float)
    assert_same_training(X, dense, y[: X.shape[0]], [30, 5, 2], "float64", learning_rate=0.1)


def test_the_matrix_is_left_as_it_is():
    X, y = samples(40, 30, 0.2, np.random.default_rng(3))
    X = duplicated(X)
    before = X.copy()
    dl.Network([30, 2], seed=0).train(X, y, learning_rate=0.1, epochs=1)
    np.testing.assert_array_equal(X.indices, before.indices)
    np.testing.assert_array_equal(X.data, before.data)


@pytest.mark.parametrize("seed", range(60))
def test_any_sparse_matrix_gives_the_bits_of_the_dense_one(seed):
    rng = np.random.default_rng(seed)
    rows, columns, units = (int(rng.integers(1, most)) for most in (300, 60, 40))
    X, y = samples(rows, columns, rng.random(), rng)
    options = {"batch_size": int(rng.integers(1, rows + 1)), "shuffle": bool(rng.integers(2))}
    sizes = [columns, units, 2]
    assert_same_training(X, X.toarray(), y, sizes, "float64", optimizer="adam", **options)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("rows", [2, 300])
def test_values_must_be_finite(bad, rows):
    X, y = samples(rows, 30, 0.5, np.random.default_rng(4))
    X.data[X.indptr[rows - 1]] = bad
    column = X.indices[X.indptr[rows - 1]]
    network = dl.Network([30, 4, 2], seed=0)
    before = network.parameters.copy()
    words = f"X must be finite, got {bad}.* in row {rows - 1}, column {column}"
    calls = [
        lambda: network.train(X, y, learning_rate=0.1, epochs=1),
        lambda: network.forward(X),
        lambda: network.loss_and_gradients(X, y),
        lambda: network.jacobian(X),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=words):
            call()
    good = samples(rows, 30, 0.5, np.random.default_rng(5))
    with pytest.raises(ValueError, match="X of eval_set must be finite"):
        network.train(*good, learning_rate=0.1, epochs=1, eval_set=(X, y))
    np.testing.assert_array_equal(network.parameters, before)


def test_other_matrices_are_refused():
    X, y = samples(20, 30, 0.2, np.random.default_rng(6))
    network = dl.Network([30, 2], seed=0)
    with pytest.raises(ValueError, match=r"X must have shape \(n_samples, 30\), got \(20, 29\)"):
        network.forward(X[:, :29])
    with pytest.raises(TypeError, match="X must hold real numbers, got dtype complex128"):
        network.forward(X.astype(complex))
    with pytest.raises(ValueError, match=r"rows of y \(19\) must match number of rows of X \(20\)"):
        network.train(X, y[:19], learning_rate=0.1, epochs=1)
    with pytest.raises(TypeError, match="y must be dense, got a csr_array"):
        network.train(X, sparse.csr_array(y), learning_rate=0.1, epochs=1)


def changed(**arrays):
    """Return a matrix (3, 5) with other arrays, which SciPy does not look at."""
    X = sparse.csr_array((3, 5))
    given = {"data": np.ones(2), "indices": np.array([0, 1]), "indptr": np.array([0, 1, 2, 2])}
    for name, array in (given | arrays).items():
        setattr(X, name, np.array(array))
    return X


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"indices": [0, 2**32 + 1]}, "indices from 0 to 4, got 0 to 4294967297"),
        ({"indices": [-1, 1]}, "indices from 0 to 4, got -1 to 1"),
        ({"indices": [0, 5]}, "indices from 0 to 4, got 0 to 5"),
        ({"indices": [0.0, 1.5]}, "integer indices, got float64"),
        ({"indptr": [0, 50, 2, 2]}, "indptr that ascends from 0 to at most the 2 stored"),
        ({"indptr": [0, 1, 2, 3]}, "indptr that ascends"),
        ({"indptr": [1, 1, 2, 2]}, "indptr that ascends"),
        ({"indptr": [0, 1, 1, -1]}, "indptr that ascends"),
        ({"indptr": np.empty(0, int)}, "indptr that ascends"),
    ],
)
def test_numbers_must_have_places_within_the_matrix(arrays, words):
    network = dl.Network([5, 3, 1], seed=0)
    for use in (network.forward, lambda X: network.loss_and_gradients(X, np.ones((3, 1)))):
        with pytest.raises(ValueError, match=words):
            use(changed(**arrays))


def test_arrays_may_lie_at_odd_addresses():
    X, _ = samples(20, 30, 0.2, np.random.default_rng(6))
    odd = X.copy()
    for name in ("data", "indices", "indptr"):
        array = getattr(X, name)
        raw = np.zeros(array.nbytes + 1, np.uint8)[1:].view(array.dtype)
        raw[...] = array
        setattr(odd, name, raw)
    network = dl.Network([30, 4, 2], seed=0)
    np.testing.assert_array_equal(network.forward(odd), network.forward(X))


def test_one_sparse_sample_is_no_work_for_threads():
    X = sparse.csr_array(([1.0], ([0], [7])), shape=(1, 20_000))
    core = dl.Network([20_000, 100, 1], seed=0)._parameters.core
    sample = _checks.core_samples(X, np.float64)
    times = {
        threads: min(timeit.repeat(lambda t=threads: core.forward(sample, t), number=20))
        for threads in (1, 4)
    }
    assert times[4] < 3 * times[1]  # starting threads takes eight times as long


def test_a_scaling_would_fill_a_sparse_matrix():
    X, y = samples(20, 30, 0.2, np.random.default_rng(7))
    network = dl.Network([30, 2], seed=0, scaling="standard")
    calls = [
        lambda: network.train(X, y, learning_rate=0.1, epochs=1),
        lambda: network.forward(X),
        lambda: network.backward(X, y),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="X must be dense with scaling='standard'"):
            call()


def test_a_users_loss_takes_sparse_samples():
    def squares(outputs, targets):
        return ((outputs - targets) ** 2).sum() / 2, outputs - targets

    X, y = samples(90, 30, 0.2, np.random.default_rng(8))
    options = {"loss": squares, "learning_rate": 0.1, "batch_size": 20}
    network = assert_same_training(X, X.toarray(), y, [30, 4, 2], "float64", **options)
    found, expected = (network.backward(given, y) for given in (X, X.toarray()))
    np.testing.assert_array_equal(found.weights[0], expected.weights[0])


def test_indices_that_change_meanwhile_are_not_followed():
    X, y = samples(500, 200, 0.1, np.random.default_rng(9))
    trainer = dl.Network([200, 8, 2], seed=0).trainer(
        X, y, optimizer="adam", batch_size=50, shuffle=True
    )
    done = threading.Event()

    def spoil():
        rng = np.random.default_rng(0)
        while not done.is_set():
            X.indices[...] = rng.integers(-(2**31), 2**31, X.nnz)

    thread = threading.Thread(target=spoil)
    thread.start()
    try:
        history = trainer.run(200)
    finally:
        done.set()
        thread.join()
    assert len(history.loss) == 200


PROGRAM = """
import resource, denseloop as dl, numpy as np
from scipy import sparse
rng = np.random.default_rng(0)
X = sparse.random_array((20000, 20000), density=2e-3, format="csr", rng=rng)  # dense 3.2 GB
y = rng.random((20000, 1))
network = dl.Network([20000, 4, 1], seed=0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
network.train(X, y, optimizer="adam", batch_size=200, shuffle=True, epochs=1)
network.train(X, y, optimizer="rprop", epochs=1, eval_set=(X, y))
network.forward(X)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def test_memory_is_of_the_order_of_the_stored_numbers():
    if sys.platform != "linux":
        pytest.skip("ru_maxrss has another unit")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120
    )
    stored = 20000 * 40 * 12  # bytes of values and indices
    assert int(run.stdout) < 6 * stored, run.stdout
