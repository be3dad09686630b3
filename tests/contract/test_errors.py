"""A wrong input is refused before anything changes, with what was expected and what came."""

import denseloop as dl
import numpy as np
import pytest
from denseloop import DivergenceWarning, Network, _core

from tests.core_calls import core_layout, core_objective, core_training, run_training

X, Y = np.zeros((4, 2)), np.zeros((4, 1))


def with_value(array, value):
    array = array.copy()
    array[2, 0] = value
    return array


CONSTRUCTION = [
    (dict(layer_sizes=[2, 0, 1]), ValueError, r"layer_sizes\[1\] must be at least 1, got 0"),
    (dict(layer_sizes=[2, -3]), ValueError, r"layer_sizes\[1\] must be at least 1, got -3"),
    (dict(layer_sizes=[2]), ValueError, r"at least the inputs and the outputs, got \[2\]"),
    (dict(layer_sizes=3), TypeError, "must be a sequence of integers, got 3"),
    (dict(layer_sizes=[2, 1.5]), TypeError, r"layer_sizes\[1\] must be an integer, got 1.5"),
    (dict(layer_sizes=[2**32, 2**32]), ValueError, "more than the address space"),
    (dict(layer_sizes=[1, 2**70, 1]), ValueError, "more than the address space"),
    (dict(dtype="float16"), ValueError, "dtype must be 'float64' or 'float32', got 'float16'"),
    (dict(dtype="nonsense"), ValueError, "dtype must be 'float64' or 'float32', got 'nonsense'"),
    (
        dict(output_activation="cos"),
        ValueError,
        r"must be one of 'sigmoid', .*'exp' or LeakyReLU\(...\); got 'cos'",
    ),
    (dict(bias=False, biases=[np.zeros(1)]), ValueError, "biases need bias=True, got bias=False"),
    (dict(seed=-1), ValueError, "seed must be at least 0, got -1"),
    (dict(seed="a"), TypeError, "seed must be an integer, got 'a'"),
    (dict(weights=1), TypeError, "weights must be a sequence of arrays, got 1"),
    (dict(weights=[]), ValueError, "weights must hold 1 arrays, one for each layer, got 0"),
    (
        dict(weights=[np.zeros((1, 2))]),
        ValueError,
        r"weights\[0\] must have shape \(2, 1\), got \(1, 2\)",
    ),
    (dict(weights=[np.zeros(2)]), ValueError, r"weights\[0\] must have shape \(2, 1\), got \(2,\)"),
    (
        dict(weights=[np.zeros((2, 1), np.float32)]),
        TypeError,
        r"weights\[0\] must have dtype float64, got float32",
    ),
    (dict(weights=[[["a"], ["b"]]]), TypeError, r"weights\[0\] must hold real numbers, got dtype"),
    (
        dict(weights=[[[1], [np.nan]]]),
        ValueError,
        r"weights\[0\] must be finite, got nan at \(1, 0\)",
    ),
    (dict(biases=[np.zeros(2)]), ValueError, r"biases\[0\] must have shape \(1,\), got \(2,\)"),
    (dict(biases=[[np.inf]]), ValueError, r"biases\[0\] must be finite, got inf at \(0,\)"),
]


@pytest.mark.parametrize(("arguments", "kind", "message"), CONSTRUCTION)
def test_wrong_arguments_of_a_network_are_refused(arguments, kind, message):
    with pytest.raises(kind, match=message):
        Network(**{"layer_sizes": [2, 1], **arguments})


