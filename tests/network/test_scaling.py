"""A network with scaling computes what one without does of samples that are scaled by hand."""

import copy
import pickle

import denseloop as dl
import numpy as np
import pytest

METHODS = ["standard", "minmax", "robust"]


def samples(random, n=80):
    """Return inputs and targets in units far from 1."""
    X = random.uniform(-1, 1, (n, 3))
    y = np.c_[X[:, 0] * X[:, 1], np.sin(2 * X[:, 2])]
    return X * [1e4, 1.0, 1e-3] + [5e5, 0.0, 3.0], y * [1e6, 1e-3] - [4e7, 2.0]


def by_hand(method, columns):
    """Return center and scale, by scikit-learn where that has the method."""
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    if method == "standard":
        scaler = preprocessing.StandardScaler().fit(columns)
        return scaler.mean_, scaler.scale_
    if method == "robust":
        scaler = preprocessing.RobustScaler().fit(columns)
        return scaler.center_, scaler.scale_
    scaler = preprocessing.MinMaxScaler((-1, 1)).fit(columns)
    return -scaler.min_ / scaler.scale_, 1 / scaler.scale_


def network(scaling=None, **options):
    return dl.Network(
        [3, 6, 2],
        activation="tanh",
        output_activation="identity",
        seed=2,
        scaling=scaling,
        **options,
    )


@pytest.mark.parametrize("optimizer", ["adam", "lm", "lbfgs"])
@pytest.mark.parametrize("method", METHODS)
def test_training_is_that_of_scaled_samples(method, optimizer, random):
    X, y = samples(random)
    (cx, sx), (cy, sy) = by_hand(method, X), by_hand(method, y)
    scaled, plain = network(method), network()
    history = scaled.train(X, y, optimizer=optimizer, epochs=20, eval_set=(X[:9], y[:9]))
    for name, expected in [
        ("input_center", cx),
        ("input_scale", sx),
        ("output_center", cy),
        ("output_scale", sy),
    ]:
        np.testing.assert_allclose(getattr(scaled.scaling, name), expected, rtol=1e-12)
    s = scaled.scaling
    Xs, ys = (X - s.input_center) / s.input_scale, (y - s.output_center) / s.output_scale
    twin = plain.train(Xs, ys, optimizer=optimizer, epochs=20, eval_set=(Xs[:9], ys[:9]))
    np.testing.assert_array_equal(history.loss, twin.loss)
    np.testing.assert_array_equal(history.validation_loss, twin.validation_loss)
    np.testing.assert_array_equal(
        scaled.forward(X), plain.forward(Xs) * s.output_scale + s.output_center
    )
    assert scaled.forward(X[:1]).tobytes() == scaled.forward(X)[:1].tobytes()


def test_it_learns_where_a_plain_network_does_not(random):
    X, y = samples(random)
    errors = {}
    for method in [None, *METHODS]:
        net = network(method)
        net.train(X, y, optimizer="lm", epochs=100)
        errors[method] = np.square(net.forward(X) - y).sum(axis=0) / np.square(y - y.mean(0)).sum(0)
    assert errors.pop(None).max() > 0.9
    assert max(e.max() for e in errors.values()) < 0.01


def test_derivatives_are_slopes_in_the_users_units(random):
    X, y = samples(random)
    net = network("standard")
    net.train(X, y, optimizer="lm", epochs=30)
    steps = np.array([1.0, 1e-4, 1e-7])
    slopes = np.stack(
        [
            (net.forward(X + step) - net.forward(X - step)) / (2 * steps[k])
            for k, step in enumerate(np.diag(steps))
        ],
        axis=-1,
    )
    jacobian = net.jacobian(X)
    scale = np.abs(jacobian).max(axis=(0, 1))
    np.testing.assert_allclose(jacobian / scale, slopes / scale, atol=1e-5)
    d_outputs = random.standard_normal(y.shape)
    expected = np.einsum("ijk,ij->k", net.jacobian(X, by="parameters"), d_outputs)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(net.backward(X, d_outputs).flat, expected, atol=1e-12 * scale)


