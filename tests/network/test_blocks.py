"""Blocks of 2048 samples are added by a fixed binary tree, so that a batch can be cut anywhere."""

import pickle

import numpy as np
import pytest
from denseloop import Network, _core
from denseloop._sums.tree import TreeSum, nodes_of

from tests.compare import oracle_of
from tests.core_calls import levenberg_marquardt_step

BLOCK = 2048
SIZES = [1, 4, 5, 2048, 2049, 4096, 5000, 3 * 2048, 7 * 2048 + 1, 20_000]
LOSSES = {
    "half_squared_error": "identity",
    "absolute_error": "tanh",
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "poisson": "exp",
}


def data(n, dtype="float64", loss="half_squared_error"):
    random = np.random.default_rng(n)
    X, y = random.uniform(-1, 1, (n, 3)), random.random((n, 2))
    if loss == "cross_entropy":
        y = np.eye(2)[random.integers(2, size=n)]
    return X.astype(dtype), y.astype(dtype), random.random(n).astype(dtype)


def network(dtype="float64", loss="half_squared_error"):
    return Network([3, 5, 2], output_activation=LOSSES[loss], dtype=dtype, seed=1)


def by_tree(sums):
    """Return the sum of those of all blocks: neighbours are added, level by level."""
    while len(sums) > 1:
        pairs = [sums[k : k + 2] for k in range(0, len(sums), 2)]
        sums = [pair[0] + pair[1] if len(pair) == 2 else pair[0] for pair in pairs]
    return sums[0]


def same_bits(a, b):
    return np.asarray(a).tobytes() == np.asarray(b).tobytes()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("n", SIZES[2:])
def test_a_batch_is_the_tree_of_its_blocks(target, n, dtype):
    X, y, weight = data(n, dtype)
    net = network(dtype)

    def sums(rows, threads=1):
        loss, gradients = net.loss_and_gradients(
            X[rows], y[rows], sample_weight=weight[rows], num_threads=threads
        )
        return np.float64(loss), gradients.flat

    blocks = [sums(slice(first, first + BLOCK)) for first in range(0, n, BLOCK)]
    losses, gradients = zip(*blocks)
    for threads in (1, 2, 3):
        loss, gradient = sums(slice(None), threads)
        assert loss == by_tree(losses)
        assert same_bits(gradient, by_tree(gradients))


def test_a_large_batch_agrees_with_the_oracle():
    X, y, weight = data(20_000)
    net = network()
    oracle = oracle_of(net)
    loss, gradients = net.loss_and_gradients(X, y, sample_weight=weight, reduction="mean")
    expected, weights, biases = oracle.loss_and_gradients(
        X, y, sample_weight=weight, reduction="mean"
    )
    assert loss == pytest.approx(expected, rel=1e-13)
    for mine, theirs in zip([*gradients.weights, *gradients.biases], [*weights, *biases]):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs", "lm"])
def test_large_batches_are_the_same_on_any_number_of_threads(target, optimizer):
    X, y, weight = data(9000)
    found = set()
    for threads in (1, 2, 5):
        net = network()
        net.train(
            *(X, y),
            optimizer=optimizer,
            epochs=3,
            l2=0.1,
            sample_weight=weight,
            eval_set=(X[::-1], y[::-1], weight),
            num_threads=threads,
        )
        found.add((net.digest(), net.history.loss.tobytes(), net.history.validation_loss.tobytes()))
    assert len(found) == 1


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("n", SIZES)
def test_partial_sums_of_any_cuts_add_up_to_the_bits(n, dtype, loss):
    random = np.random.default_rng(n)
    X, y, weight = data(n, dtype, loss)
    net = network(dtype, loss)
    options = {"loss": loss, "reduction": "mean", "l2": 0.3}
    cuts = np.unique([0, *random.integers(0, n, 6), n])
    parts = [
        net.partial(X[a:b], y[a:b], first_row=a, sample_weight=weight[a:b], **options)
        for a, b in zip(cuts, cuts[1:])
    ]
    random.shuffle(parts)
    whole = parts[0]
    for part in parts[1:]:
        whole = pickle.loads(pickle.dumps(part)).combine(whole)
    found, gradients = whole.total()
    expected, same = net.loss_and_gradients(X, y, sample_weight=weight, **options)
    assert found == expected
    assert same_bits(gradients.flat, same.flat)
    assert gradients.weights[0].shape == (3, 5)


