"""A training that goes wrong without an error warns once, and names the cause and a remedy."""

import warnings

import denseloop as dl
import numpy as np
import pytest


@pytest.fixture
def samples(random):
    return random.random((100, 3))


def messages_of(call):
    """Return the texts of all TrainingWarnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert all(w.filename == __file__ for w in caught)
    return [str(w.message) for w in caught if w.category is dl.TrainingWarning]


def regressor(hidden="tanh", output="identity", **options):
    return dl.Network([3, 5, 1], activation=hidden, output_activation=output, seed=0, **options)


@pytest.mark.parametrize(
    ("output", "targets", "reason"),
    [
        (
            "sigmoid",
            lambda X: 10 * X.sum(axis=1),
            "but the sigmoid outputs have values from 0 to 1",
        ),
        ("sigmoid", lambda X: 2 * X[:, 0] - 1, "output_activation='tanh' has values from -1 to 1"),
        ("tanh", lambda X: 3 * X[:, 0] - 2, "but the tanh outputs have values from -1 to 1"),
        ("relu", lambda X: X[:, 0] - 0.5, "but the relu outputs have values of at least 0"),
        ("sigmoid", lambda X: (3 * X[:, 0]).astype(int) + 1, "np.eye(3)[labels - 1]"),
    ],
)
def test_targets_that_the_outputs_cannot_reach(output, targets, reason, samples):
    net = regressor(output=output)
    y = targets(samples)
    found = messages_of(lambda: net.train(samples, y, learning_rate=1e-5, epochs=1))
    assert len(found) == 1 and reason in found[0] and "output_activation='identity'" in found[0]
    assert f"go from {y.min():g} to {y.max():g}" in found[0]
    # Later trainings of a network are to be fast.
    assert not messages_of(lambda: net.train(samples, y, learning_rate=1e-5, epochs=1))


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu"])
def test_inputs_so_large_that_the_loss_rises(hidden, samples):
    net = regressor(hidden)
    found = messages_of(
        lambda: net.train(1e4 * samples, samples.sum(axis=1), learning_rate=0.1, epochs=60)
    )
    assert len(found) == 1 and "ended worse than it began: its loss rose from" in found[0]
    for remedy in ("scaling='standard'", "lower the learning rate, 0.1", "reduction='mean'"):
        assert remedy in found[0]


@pytest.mark.parametrize("optimizer", ["lm", "lbfgs", "adam"])
def test_unscaled_inputs_that_leave_a_constant(optimizer, samples):
    X, y = 1e6 * samples + 1e7, 1e5 * np.sin(5 * samples[:, 0])
    found = messages_of(lambda: regressor().train(X, y, optimizer=optimizer, epochs=100))
    assert len(found) == 1 and "has hardly led anywhere" in found[0]
    assert f"which reach {X.max():g}: Network(..., scaling='standard') does" in found[0]
    assert not messages_of(
        lambda: regressor(scaling="standard").train(X, y, optimizer=optimizer, epochs=100)
    )


@pytest.mark.parametrize(
    "loss", ["squared_error", "half_squared_error", "binary_cross_entropy", "cross_entropy"]
)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_of_the_mean_target_is_that_of_a_network_with_biases_alone(
    loss, reduction, weighted, samples, random
):
    output = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}.get(loss, "identity")
    y = np.eye(3)[(2 * samples[:, 0]).astype(int)]  # the third class is absent
    if output != "softmax":
        y = y[:, :1]
    options = dict(loss=loss, reduction=reduction)
    options["sample_weight"] = random.random(100) if weighted else None
    X = np.full((100, 1), 20.0)

    def blind():
        network = dl.Network([1, y.shape[1]], output_activation=output, seed=0)
        network.parameters[...] = 0.0
        return network

    best = blind()
    best.train(X / 20, y, optimizer="lbfgs", epochs=500, **options)
    lowest, _ = best.loss_and_gradients(X / 20, y, **options)
    found = messages_of(lambda: blind().train(X, y, optimizer="rprop", epochs=500, **options))
    assert len(found) == 1 and "where the mean target for all samples has" in found[0]
    shown = float(found[0].split("where the mean target for all samples has ")[1].split(";")[0])
    np.testing.assert_allclose(shown, lowest, rtol=1e-3)


@pytest.mark.parametrize("optimizer", ["lm", "lbfgs", "adam", "rprop", dl.GradientDescent(0.001)])
def test_good_trainings_are_silent(optimizer, samples):
    net, y = regressor(), samples.sum(axis=1)
    for _ in range(2):
        assert not messages_of(lambda: net.train(samples, y, optimizer=optimizer, epochs=300))


def test_a_plateau_of_small_inputs_is_silent():
    X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    net = dl.Network([2, 3, 1], seed=0)
    for epochs in (100, 5000):
        assert not messages_of(lambda n=epochs: net.train(X, y, learning_rate=0.1, epochs=n))


def test_rounding_errors_at_a_minimum_are_no_rise(samples):
    net = regressor(hidden="identity")
    y = samples.sum(axis=1)
    net.train(samples, y, optimizer="lm", epochs=50)
    assert not messages_of(lambda: net.train(samples, y, optimizer=dl.Adam(1e-9), epochs=50))


def test_a_divergence_names_remedies(samples):
    net = regressor("relu")
    with pytest.warns(dl.DivergenceWarning, match="which reach 9.*scaling='standard'.*rate, 0.1"):
        net.train(1e4 * samples, samples.sum(axis=1), learning_rate=0.1, epochs=1000)


def test_a_negative_loss_that_falls_is_silent_and_one_that_rises_is_not(samples):
    y = samples.sum(axis=1)

    def gain(outputs, targets):
        errors = outputs - targets
        with np.errstate(over="ignore"):
            return 0.5 * np.square(errors).sum() - 1000.0, errors

    for rate, count in [(0.001, 0), (0.1, 1)]:
        net = regressor()
        found = messages_of(
            lambda n=net, r=rate: n.train(samples, y, loss=gain, learning_rate=r, epochs=30)
        )
        assert len(found) == count
        assert "reduction" not in "".join(found)  # which a function does itself


def test_training_in_parts_is_silent(samples):
    net, y = regressor(), samples.sum(axis=1)
    options = dict(optimizer=dl.Adam(0.01), batch_size=20, shuffle=True, epochs=20)
    assert not messages_of(lambda: [net.train(samples, y, **options) for _ in range(100)])


def test_targets_that_the_outputs_nearly_reach_are_silent(samples):
    net = regressor(output="sigmoid")
    y = np.linspace(-0.001, 1.001, 100)
    assert not messages_of(lambda: net.train(samples, y, learning_rate=0.01, epochs=1))


def test_targets_so_large_that_the_steps_do_not_get_there(samples):
    y = 1e4 * samples.sum(axis=1)
    options = dict(optimizer="adam", epochs=500, reduction="mean")
    found = messages_of(lambda: regressor().train(samples, y, **options))
    assert len(found) == 1 and f"scale the targets, which reach {y.max():g}" in found[0]
    assert not messages_of(lambda: regressor(scaling="standard").train(samples, y, **options))


@pytest.mark.parametrize("rate", [0.1, 0.01])
def test_large_inputs_of_a_sigmoid_network(rate, samples):
    y = samples.sum(axis=1) > 1.5
    net = dl.Network([3, 4, 1], seed=0)
    found = messages_of(lambda: net.train(1e4 * samples, y, learning_rate=rate, epochs=1000))
    assert len(found) == 1 and "scale the inputs, which reach" in found[0]


def test_what_is_refused_is_not_warned_of(samples):
    y = np.where(samples[:, 0] > 0.5, np.nan, 9.0)

    def refused():
        with pytest.raises(ValueError, match="y must be finite"):
            regressor(output="sigmoid").train(samples, y, learning_rate=0.1, epochs=1)

    assert not messages_of(refused)


def test_a_network_that_scales_is_not_told_to(random):
    X = np.exp(3 * random.standard_normal((100, 3)))
    y = random.standard_normal(100)
    for options in ({"optimizer": "lm"}, {"learning_rate": 1e-9}):
        net = regressor(scaling="standard")
        found = messages_of(lambda n=net, o=options: n.train(X, y, epochs=100, **o))
        assert "scale the inputs" not in "".join(found)


def test_an_estimator_does_not_pass_on_a_networks_remedies(samples):
    pytest.importorskip("sklearn")
    from denseloop import neural_network

    estimator = neural_network.MLPRegressor(
        hidden_layer_sizes=5, activation="tanh", solver="lm", random_state=0
    )
    assert not messages_of(lambda: estimator.fit(1e6 * samples + 1e7, samples[:, 0]))