def test_a_function_as_loss_sees_outputs_in_the_users_units(random):
    X, y = samples(random)
    net = network("standard")
    net.train(X, y, optimizer="lm", epochs=10)

    def relative(outputs, targets):
        np.testing.assert_array_equal(outputs, net.forward(X))
        weights = 1 / np.square(targets).mean(axis=0)
        return np.sum(weights * (outputs - targets) ** 2), 2 * weights * (outputs - targets)

    value, gradients = net.loss_and_gradients(X, y, loss=relative)
    expected = net.backward(X, 2 * (net.forward(X) - y) / np.square(y).mean(axis=0))
    np.testing.assert_allclose(gradients.flat, expected.flat, rtol=1e-9, atol=1e-18)
    assert value > 0


def test_the_first_training_decides_and_copies_keep_it(random):
    X, y = samples(random)
    net = network("minmax")
    assert not net.scaling.is_fitted
    np.testing.assert_array_equal(net.forward(X / 1e6), network().forward(X / 1e6))
    net.loss_and_gradients(X, y)
    assert not net.scaling.is_fitted
    with pytest.raises(ValueError, match="y must be finite"):
        net.train(X, np.where(y == y[3, 1], np.nan, y), optimizer="lm", epochs=1)
    with pytest.raises(ValueError, match="batch_size"):
        net.train(X, y, optimizer="adam", epochs=1, batch_size=0)
    assert not net.scaling.is_fitted
    net.weights[0][0, 0] = np.nan
    with pytest.raises(ValueError, match="weights.0. must be finite"):
        net.train(X, y, optimizer="adam", epochs=1)
    net.weights[0][0, 0] = 0.1
    net.trainer(X, y, optimizer="adam")
    with pytest.raises(ValueError, match=r"call train\(X, y, epochs=0, ...\) before"):
        net.objective(X, y)
    assert not net.scaling.is_fitted
    net.train(X, y, optimizer="lm", epochs=0)
    assert net.scaling.is_fitted
    net.objective(X, y)
    first = net.scaling
    net.train(X[:20] * 2, y[:20], optimizer="lm", epochs=1)
    assert net.scaling is first
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        np.testing.assert_array_equal(twin.forward(X), net.forward(X))
        assert repr(twin) == repr(net) and "scaling='minmax'" in repr(net)


def test_only_identity_outputs_are_scaled(random):
    X, _ = samples(random)
    net = dl.Network([3, 4, 2], output_activation="softmax", scaling="robust", seed=0)
    y = np.eye(2)[(X[:, 0] > X[:, 0].mean()).astype(int)]
    net.train(X, y, loss="cross_entropy", optimizer="lbfgs", epochs=50)
    assert net.scaling.output_scale is None
    np.testing.assert_allclose(net.forward(X).sum(axis=1), 1, rtol=1e-12)
    assert (net.forward(X).argmax(axis=1) == y.argmax(axis=1)).mean() > 0.95


def test_float32_loses_no_digits_to_a_large_center(random):
    X, y = samples(random)
    net = dl.Network(
        [3, 6, 2], output_activation="identity", scaling="standard", seed=1, dtype="float32"
    )
    far = X + [1e9, 0.0, 0.0]
    assert np.abs(np.diff(np.unique(far[:, 0].astype(np.float32)))).min() > 60
    net.train(far, y, optimizer="lm", epochs=5)
    outputs = net.forward(far)
    assert outputs.dtype == np.float32
    twin = dl.Network([3, 6, 2], output_activation="identity", scaling="standard", seed=1)
    twin.train(far, y, optimizer="lm", epochs=5)
    np.testing.assert_allclose(
        (outputs - y) / net.scaling.output_scale,
        (twin.forward(far) - y) / net.scaling.output_scale,
        atol=2e-3,
    )