def test_partial_sums_scale_as_the_network_does():
    X, y, _ = data(5000)
    net = Network([3, 4, 2], output_activation="identity", scaling="standard", seed=0)
    with pytest.raises(ValueError, match="scaling must be determined; network.train"):
        net.partial(X, y)
    net.train(X, y, optimizer="adam", epochs=1)
    parts = [net.partial(X[:3000], y[:3000]), net.partial(X[3000:], y[3000:], first_row=3000)]
    found, gradients = pickle.loads(pickle.dumps(parts[1])).combine(parts[0]).total()
    expected, same = net.loss_and_gradients(X, y)
    assert found == expected and same_bits(gradients.flat, same.flat)


def test_partial_sums_that_do_not_fit_are_refused():
    X, y, weight = data(5000)
    net = network()
    first, last = net.partial(X[:3000], y[:3000]), net.partial(X[3000:], y[3000:], first_row=3000)
    assert repr(last) == "<PartialSum of rows 3000 to 4999>"
    with pytest.raises(ValueError, match="all rows from 0 on, got <PartialSum of rows 3000 to"):
        last.total()
    with pytest.raises(ValueError, match="got row 2999 in both"):
        first.combine(net.partial(X[2999:4000], y[2999:4000], first_row=2999))
    with pytest.raises(ValueError, match="got row 0 in both"):
        first.combine(first)
    with pytest.raises(ValueError, match="all rows from 0 on"):
        first.combine(net.partial(X[3001:], y[3001:], first_row=3001)).total()
    for rows in ([(0, 10), (50, 99)], [(0, 2100), (2200, 2300)], [(0, 4100), (4200, 4300)]):
        a, b = (net.partial(X[a:b], y[a:b], first_row=a) for a, b in rows)
        with pytest.raises(ValueError, match="all rows from 0 on"):
            a.combine(b).total()
    for rows in ([(0, 4096), (0, 2048)], [(0, 4096), (100, 200)], [(0, 2048), (0, 99)]):
        a, b = (net.partial(X[a:b], y[a:b], first_row=a) for a, b in rows)
        with pytest.raises(ValueError, match="each row must be in one sum, got row"):
            b.combine(a)
    with pytest.raises(TypeError, match="other must be a PartialSum, got int"):
        first.combine(1)
    with pytest.raises(ValueError, match="must have a sample_weight, or none"):
        first.combine(net.partial(X[3000:], y[3000:], first_row=3000, sample_weight=weight[3000:]))
    with pytest.raises(ValueError, match="loss and options"):
        first.combine(net.partial(X[3000:], y[3000:], first_row=3000, l2=1.0))
    net.parameters[0] += 1
    with pytest.raises(ValueError, match="one state of the network"):
        first.combine(net.partial(X[3000:], y[3000:], first_row=3000))
    with pytest.raises(ValueError, match="at least 1 row, got 0"):
        net.partial(X[:0], y[:0])
    with pytest.raises(ValueError, match="first_row must be at least 0"):
        net.partial(X, y, first_row=-1)
    with pytest.raises(ValueError, match="a function needs all outputs of a batch"):
        net.partial(X, y, loss=lambda outputs, targets: None)
    with pytest.raises(ValueError, match="X must be finite, got nan"):
        net.partial(np.full((3, 3), np.nan), y[:3])
    for masked in ((np.ma.masked_array(X, X > 0.5), y), (X, np.ma.masked_array(y, y > 0.5))):
        with pytest.raises(TypeError, match="must not be a masked array"):
            net.partial(*masked)
    nothing = net.partial(X[:10], y[:10], sample_weight=np.zeros(10))
    with pytest.raises(ValueError, match="the sum of sample_weight must be above 0 and finite"):
        nothing.total()
    endless = net.partial(X, y, sample_weight=np.full(5000, 1e305))
    with pytest.raises(ValueError, match="above 0 and finite, got inf"):
        endless.total()


