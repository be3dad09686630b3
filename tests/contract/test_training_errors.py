"""A wrong option is refused with the reason, and nothing has changed."""

import warnings

import denseloop as dl
import numpy as np
import pytest
from denseloop import Network

X, Y = np.linspace(-1, 1, 12).reshape(6, 2), np.linspace(0, 1, 6).reshape(6, 1)
ROWS = np.tile([0.25, 0.75], (6, 1))
STATEFUL = {"optimizer": dl.GradientDescent(0.1, momentum=0.9), "batch_size": 2, "shuffle": True}


def with_value(array, value):
    array = array.copy()
    array[2] = value
    return array


CONSTRUCTION = [
    (dict(activation="swish"), ValueError, "must be one of 'sigmoid', .*'tanh'.*; got 'swish'"),
    (dict(activation="softmax"), ValueError, "activation must be one of .*; got 'softmax'"),
    (dict(activation="exp"), ValueError, "activation must be one of .*; got 'exp'"),
    (dict(activation=["tanh", "swish"]), ValueError, r"activation\[1\] must be .*; got 'swish'"),
    (dict(activation=["tanh"]), ValueError, r"activation must .* 2 .* got 1"),
    (dict(activation=3), TypeError, "activation must be .* got 3"),
    (dict(output_activation="swish"), ValueError, "must be one of .*'softmax'.*; got 'swish'"),
    (dict(output_activation="softmax"), ValueError, "'softmax' needs at least 2 outputs, got 1"),
    (dict(initialization="orthogonal"), ValueError, "one of 'glorot_uniform', .*'orthogonal'"),
    (dict(seed=-1), ValueError, "seed must be at least 0, got -1"),
]


@pytest.mark.parametrize(("arguments", "kind", "message"), CONSTRUCTION)
def test_wrong_options_of_a_network_are_refused(arguments, kind, message):
    with pytest.raises(kind, match=message):
        Network([2, 3, 3, 1], **arguments)


def nothing(_):
    pass


FULL_BATCH = [dl.RPROP(), dl.LBFGS(), dl.LevenbergMarquardt()]
TRAINING = [
    # The optimizer
    (dict(learning_rate=0.1), TypeError, "either .*learning_rate=0.1 and optimizer=Gradient"),
    (dict(optimizer=None), TypeError, "either .*learning_rate=None and optimizer=None"),
    (dict(optimizer="adamw"), ValueError, "optimizer must be .* got 'adamw'; .*mean 'adam'"),
    (dict(optimizer=3), TypeError, "optimizer must be .* got 3"),
    (dict(optimizer=None, learning_rate="0.5"), TypeError, "learning_rate must be .* got '0.5'"),
    (dict(optimizer=None, learning_rate=-0.5), ValueError, "learning_rate must be .* got -0.5"),
    *((dict(optimizer=o), ValueError, "batch_size must be .* got 2") for o in FULL_BATCH),
    *(
        (dict(optimizer=o, batch_size=None), ValueError, "shuffle must be False, got True")
        for o in FULL_BATCH[1:]
    ),
    (dict(optimizer=dl.Adam(), update_order="output_first"), ValueError, "output_first"),
    (dict(update_order="output_first"), ValueError, "output_first"),  # STATEFUL has momentum
    (
        dict(optimizer=dl.GradientDescent(0.1), l2=0.1, update_order="output_first"),
        ValueError,
        "output_first",
    ),
    (
        dict(
            optimizer=dl.LevenbergMarquardt(), batch_size=None, shuffle=False, loss="absolute_error"
        ),
        ValueError,
        "squared",
    ),
    # The objective
    (dict(loss="mse"), ValueError, "loss must be one of .*'squared_error'.*; got 'mse'"),
    (dict(loss="hinge"), ValueError, r"loss must be .*Huber\(.*; got 'hinge'"),
    (dict(loss="cross_entropy"), ValueError, "'cross_entropy'.*'softmax'.*'sigmoid'"),
    (dict(loss="poisson"), ValueError, "'poisson'.*'exp'.*'sigmoid'"),
    (
        dict(loss="binary_cross_entropy", y=with_value(Y, 1.5)),
        ValueError,
        "from 0 to 1, got 1.5 in row 2",
    ),
    (dict(l2=-0.1), ValueError, "l2 must be at least 0 .* got -0.1"),
    (dict(l2=np.nan), ValueError, "l2 must be at least 0 .* got nan"),
    (dict(l2=np.ones((1, 1))), TypeError, "l2 must be a number, got array"),
    (dict(l2="0.1"), TypeError, "l2 must be a number, got '0.1'"),
    # Sample weights
    (
        dict(sample_weight=with_value(np.ones(6), -1)),
        ValueError,
        r"sample_weight must be at least 0, got -1.0 at \(2,\)",
    ),
    (
        dict(sample_weight=with_value(np.ones(6), np.nan)),
        ValueError,
        r"sample_weight must be finite, got nan at \(2,\)",
    ),
    (dict(sample_weight=np.ones(6) * np.inf), ValueError, "sample_weight must be finite, got inf"),
    (dict(sample_weight=np.zeros(6)), ValueError, "sample_weight .* 0"),
    (dict(sample_weight=np.ones(5)), ValueError, r"sample_weight must have shape \(6,\).*\(5,\)"),
    (dict(sample_weight=np.ones((6, 1))), ValueError, r"sample_weight .* \(6,\).*\(6, 1\)"),
    (dict(sample_weight=["a"] * 6), TypeError, "sample_weight must hold real numbers"),
    # Validation
    (dict(eval_set=X), ValueError, r"eval_set must be \(X, y\) or \(X, y, sample_weight\)"),
    (dict(eval_set=(X,)), ValueError, r"eval_set must be \(X, y\) or \(X, y, sample_weight\)"),
    (dict(eval_set=(X[:, :1], Y)), ValueError, r"\(n_samples, 2\), got \(6, 1\)"),
    (dict(eval_set=(X, Y[:5])), ValueError, r"\(5\) must match .* \(6\)"),
    (dict(eval_set=(X[:0], Y[:0])), ValueError, "at least 1 row, got 0"),
    (dict(eval_set=(with_value(X, np.nan), Y)), ValueError, "must be finite, got nan"),
    (dict(eval_set=(X, with_value(Y, np.inf))), ValueError, "must be finite, got inf"),
    (dict(eval_set=(X, Y, -np.ones(6))), ValueError, "must be at least 0, got -1"),
    (dict(eval_set=(X, Y, np.ones(3))), ValueError, r"must have shape \(6,\).* got \(3,\)"),
    (
        dict(loss="binary_cross_entropy", eval_set=(X, with_value(Y, 1.5))),
        ValueError,
        "from 0 to 1, got 1.5 in row 2",
    ),
    # Watching
    (dict(stopping=5), TypeError, "stopping must be EarlyStopping.*, got 5"),
    (dict(stopping=dl.EarlyStopping(restore_best=True)), ValueError, "restore_best.*eval_set"),
    (dict(callback=3), TypeError, "callback must be .* got 3"),
    (dict(callback=nothing, callback_every=0), ValueError, "callback_every must be .* got 0"),
    (dict(callback=nothing, callback_every=1.5), TypeError, "callback_every must be .* got 1.5"),
]


