"""Networks that are trained side by side, one in each lane: few samples, one batch."""

import signal
import threading

import denseloop as dl
import numpy as np
import pytest

from tests.many.members import assert_same_training, copies

RNG = np.random.default_rng(18)
LAYOUTS = [
    {"layer_sizes": [10, 2, 1]},
    {"layer_sizes": [4, 3, 2], "activation": "tanh", "output_activation": "identity"},
    {"layer_sizes": [3, 20, 5, 2], "activation": "relu", "bias": False},
    {"layer_sizes": [2, 3, 17, 3], "activation": "gelu", "output_activation": "softmax"},
    {"layer_sizes": [5, 1], "output_activation": "exp"},
]
LOSSES = {
    "sigmoid": ["half_squared_error", "binary_cross_entropy", dl.Huber(0.1), dl.Quantile(0.7)],
    "identity": ["squared_error", "absolute_error"],
    "softmax": ["cross_entropy"],
    "exp": ["poisson"],
}
OPTIMIZERS = [
    dl.GradientDescent(0.1),
    dl.GradientDescent(0.05, momentum=0.9),
    dl.GradientDescent(0.05, momentum=0.9, nesterov=True),
    dl.Adam(0.02),
    dl.RPROP(),
]


def data(layout, rows, count=None):
    """Return X and y, for each of `count` networks if that is not None."""
    shape = (rows,) if count is None else (count, rows)
    X = RNG.normal(size=(*shape, layout["layer_sizes"][0]))
    y = RNG.random((*shape, layout["layer_sizes"][-1]))
    if layout.get("output_activation") == "softmax":
        y /= y.sum(axis=-1, keepdims=True)
    return X, y


@pytest.mark.filterwarnings("ignore::denseloop.DivergenceWarning")  # compared as well
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("rows", [1, 2, 3, 4])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: str(layout["layer_sizes"]))
def test_each_lane_has_the_bits_of_its_lone_run(layout, rows, dtype):
    X, y = data(layout, rows)
    for loss in LOSSES[layout.get("output_activation", "sigmoid")]:
        for optimizer in OPTIMIZERS:
            stack = dl.Networks(count=21, dtype=dtype, seed=rows, **layout)
            alone = copies(stack)
            options = {"X": X, "y": y, "epochs": 17, "optimizer": optimizer, "loss": loss}
            for _ in range(2):
                histories = stack.train(**options)
                assert_same_training(stack, histories, alone, [options] * 21)


@pytest.mark.parametrize(
    "options",
    [
        {"derivative_at": "output", "learning_rate": 0.3},
        {"update_order": "output_first", "learning_rate": 0.3},
        {"reduction": "mean", "optimizer": dl.Adam(0.1)},
    ],
)
def test_quirks_and_reductions_are_those_of_the_lone_run(options):
    X, y = data(LAYOUTS[0], 3)
    stack = dl.Networks([10, 2, 1], count=16, seed=0)
    alone = copies(stack)
    options = {"X": X, "y": y, "epochs": 2500, "sample_weight": [0.5, 2.0, 1.0], **options}
    assert_same_training(stack, stack.train(**options), alone, [options] * 16)


def test_each_lane_may_have_samples_of_its_own():
    X, y = data(LAYOUTS[0], 2, count=19)
    stack = dl.Networks([10, 2, 1], count=19, seed=0)
    alone = copies(stack)
    histories = stack.train(X, y, epochs=40, learning_rate=0.5)
    own = [{"X": x, "y": t, "epochs": 40, "learning_rate": 0.5} for x, t in zip(X, y)]
    assert_same_training(stack, histories, alone, own)


def test_a_lane_that_diverges_leaves_the_others_alone():
    X, y = data(LAYOUTS[1], 2, count=10)
    X[3] *= 1e150
    stack = dl.Networks(
        count=10, seed=0, layer_sizes=[4, 3, 2], activation="identity", output_activation="identity"
    )
    alone = copies(stack)
    with pytest.warns(dl.DivergenceWarning, match="1 of 10 trainings diverged, of the networks 3"):
        histories = stack.train(X, y, epochs=30, learning_rate=1e-3)
    own = [{"X": x, "y": t, "epochs": 30, "learning_rate": 1e-3} for x, t in zip(X, y)]
    with pytest.warns(dl.DivergenceWarning):
        assert_same_training(stack, histories, alone, own)
    assert [len(history.loss) for history in histories].count(30) == 9


def test_networks_with_different_pasts_are_not_mixed_up():
    X, y = data(LAYOUTS[0], 1)
    stack = dl.Networks([10, 2, 1], count=24, seed=0)
    alone = copies(stack)
    options = {"optimizer": dl.Adam(0.1), "X": X, "y": y}
    for k in range(0, 24, 3):
        stack[k].train(epochs=k, **options)
        alone[k].train(epochs=k, **options)
    options["epochs"] = 11
    assert_same_training(stack, stack.train(**options), alone, [options] * 24)


def test_ctrl_c_leaves_all_lanes_after_the_same_update():
    stack = dl.Networks([2, 3, 1], count=8, seed=0)
    alone = copies(stack)
    options = {"X": [[0.0, 0.5], [1.0, 1.0]], "y": [0, 1], "optimizer": dl.Adam(1e-4)}
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        stack.train(epochs=20_000_000, num_threads=1, **options)
    timer.join()
    begun = [history for history in stack.histories if history is not None]
    assert begun and {history.stopped_by for history in begun} == {"interrupt"}
    finished = len(begun[0].loss)
    assert 0 < finished < 20_000_000
    epochs = [finished if history is not None else 0 for history in stack.histories]
    for network, lone, count in zip(stack, alone, epochs):
        lone.train(epochs=count, **options)
        np.testing.assert_array_equal(network.parameters, lone.parameters)
    # The state of the optimizer is of the same update.
    histories = stack.train(epochs=3, **options)
    assert_same_training(stack, histories, alone, [{"epochs": 3, **options}] * 8)