TRAINING = [
    (dict(X=np.zeros(2)), ValueError, r"X must have shape \(n_samples, 2\), got \(2,\)"),
    (dict(X=np.zeros((4, 3))), ValueError, r"X must have shape \(n_samples, 2\), got \(4, 3\)"),
    (
        dict(X=np.zeros((4, 2, 1))),
        ValueError,
        r"X must have shape \(n_samples, 2\), got \(4, 2, 1\)",
    ),
    (dict(X=[[1, 2], [3]]), ValueError, "X must be a regular array"),
    (dict(y=np.zeros((4, 2))), ValueError, r"y must have shape \(n_samples, 1\), got \(4, 2\)"),
    (dict(y=np.zeros((3, 1))), ValueError, r"rows of y \(3\) must match number of rows of X \(4\)"),
    (dict(X=X[:0], y=Y[:0]), ValueError, "at least 1 row, got 0"),
    (dict(X=X + 1j), TypeError, "X must hold real numbers, got dtype complex128"),
    (dict(X=[[1, None]] * 4), TypeError, "X must hold real numbers, got None"),
    (dict(X=[[1, "2"]] * 4), TypeError, "X must hold real numbers, got dtype <U21"),
    (dict(X=np.ma.masked_array(X, X == 0)), TypeError, "X must not be a masked array"),
    (dict(y=Y.astype(str)), TypeError, "y must hold real numbers, got dtype <U32"),
    (dict(X=with_value(X, np.nan)), ValueError, "X must be finite, got nan in row 2, column 0"),
    (dict(X=with_value(X, -np.inf)), ValueError, "X must be finite, got -inf in row 2, column 0"),
    (dict(y=with_value(Y, np.inf)), ValueError, "y must be finite, got inf in row 2, column 0"),
    (
        dict(learning_rate=-0.1),
        ValueError,
        "learning_rate must be at least 0 and finite in float64, got -0.1",
    ),
    (dict(learning_rate=np.nan), ValueError, "learning_rate must be at least 0 .* got nan"),
    (dict(learning_rate=np.inf), ValueError, "learning_rate must be at least 0 .* got inf"),
    (dict(learning_rate=10**400), ValueError, "learning_rate must be at least 0 and finite"),
    (dict(learning_rate="0.5"), TypeError, "learning_rate must be a number, got '0.5'"),
    (dict(learning_rate=[]), TypeError, r"learning_rate must be a number, got \[\]"),
    (dict(learning_rate=np.ones(1)), TypeError, r"learning_rate must be a number, got array"),
    (dict(learning_rate=np.complex128(1)), TypeError, r"learning_rate must be a number, got"),
    (dict(epochs=-1), ValueError, "epochs must be at least 0, got -1"),
    (dict(epochs=1.0), TypeError, "epochs must be an integer, got 1.0"),
    (dict(epochs=2**62), ValueError, "a history of 4611686018427387904 epochs .* address space"),
    (dict(epochs=2**58, record_output=True), ValueError, "with 4 values each .* address space"),
    (dict(loss="mse"), ValueError, "loss must be one of 'squared_error', .*; got 'mse'"),
    (dict(reduction="max"), ValueError, "reduction must be one of 'sum', 'mean'; got 'max'"),
    (
        dict(derivative_at=0),
        ValueError,
        "derivative_at must be one of 'pre_activation', 'output'; got 0",
    ),
    (dict(update_order=[]), ValueError, r"update_order must be one of .*; got \[\]"),
    (dict(loss="cross_entropy"), ValueError, "needs .* got 'cross_entropy' with 'sigmoid'"),
]


@pytest.mark.parametrize(("arguments", "kind", "message"), TRAINING)
def test_wrong_arguments_of_a_training_are_refused(arguments, kind, message):
    network = Network([2, 1], seed=0)
    before = network.parameters.tobytes()
    with pytest.raises(kind, match=message):
        network.train(**{"X": X, "y": Y, "learning_rate": 0.1, "epochs": 3, **arguments})
    assert network.parameters.tobytes() == before
    assert network.history is None


@pytest.mark.parametrize(
    "arguments", [dict(X=np.zeros(2)), dict(X=with_value(X, np.nan)), dict(X=X + 1j)]
)
def test_wrong_samples_are_refused_by_forward(arguments):
    with pytest.raises((ValueError, TypeError), match="X must"):
        Network([2, 1], seed=0).forward(**arguments)