def test_the_nodes_of_a_range_are_its_largest():
    assert nodes_of(0, 8) == [(3, 0)]
    assert nodes_of(0, 7) == [(2, 0), (1, 2), (0, 6)]
    assert nodes_of(3, 9) == [(0, 3), (2, 1), (0, 8)]
    assert nodes_of(5, 5) == []


def test_sums_of_blocks_combine_in_any_order():
    random = np.random.default_rng(3)
    numbers = random.random(37)
    blocks = [TreeSum({(0, k): (number, np.array([number]))}) for k, number in enumerate(numbers)]
    random.shuffle(blocks)
    total = TreeSum()
    for block in blocks:
        total = total.combine(block)
    number, array = total.total(37)
    assert number == by_tree(list(numbers)) == array[0]
    assert len(total.nodes) == 3  # 32 + 4 + 1
    with pytest.raises(ValueError, match="the blocks from 0 to 39, got 0 to 31, 32 to 35, 36 to 3"):
        total.total(40)


def test_the_core_refuses_sums_that_do_not_fit():
    net = network()
    core, plan = net._parameters.core, _core.ObjectivePlan(_core.Loss.squared_error, parameter=0.0)
    X, y, _ = data(10)
    sums, equations = (core.partial_sums(X, y, None, plan, 0, 1, kind) for kind in (False, True))
    with pytest.raises(ValueError, match="those of losses and gradients"):
        sums.evaluate("squares", net.parameters, 1)
    with pytest.raises(ValueError, match="those of squares and equations"):
        equations.evaluate("losses", net.parameters, 1)
    with pytest.raises(ValueError, match="of losses, gradients, squares or equations, got 'x'"):
        sums.evaluate("x", net.parameters, 1)
    with pytest.raises(ValueError, match="parameters must have shape"):
        sums.evaluate("losses", net.parameters[:-1], 1)
    few = _core.RemoteSums64(lambda *_: (0.0, None), 1, 3, [])
    with pytest.raises(ValueError, match="too large for the kernels of few samples"):
        core.objective(few, None, None, plan, 1)
    with pytest.raises(ValueError, match="y may be None for sums alone"):
        core.objective(X, None, None, plan, 1)
    many = _core.RemoteSums64(lambda *_: (0.0, None), 9000, 3, [1.0, 2.0])
    with pytest.raises(ValueError, match="1 batches must have a weight for each, got 2"):
        core.objective(many, None, None, plan, 1)
    with pytest.raises(ValueError, match="take no y and no weights"):
        core.objective(many, y, None, plan, 1)
    net.train(X, y, optimizer="lm", epochs=0)
    caller = _core.CallerLoss64(lambda rows, outputs: (0.0, outputs), 10, 2)
    with pytest.raises(ValueError, match="a loss of the caller's takes no sample weights"):
        core.objective(X, caller, np.ones(10), plan, 1)
    with pytest.raises(ValueError, match="takes no loss of the caller's"):
        levenberg_marquardt_step(net, X, caller, plan)


@pytest.mark.parametrize("least_squares", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("columns", [3, 40])
def test_the_core_gives_the_rows_back(columns, dtype, least_squares):
    net = Network([columns, 2, 1], output_activation="identity", dtype=dtype, seed=0)
    random = np.random.default_rng(0)
    X, y = random.random((5000, columns)).astype(dtype), random.random((5000, 1)).astype(dtype)
    weight = random.random(5000).astype(dtype)
    plan = _core.ObjectivePlan(_core.Loss.squared_error, parameter=0.0)
    for given in (weight, None):
        sums = net._parameters.core.partial_sums(X, y, given, plan, 1, 1, least_squares)
        rows = sums.rows()
        assert same_bits(rows[0], X) and same_bits(rows[1], y)
        assert rows[2] is None if given is None else same_bits(rows[2], weight)
