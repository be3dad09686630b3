"""A training over the rows on any workers has the bits of one on one machine."""

import dask.array as da
import dask.dataframe as dd
import denseloop as dl
import numpy as np
import pandas as pd
import pytest
from denseloop.dask import train
from distributed import Client, LocalCluster

OPTIMIZERS = {
    "descent": dl.GradientDescent(0.3),
    "momentum": dl.GradientDescent(dl.InverseScaling(0.2), momentum=0.9),
    "Nesterov": dl.GradientDescent(dl.Adaptive(0.2), momentum=0.8, nesterov=True),
    "Adam": dl.Adam(0.05),
    "RPROP": dl.RPROP(),
    "L-BFGS": dl.LBFGS(),
    "Levenberg-Marquardt": dl.LevenbergMarquardt(),
}
LOSSES = {
    "half_squared_error": "identity",
    "squared_error": "tanh",
    "absolute_error": "identity",
    dl.Huber(0.3): "identity",
    dl.Quantile(0.2): "identity",
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "poisson": "exp",
}
SQUARED = ("half_squared_error", "squared_error")
ROWS = 9500


@pytest.fixture(scope="module", params=[1, 2, 3, 7])
def client(request):
    """Return the client of a cluster whose workers are threads of this process."""
    options = {"processes": False, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(n_workers=request.param, **options) as cluster, Client(cluster) as client:
        yield client


def data(loss="half_squared_error", rows=ROWS):
    random = np.random.default_rng(1)
    X, y = random.uniform(-1, 1, (rows, 3)), random.random((rows, 2))
    if loss == "cross_entropy":
        y = np.eye(2)[random.integers(2, size=rows)]
    return X, y, random.random(rows)


def collection(array, random):
    """Return a Dask array whose partitions are cut at random; some are empty."""
    cuts = np.sort(random.integers(0, len(array), 8)).tolist()
    parts = [array[a:b] for a, b in zip([0, *cuts, cuts[-1]], [*cuts, cuts[-1], len(array)])]
    return da.concatenate([da.from_array(part, chunks=-1) for part in parts])


def new(loss="half_squared_error", dtype="float64"):
    return dl.Network(
        [3, 6, 2], activation="tanh", output_activation=LOSSES[loss], dtype=dtype, seed=2
    )


def assert_same(client, network, same, arrays, eval_arrays=None, random=None, **options):
    """Train both, one of them on collections of any partitions."""
    random = random or np.random.default_rng(0)
    X, y, weight = (None if a is None else collection(a, random) for a in arrays)
    eval_set = None
    if eval_arrays is not None:
        eval_set = tuple(collection(a, random) for a in eval_arrays)
    assert train(client, network, X, y, sample_weight=weight, eval_set=eval_set, **options) is (
        network
    )
    same.train(*arrays[:2], sample_weight=arrays[2], eval_set=eval_arrays, **options)
    assert network.digest() == same.digest()
    for name in ("loss", "validation_loss", "learning_rate", "damping"):
        mine, theirs = getattr(network.history, name), getattr(same.history, name)
        assert (mine is None) == (theirs is None)
        assert mine is None or mine.tobytes() == theirs.tobytes()
    assert network.history.stopped_by == same.history.stopped_by


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        (name, loss)
        for name in OPTIMIZERS
        for loss in LOSSES
        if name != "Levenberg-Marquardt" or loss in SQUARED
    ],
    ids=str,
)
def test_the_bits_are_those_of_one_machine(client, name, loss):
    arrays = data(loss)
    n_workers = len(client.scheduler_info()["workers"])
    random = np.random.default_rng(n_workers)
    assert_same(
        *(client, new(loss), new(loss), arrays, [a[:5000] for a in arrays], random),
        **{"loss": loss, "optimizer": OPTIMIZERS[name], "epochs": 4, "l2": 0.1},
        reduction="mean",
    )


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("batch_size", [4000, 2048, 100_000])
def test_batches_are_those_of_global_rows(client, batch_size, dtype):
    arrays = [a.astype(dtype) for a in data()]
    options = {"optimizer": dl.Adam(0.01), "epochs": 3, "batch_size": batch_size}
    networks = new(dtype=dtype), new(dtype=dtype)
    if batch_size < ROWS:
        assert_same(client, *networks, arrays, **options)
    else:
        with pytest.warns(UserWarning, match="batch_size 100000 is more than the 9500 samples"):
            assert_same(client, *networks, arrays, **options)