def test_a_value_too_large_for_float32_is_refused():
    with pytest.raises(ValueError, match="X must be finite, got inf in row 0"):
        Network([1, 1], dtype="float32", seed=0).forward([[1e39]])
    with pytest.raises(ValueError, match="finite in float32, got 1e.39"):
        Network([1, 1], dtype="float32", seed=0).train([[1]], [1], learning_rate=1e39, epochs=1)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([[1.5, -0.5]], "targets from 0 to 1, got 1.5 in row 0, column 0"),
        ([[0.5, 0.4]], "targets that sum to 1, got 0.9 in row 0"),
    ],
)
def test_wrong_targets_of_a_cross_entropy_are_refused(y, message):
    network = Network([1, 2], output_activation="softmax", seed=0)
    with pytest.raises(ValueError, match=message):
        network.train([[1]], y, learning_rate=1, epochs=1, loss="cross_entropy")
    with pytest.raises(ValueError, match="got 'half_squared_error' with 'softmax'"):
        network.train([[1]], [[0, 1]], learning_rate=1, epochs=1)


@pytest.mark.parametrize("name", ["parameters", "weights[0]", "biases[0]"])
def test_read_only_parameters_are_not_trained(name):
    network = Network([2, 1], seed=0)
    arrays = {
        "parameters": network.parameters,
        "weights[0]": network.weights[0],
        "biases[0]": network.biases[0],
    }
    arrays[name].flags.writeable = False
    before = network.parameters.tobytes()
    with pytest.raises(ValueError, match=name.replace("[", r"\[") + " must be writable"):
        network.train(X, Y, learning_rate=0.1, epochs=1)
    assert network.parameters.tobytes() == before
    network.forward(X)


def test_parameters_that_are_not_finite_are_not_trained():
    network = Network([2, 1], seed=0)
    network.biases[0] = np.inf
    with pytest.raises(ValueError, match=r"biases\[0\] must be finite, got inf at \(0,\)"):
        network.train(X, Y, learning_rate=0.1, epochs=1)
    network.weights[0][1, 0] = np.nan
    with pytest.raises(ValueError, match=r"weights\[0\] must be finite, got nan at \(1, 0\)"):
        network.train(X, Y, learning_rate=0.1, epochs=1)


def test_a_nan_in_the_weights_reaches_the_outputs(target):
    network = Network([2, 3, 1], seed=0)
    network.weights[0][1, 0] = np.nan
    assert np.isnan(network.forward([[1.0, 1.0]])).all()


@pytest.mark.parametrize(
    "name", ["parameters", "weights", "biases", "bias", "dtype", "layer_sizes", "output_activation"]
)
def test_attributes_are_not_rebound(name):
    network = Network([2, 1], seed=0)
    with pytest.raises(AttributeError, match=name):
        setattr(network, name, None)


def test_an_unknown_cpu_target_is_refused():
    with pytest.raises(ValueError, match="no CPU target 'sse9' here; available: baseline"):
        _core.force_target("sse9")