@pytest.mark.parametrize(("arguments", "kind", "message"), TRAINING)
def test_wrong_options_of_a_training_are_refused(arguments, kind, message):
    """A training with momentum and shuffling then continues as if nothing had happened."""
    network, twin = Network([2, 3, 1], seed=0), Network([2, 3, 1], seed=0)
    for each in (network, twin):
        each.train(X, Y, epochs=3, **STATEFUL)
    before, history = network.parameters.tobytes(), network.history
    with pytest.raises(kind, match=message):
        network.train(**{"X": X, "y": Y, "epochs": 3, **STATEFUL, **arguments})
    assert network.parameters.tobytes() == before and network.history is history
    for each in (network, twin):
        each.train(X, Y, epochs=3, **STATEFUL)
    np.testing.assert_array_equal(network.parameters, twin.parameters)


OBJECTIVES = [
    ("softmax", dict(loss="half_squared_error"), "'softmax'"),
    ("softmax", dict(loss="binary_cross_entropy"), "'binary_cross_entropy'.*'softmax'"),
    ("softmax", dict(loss="cross_entropy", y=0.9 * ROWS), "sum to 1, got 0.9"),
    ("softmax", dict(loss="cross_entropy", y=ROWS * [-1, 5 / 3]), "0 to 1, got -0.25 in row 0"),
    ("identity", dict(loss="binary_cross_entropy"), "'sigmoid'.*'identity'"),
    ("tanh", dict(loss="cross_entropy"), "'softmax'.*'tanh'"),
    ("identity", dict(loss="poisson"), "'exp'.*'identity'"),
    ("exp", dict(loss="poisson", y=with_value(ROWS, -0.5)), "at least 0, got -0.5 in row 2"),
    ("exp", dict(loss="cross_entropy"), "'softmax'.*'exp'"),
    ("tanh", dict(derivative_at="output"), "derivative_at 'output'.*sigmoid"),
    ("exp", dict(l2=-1.0), "l2 must be at least 0"),
    ("exp", dict(sample_weight=np.zeros(6)), "sample_weight .* 0"),
]


@pytest.mark.parametrize(("output", "arguments", "message"), OBJECTIVES)
def test_training_and_gradients_refuse_the_same_objectives(output, arguments, message):
    network = Network([2, 3, 2], output_activation=output, seed=0)
    before = network.parameters.tobytes()
    arguments = {"X": X, "y": ROWS, **arguments}
    with pytest.raises(ValueError, match=message):
        network.loss_and_gradients(**arguments)
    with pytest.raises(ValueError, match=message):
        network.train(optimizer=dl.Adam(), epochs=3, **arguments)
    assert network.parameters.tobytes() == before and network.history is None


def test_the_derivative_at_the_output_needs_sigmoid_layers_only():
    network = Network([2, 3, 1], activation="tanh", seed=0)
    with pytest.raises(ValueError, match="derivative_at 'output'.*'tanh'"):
        network.train(X, Y, learning_rate=0.1, epochs=1, derivative_at="output")


@pytest.mark.parametrize("optimizer", [dl.Adam(), dl.RPROP()])
def test_a_batch_larger_than_the_data_is_clipped_with_a_warning(optimizer):
    clipped, whole = Network([2, 3, 1], seed=0), Network([2, 3, 1], seed=0)
    with pytest.warns(UserWarning, match="batch_size 7 is more than the 6 samples") as caught:
        clipped.train(X, Y, optimizer=optimizer, epochs=3, batch_size=7)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole.train(X, Y, optimizer=optimizer, epochs=3, batch_size=6)
    np.testing.assert_array_equal(clipped.parameters, whole.parameters)