@pytest.mark.parametrize("rows", [5, 100, 2048, 2049])
def test_few_rows_are_an_ordinary_case(client, rows):
    arrays = data(rows=rows)
    for optimizer in ("adam", "lbfgs", "lm"):
        assert_same(client, new(), new(), arrays, optimizer=optimizer, epochs=3)


def test_a_training_goes_on_where_another_ended(client):
    arrays = data()
    network, same = new(), new()
    for optimizer in (dl.Adam(0.01), dl.Adam(0.01), dl.LevenbergMarquardt()):
        assert_same(client, network, same, arrays, optimizer=optimizer, epochs=2)


def test_stopping_and_callbacks_are_those_of_one_machine(client):
    arrays = data()
    stopping = dl.EarlyStopping(patience=2, tolerance=1.0, restore_best=True)
    for optimizer in ("adam", "lbfgs", "lm"):
        options = {"optimizer": optimizer, "epochs": 50, "stopping": stopping}
        assert_same(client, new(), new(), arrays, arrays, **options)
    seen = []

    def callback(progress):
        seen.append((progress.epoch, progress.loss, progress.network.digest()))
        return progress.epoch == 3

    assert_same(client, new(), new(), arrays, optimizer="adam", epochs=9, callback=callback)
    assert seen[:3] == seen[3:]


def test_a_network_with_scaling_scales_on_the_workers(client):
    X, y, weight = data()
    networks = []
    for _ in range(2):
        net = dl.Network([3, 4, 2], output_activation="identity", scaling="standard", seed=0)
        networks.append(net)
    with pytest.raises(ValueError, match="scaling must be determined"):
        train(client, networks[0], da.from_array(X), da.from_array(y), optimizer="lm", epochs=1)
    for net in networks:
        net.train(X[:200], y[:200], optimizer="adam", epochs=0)
    arrays = 100 * X + 3, y - 7, weight
    assert_same(client, *networks, arrays, optimizer="lm", reduction="mean", epochs=3)


def test_frames_are_taken_with_their_partitions(client, tmp_path):
    X, y, weight = data()
    frame = pd.DataFrame(X, columns=list("abc")).assign(one=y[:, 0], two=y[:, 1], weight=weight)
    for k, first in enumerate(range(0, ROWS, 1700)):
        frame[first : first + 1700].to_parquet(tmp_path / f"part-{k}.parquet")
    lazy = dd.read_parquet(tmp_path / "part-*.parquet")
    network, same = new(), new()
    train(
        *(client, network, lazy[["a", "b", "c"]], lazy[["one", "two"]]),
        **{"sample_weight": lazy.weight, "optimizer": "rprop", "epochs": 5},
    )
    same.train(X, y, sample_weight=weight, optimizer="rprop", epochs=5)
    assert network.digest() == same.digest()


def test_columns_are_in_the_order_that_the_frame_says(client):
    X, y, _ = data()
    frame = dd.from_pandas(pd.DataFrame(X, columns=list("cab")), npartitions=3)
    lazy_X = (frame - frame.mean()) / frame.std()  # whose partitions have another order
    lazy_y = dd.from_pandas(pd.DataFrame(y), npartitions=3)
    network, same = new(), new()
    train(client, network, lazy_X, lazy_y, optimizer="adam", epochs=2)
    local = client.compute(lazy_X).result()[list(lazy_X.columns)]
    same.train(local, y, optimizer="adam", epochs=2)
    assert network.digest() == same.digest()