class TestTheCoreChecksAgain:
    """The core also refuses what the Python checks would have refused."""

    def train(self, parameters, X=X, y=Y, losses=None, outputs=None, rate=0.1, **objective):
        network = Network([2, 1], bias=False, seed=0)
        objective = core_objective(**{"loss": "squared_error", "reduction": "sum", **objective})
        training = core_training(network, X, y, objective, rate, 4, parameters=parameters)
        run_training(training, np.empty(1) if losses is None else losses, outputs=outputs)

    @pytest.mark.parametrize(
        ("sizes", "message"),
        [
            ([2], "at least two layer sizes, got 1"),
            ([2, 0], "layer size 1 must be at least 1"),
            ([2**32] * 2, "address space"),
        ],
    )
    def test_a_wrong_layout_is_refused(self, sizes, message):
        with pytest.raises(ValueError, match=message):
            core_layout(sizes)

    def test_wrong_arrays_are_refused(self):
        read_only = np.zeros(2)
        read_only.flags.writeable = False
        for parameters, message in [
            (np.zeros(3), r"parameters must have shape \(2,\)"),
            (np.zeros(4)[::2], "parameters must be contiguous"),
            (read_only, "parameters must be writable"),
        ]:
            with pytest.raises(ValueError, match=message):
                self.train(parameters)
        for arrays, message in [
            (dict(X=np.zeros((4, 3))), "X must have shape"),
            (dict(y=np.zeros(4)), "y must have shape"),
            (dict(y=np.zeros((3, 1))), "same number of rows"),
            (dict(outputs=np.zeros(3)), r"outputs must have shape \(4,\)"),
        ]:
            with pytest.raises(ValueError, match=message):
                self.train(np.zeros(2), **arrays)

    def test_wrong_numbers_and_losses_are_refused(self):
        for rate in [-0.1, np.nan, np.inf]:
            with pytest.raises(ValueError, match="learning_rate must be at least 0"):
                self.train(np.zeros(2), rate=rate)
        with pytest.raises(ValueError, match="does not fit the output activation sigmoid"):
            self.train(np.zeros(2), loss="cross_entropy")
        with pytest.raises(ValueError, match="l2"):
            self.train(np.zeros(2), l2=-1.0)

    def test_dtypes_are_never_converted(self):
        for arrays in [
            dict(X=X.astype(np.float32)),
            dict(y=Y.astype(int)),
            dict(losses=np.empty(1, np.float32)),
        ]:
            with pytest.raises(TypeError, match="incompatible function arguments"):
                self.train(np.zeros(2), **arrays)


DIVERGENCES = {
    "the loss at once": ([1, 1, 1], dict(X=[[1.0]], y=[[1e200]]), 0),
    "only the loss": ([1, 1], dict(X=[[1.0]], y=[[1e200]], learning_rate=1e-300), 0),
    "one of the first of many weights": (
        [40, 1],
        dict(X=[[1e3] + [1e-3] * 39], y=[[1e150]], learning_rate=2e155, derivative_at="output"),
        1,
    ),
    "a weight of the first layer, after the second's update": (
        [1, 1, 1],
        dict(X=[[1e300]], y=[[1.0]]),
        0,
    ),
    # The derivative at the output never vanishes, so the weight grows without end.
    "a weight after some epochs": (
        [1, 1],
        dict(X=[[1e-3]], y=[[1e150]], learning_rate=2e158, derivative_at="output"),
        1,
    ),
}


@pytest.mark.parametrize("update_order", ["simultaneous", "output_first"])
@pytest.mark.parametrize("case", DIVERGENCES)
def test_divergence_keeps_the_last_finite_weights(target, case, update_order):
    sizes, arguments, at_least = DIVERGENCES[case]
    arguments = {"learning_rate": 1e300, "update_order": update_order, **arguments}
    network, twin = (Network(sizes, seed=0) for _ in range(2))
    for each in (network, twin):
        each.weights[0][...] = 0  # nothing is saturated at the start
    message = "training diverged: after [0-9]+ epochs"
    with pytest.warns(DivergenceWarning, match=message) as caught:
        history = network.train(epochs=10_000, **arguments)
    assert caught[0].filename == __file__ and history.stopped_by == "divergence"
    finished = len(history.loss)
    assert history.diverged and at_least <= finished < 10_000
    assert np.isfinite(history.loss).all() and np.isfinite(network.parameters).all()
    again = twin.train(epochs=finished, **arguments)
    np.testing.assert_array_equal(twin.parameters, network.parameters)
    np.testing.assert_array_equal(again.loss, history.loss)


def test_the_warning_is_exported():
    assert issubclass(dl.DivergenceWarning, RuntimeWarning)


def test_class_labels_are_refused_with_advice_to_make_indicators():
    network = Network([2, 3], output_activation="softmax", seed=0)
    with pytest.raises(
        ValueError, match=r"shape \(n_samples, 3\), got \(4,\); np.eye\(3\)\[labels"
    ):
        network.train(X, np.arange(4) % 3, learning_rate=1, epochs=1, loss="cross_entropy")