def test_columns_without_spread_and_what_cannot_be_scaled(random):
    X, y = samples(random)
    X[:, 1] = 0.1
    for method in METHODS:
        net = network(method)
        net.train(X, y, optimizer="adam", epochs=1)
        assert net.scaling.input_scale[1] == 1.0
    X[:2, 1] = -1e308, 1e308
    with pytest.raises(ValueError, match="X must have a spread that is finite"):
        network("standard").train(X * 1.5, y, optimizer="adam", epochs=1)
    with pytest.raises(ValueError, match="scaling must be one of 'standard', 'minmax', 'robust'"):
        network("zscore")
    with pytest.raises(ValueError, match="record_output must be False with scaling"):
        network("robust").train(X[2:], y[2:], optimizer="adam", epochs=1, record_output=True)
    assert not messages_of_overflow(np.float64) and messages_of_overflow(np.float32)


def test_a_column_of_mostly_equal_values_has_its_standard_deviation():
    X = np.r_[np.zeros(45), np.linspace(1e4, 5e4, 5)][:, None]
    net = dl.Network([1, 1], output_activation="identity", scaling="robust", seed=0)
    net.train(X, 100 * X, optimizer="adam", epochs=0)
    np.testing.assert_allclose(net.scaling.input_scale, X.std(axis=0), rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_the_samples_in_memory_changes_no_bit(method, random):
    X, y = random.normal(7.0, 3.0, (1000, 4)), random.normal(5.0, 2.0, (1000, 2))
    bits = set()
    for order in "CF":
        net = dl.Network([4, 3, 2], output_activation="identity", scaling=method, seed=0)
        net.train(np.array(X, order=order), np.array(y, order=order), optimizer="rprop", epochs=2)
        bits.add(net.digest())
    assert len(bits) == 1


@pytest.mark.parametrize("optimizer", [dl.Adam(0.02), "rprop", "lbfgs"])
def test_targets_of_a_function_are_scaled_where_they_are_numbers(optimizer, random):
    X, y = samples(random)
    y[3, 0] = np.nan

    def masked(outputs, targets):
        weight = 1 / np.nanvar(y, axis=0)
        errors = np.where(np.isnan(targets), 0.0, outputs - targets)
        return 0.5 * np.sum(weight * errors**2), weight * errors

    net = network("standard")
    net.train(X, y, loss=masked, optimizer=optimizer, epochs=400)
    rest = np.delete(np.arange(len(y)), 3)
    np.testing.assert_allclose(net.scaling.output_center, y[rest].mean(axis=0), rtol=1e-12)
    left = np.square(net.forward(X) - y)[rest].mean(axis=0) / y[rest].var(axis=0)
    assert left.max() < 0.3
    other = network("standard")
    other.train(X, y[:, :1], loss=lambda a, t: (0.0, 0 * a), optimizer="adam", epochs=1)
    assert other.scaling.is_fitted and other.scaling.output_scale is None


def messages_of_overflow(dtype):
    """Return what is said of targets that float32 does not hold."""
    net = dl.Network([1, 1], output_activation="identity", scaling="standard", dtype=dtype, seed=0)
    try:
        net.train([[0.0], [1.0]], [[0.0], [1e39]], optimizer="adam", epochs=1)
    except ValueError as error:
        assert not net.scaling.is_fitted
        return str(error)
    return None


@pytest.mark.parametrize("optimizer", ["adam", "lm", "lbfgs"])
def test_a_training_that_was_prepared_for_another_scaling_is_refused(optimizer, random):
    X, y = samples(random)
    net = network("standard")
    early = net.trainer(X, y, optimizer=optimizer)
    same = net.trainer(X, y, optimizer=optimizer)
    early.run(1)
    scaling, before = net.scaling, net.parameters.copy()
    early.run(1)
    before = net.parameters.copy()
    with pytest.raises(RuntimeError, match="another training has determined the scaling"):
        same.run(1)
    assert net.scaling is scaling
    np.testing.assert_array_equal(net.parameters, before)
    net.trainer(X, y, optimizer=optimizer).run(1)


def test_a_refused_training_leaves_the_scaling_of_the_one_that_runs(random):
    X, y = samples(random)
    net = network("standard")

    def train_again(progress):
        if progress.epoch == 2:
            with pytest.raises(RuntimeError, match="in use"):
                net.train(X * 7, y, optimizer="adam", epochs=1)

    net.train(X, y, optimizer="adam", epochs=3, callback=train_again)
    np.testing.assert_allclose(net.scaling.input_center, X.mean(axis=0), rtol=1e-12)