def test_what_cannot_be_trained_on_is_refused_before_anything_changes(client):
    X, y, weight = data()
    network = new()
    before = network.digest()
    lazy_X, lazy_y = da.from_array(X, chunks=(2000, 3)), da.from_array(y, chunks=(2000, 2))

    def refuses(error, match, *arrays, **options):
        options = {"optimizer": "adam", "epochs": 2, **options}
        with pytest.raises(error, match=match):
            train(client, network, *(arrays or (lazy_X, lazy_y)), **options)
        assert network.digest() == before

    nan = X.copy()
    nan[4321, 1] = np.nan
    refuses(
        *(ValueError, r"X of partition 2 must be finite, got nan at \(321, 1\)"),
        *(da.from_array(nan, chunks=(2000, 3)), lazy_y),
    )
    refuses(TypeError, "X must be a Dask array", X, y)
    refuses(TypeError, r"eval_set\[0\] must be a Dask array", eval_set=(X, y))
    refuses(ValueError, "X must have 3 columns, got 2", lazy_X[:, :2], lazy_y)
    refuses(ValueError, "eval_set must be .X, y.", eval_set="abc")
    refuses(ValueError, "X must have more than 4 rows, got 3", lazy_X[:3], lazy_y[:3])
    refuses(ValueError, "batch_size must be at least 5", batch_size=4)
    refuses(ValueError, "batch_size must be None or at least 9500", batch_size=5, optimizer="lm")
    refuses(ValueError, "a function needs all outputs", loss=lambda outputs, targets: None)
    refuses(ValueError, "needs loss 'half_squared", optimizer="lm", loss="absolute_error")
    refuses(
        ValueError,
        "restore_best=True needs an eval_set",
        stopping=dl.EarlyStopping(patience=1, restore_best=True),
    )
    refuses(ValueError, "epochs must be at least 0", epochs=-1)
    refuses(
        ValueError,
        "sum of sample_weight must be above 0",
        sample_weight=da.zeros(ROWS, chunks=2000),
    )
    negative = da.from_array(np.where(np.arange(ROWS) == 5000, -1.0, weight), chunks=2000)
    refuses(
        *(ValueError, r"sample_weight of partition 2 must be at least 0, got -1.0 at \(1000,\)"),
        sample_weight=negative,
    )
    refuses(
        *(ValueError, r"eval_set\[0\] of partition 2 must be finite"),
        eval_set=(da.from_array(nan, chunks=(2000, 3)), lazy_y),
    )
    with pytest.raises(TypeError, match=r"client must be a distributed.Client, got a LocalCluster"):
        train(client.cluster, network, lazy_X, lazy_y, optimizer="adam", epochs=1)
    with pytest.raises(TypeError, match="network must be Network"):
        train(client, None, lazy_X, lazy_y, optimizer="adam", epochs=1)


def test_a_diverging_training_warns_and_keeps_the_last_parameters(client):
    X, y, _ = data()
    network, same = new(), new()
    options = {"learning_rate": 1e200, "epochs": 9}
    lazy = da.from_array(X, chunks=(2000, 3)), da.from_array(y, chunks=(2000, 2))
    with pytest.warns(dl.DivergenceWarning, match="lower the learning rate"):
        train(client, network, *lazy, **options)
    with pytest.warns(dl.DivergenceWarning):
        same.train(X, y, **options)
    assert network.digest() == same.digest()
    assert network.history.stopped_by == "divergence"


def train_in_a_task(X, y):
    network = new()
    train(None, network, X, y, optimizer="adam", epochs=2)
    return network.digest()


def test_a_task_may_train(client):
    X, y, _ = data()
    lazy = da.from_array(X, chunks=(2000, 3)), da.from_array(y, chunks=(2000, 2))
    network = new()
    network.train(X, y, optimizer="adam", epochs=2)
    # The arrays must not be computed for the task.
    task = client.submit(lambda: train_in_a_task(*lazy))
    assert task.result(timeout=60) == network.digest()
