"""A network's arrays, copies, rows and history behave as documented."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from denseloop import Adam, History, Network


def test_parameters_are_one_buffer_with_views():
    network = Network([2, 3, 1], seed=0)
    assert network.layer_sizes == (2, 3, 1)
    assert [w.shape for w in network.weights] == [(2, 3), (3, 1)]
    assert [b.shape for b in network.biases] == [(3,), (1,)]
    network.parameters[:] = np.arange(13)
    np.testing.assert_array_equal(network.weights[0], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(network.biases[0], [6, 7, 8])
    np.testing.assert_array_equal(network.weights[1], [[9], [10], [11]])
    np.testing.assert_array_equal(network.biases[1], [12])


def test_assigning_to_an_item_writes_to_the_network():
    network = Network([2, 3, 1], seed=0)
    network.weights[0] = np.ones((2, 3))
    network.weights[0] -= 0.25
    network.biases[1] = 5
    np.testing.assert_array_equal(network.parameters[:6], np.full(6, 0.75))
    assert network.parameters[-1] == 5
    with pytest.raises(ValueError, match="could not broadcast"):
        network.weights[0] = np.ones((3, 2))


def test_real_numbers_in_object_arrays_are_accepted():
    frame = pd.DataFrame({"a": [0.5, 1.0], "b": [True, False], "c": [10**30, 3]})
    network = Network([3, 1], weights=[[[1.0], [1.0], [1e-30]]])
    expected = network.forward([[0.5, 1, 1e30], [1, 0, 3]])
    np.testing.assert_array_equal(network.forward(frame), expected)


def test_a_network_without_biases_has_none():
    network = Network([2, 3, 1], bias=False, seed=0)
    assert network.biases == ()
    assert network.parameters.size == 9


def test_initial_arrays_are_copied():
    weights, biases = [np.ones((2, 1))], [np.full(1, 2.0)]
    network = Network([2, 1], weights=weights, biases=biases)
    network.train([[1, 1]], [0], learning_rate=1, epochs=1)
    assert (weights[0] == 1).all() and biases[0] == 2
    assert (network.weights[0] != 1).all()


def test_lists_are_accepted_as_initial_arrays():
    network = Network([2, 1], dtype="float32", weights=[[[1], [2]]], biases=[[3]])
    np.testing.assert_array_equal(network.parameters, np.array([1, 2, 3], np.float32))


def test_the_seed_decides_the_weights():
    first, again, other = (Network([4, 5, 2], seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.parameters, again.parameters)
    assert (first.weights[0] != other.weights[0]).all()
    assert np.abs(first.weights[0]).max() <= np.sqrt(6 / 9)
    assert (first.biases[0] == 0).all()


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_a_copy_is_complete_and_independent(clone):
    network = Network([2, 3, 2], output_activation="softmax", dtype="float32", seed=0)
    X, y = [[0.5, 1], [1, 0]], [[1, 0], [0, 1]]
    options = {"learning_rate": 0.5, "epochs": 5, "loss": "cross_entropy"}
    network.train(X, y, **options)
    network.label = "mine"
    twin = clone(network)
    assert twin.label == "mine"
    np.testing.assert_array_equal(twin.history.loss, network.history.loss)
    for each in (network, twin):
        each.train(X, y, **options)
    np.testing.assert_array_equal(twin.parameters, network.parameters)
    twin.weights[0][...] = 0
    assert (twin.parameters[:6] == 0).all()
    assert (network.parameters[:6] != 0).all()


def test_a_copy_made_in_a_callback_goes_on_like_the_network():
    X, y = np.eye(3), [[0.1], [0.9], [0.3]]
    network = Network([3, 4, 1], seed=0)
    options = {"optimizer": Adam(0.1), "batch_size": 2, "shuffle": True}
    copies = []

    def checkpoint(progress):
        copies.append(pickle.dumps(progress.network))

    network.train(X, y, epochs=5, callback=checkpoint, callback_every=2, **options)
    for finished, pickled in zip([2, 4], copies, strict=True):
        again = pickle.loads(pickled)
        again.train(X, y, epochs=5 - finished, **options)
        np.testing.assert_array_equal(again.parameters, network.parameters)


def test_even_a_shallow_copy_has_a_state_of_its_own():
    X, y = np.eye(3), [[0.1], [0.9], [0.3]]
    network, twin = Network([3, 4, 1], seed=0), Network([3, 4, 1], seed=0)
    for each in (network, twin):
        each.train(X, y, optimizer=Adam(0.1), epochs=2)
    copy.copy(network).train(X, y, optimizer=Adam(0.1), epochs=9)
    for each in (network, twin):
        each.train(X, y, optimizer=Adam(0.1), epochs=2)
    np.testing.assert_array_equal(network.parameters, twin.parameters)


@pytest.mark.parametrize(
    ("losses", "best"),
    [
        ([3.0, 1.0, 2.0, 1.0], 1),
        ([np.nan, 2.0, np.inf], 1),
        ([np.nan, np.inf], None),
        ([], None),
        (None, None),
    ],
)
def test_the_best_epoch_has_the_lowest_validation_loss(losses, best):
    validation_loss = None if losses is None else np.array(losses)
    assert History(np.zeros(4), validation_loss).best_epoch == best


def test_repr_shows_what_was_chosen():
    assert repr(Network([2, 1], seed=0)) == "Network([2, 1])"
    network = Network([2, 2], bias=False, output_activation="softmax", dtype="float32", seed=0)
    assert eval(repr(network)).parameters.dtype == np.float32
    assert "bias=False" in repr(network) and "softmax" in repr(network)
    for activation in ["tanh", ["tanh", "relu"]]:
        network = Network([2, 3, 3, 1], activation=activation)
        assert repr(network) == f"Network([2, 3, 3, 1], activation={activation!r})"
        assert eval(repr(network)).activations == network.activations


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_row_has_the_same_bits_alone_and_among_others(target, dtype, random):
    network = Network([5, 7, 3], dtype=dtype, seed=1)
    X = random.standard_normal((301, 5)).astype(dtype)
    together = network.forward(X)
    for i in [0, 1, 7, 8, 127, 128, 255, 300]:
        np.testing.assert_array_equal(network.forward(X[i : i + 1]), together[i : i + 1])


def test_few_rows_of_any_kind_give_the_same_bits(random):
    """A plain array of few rows takes a shorter path than all others."""
    network = Network([5, 7, 3], seed=1)
    X = random.standard_normal((3, 5)).round(3)
    expected = network.forward(np.concatenate([X] * 100))[:3].tobytes()
    wide = np.zeros((6, 15))
    wide[::2, ::3] = X
    for variant in [X, X.tolist(), np.asfortranarray(X), wide[::2, ::3], pd.DataFrame(X)]:
        assert network.forward(variant).tobytes() == expected
    assert network.forward(X, num_threads=1).tobytes() == expected
    single = network.forward(X.astype(np.float32))
    assert single.dtype == np.float64 and single.tobytes() != expected


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_few_rows_are_checked_like_many(dtype):
    network = Network([2, 3, 1], dtype=dtype, seed=1)
    with pytest.raises(TypeError, match="X must not be a masked array"):
        network.forward(np.ma.masked_array(np.ones((1, 2), dtype), mask=[[0, 1]]))
    with pytest.raises(ValueError, match=r"X must have shape \(n_samples, 2\), got \(1, 3\)"):
        network.forward(np.ones((1, 3), dtype))
    with pytest.raises(ValueError, match="X must be finite, got nan in row 1, column 0"):
        network.forward(np.array([[0, 0], [np.nan, 0]], dtype))


def test_no_rows_give_no_rows():
    assert Network([2, 3], seed=0).forward(np.empty((0, 2))).shape == (0, 3)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_strides_order_alignment_and_byte_order_do_not_change_a_bit(dtype, random):
    X = random.standard_normal((200, 6)).astype(dtype)
    y = random.random((200, 2)).astype(dtype)

    def trained(X, y):
        network = Network([6, 4, 2], dtype=dtype, seed=0)
        network.train(X, y, learning_rate=0.1, epochs=20)
        return network.parameters.tobytes() + network.forward(X).tobytes()

    expected = trained(X, y)
    wide = np.zeros((400, 18), dtype)
    wide[::2, ::3] = X
    raw = np.zeros(X.nbytes + 3, np.uint8)
    unaligned = raw[3:].view(dtype).reshape(X.shape)
    unaligned[...] = X
    swapped = X.astype(X.dtype.newbyteorder())
    reversed_twice = X[::-1, ::-1].copy()[::-1, ::-1]
    for variant in [
        np.asfortranarray(X),
        wide[::2, ::3],
        unaligned,
        swapped,
        reversed_twice,
        X.tolist(),
    ]:
        assert trained(variant, np.asfortranarray(y)) == expected


def test_recorded_outputs_are_those_before_each_update(target, random):
    X, y = random.standard_normal((150, 3)), random.random((150, 2))
    network, twin = Network([3, 4, 2], seed=0), Network([3, 4, 2], seed=0)
    history = network.train(X, y, learning_rate=0.1, epochs=4, record_output=True)
    assert history.output.shape == (4, 150, 2)
    for output in history.output:
        np.testing.assert_array_equal(output, twin.forward(X))
        twin.train(X, y, learning_rate=0.1, epochs=1)


def test_history_is_returned_and_kept():
    network = Network([1, 1], seed=0)
    assert network.history is None
    history = network.train([[1]], [[1]], learning_rate=0.1, epochs=3)
    assert network.history is history
    assert history.loss.shape == (3,) and history.output is None and not history.diverged


def test_one_output_takes_a_flat_y():
    X, y = [[0.0], [1.0]], [0, 1]
    flat, column = Network([1, 1], seed=0), Network([1, 1], seed=0)
    flat.train(X, y, learning_rate=0.1, epochs=3)
    column.train(X, [[0], [1]], learning_rate=0.1, epochs=3)
    np.testing.assert_array_equal(flat.parameters, column.parameters)


def test_mean_is_the_sum_over_the_number_of_samples(random):
    network = Network([3, 2], seed=0)
    X, y = random.standard_normal((7, 3)), random.random((7, 2))
    summed, mean = (network.loss_and_gradients(X, y, reduction=r)[0] for r in ("sum", "mean"))
    assert mean == pytest.approx(summed / 7, rel=1e-15)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_rows_of_any_kind_are_those_of_the_converted_array(dtype, random):
    network = Network([3, 4, 2], dtype=dtype, seed=0)
    rows = random.integers(-3, 4, (5, 3))
    expected = network.forward(rows.astype(dtype)).tobytes()
    for kind in ("i8", "i2", ">i4", "f4", ">f8", "f2", "O", np.longdouble):
        assert network.forward(rows.astype(kind)).tobytes() == expected, kind
    assert network.forward(rows.tolist()).tobytes() == expected
    assert network.forward([list(map(float, row)) for row in rows]).tobytes() == expected
    positive = network.forward(abs(rows).astype(dtype)).tobytes()
    assert network.forward(abs(rows).astype("u1")).tobytes() == positive
    assert network.forward((rows > 0).tolist()).tobytes() == network.forward(rows > 0).tobytes()


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([["1", "2", "3"]], TypeError, "X must hold real numbers, got dtype <U1"),
        ([[1, 2, 3j]], TypeError, "X must hold real numbers, got dtype complex128"),
        ([[1, 2], [3]], ValueError, "X must be a regular array"),
        ([[1.0, float("nan"), 2.0]], ValueError, "X must be finite, got nan in row 0, column 1"),
        ([1.0, 2.0, 3.0], ValueError, r"got \(3,\); X\[None, :\] makes it one sample"),
        ([[1e39, 0, 0]], ValueError, "X must be finite, got inf in row 0, column 0"),
    ],
)
def test_rows_that_are_refused(rows, error, message):
    with pytest.raises(error, match=message):
        Network([3, 1], dtype="float32", seed=0).forward(rows)


@pytest.mark.parametrize("dtype", [",loat32", "(2,f8", "int32", object()])
def test_a_dtype_that_is_none_is_refused(dtype):
    with pytest.raises(ValueError, match="dtype must be 'float64' or 'float32', got"):
        Network([2, 1], dtype=dtype)
