"""An exception at any bytecode of a training leaves parameters, state and history that fit."""

import itertools

import denseloop as dl
import numpy as np
import pytest

from tests.interruptions import interrupted

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-1, 1, (12, 2))
Y = RANDOM.uniform(0.2, 0.8, (12, 1))
EPOCHS = 3
OPTIMIZERS = {
    "descent": {"learning_rate": 0.1, "update_order": "output_first"},
    "momentum": {"optimizer": dl.GradientDescent(0.1, momentum=0.9), "batch_size": 5},
    "adam": {"optimizer": dl.Adam(0.1), "batch_size": 5, "shuffle": True},
    "rprop": {"optimizer": dl.RPROP()},
    "lm": {"optimizer": dl.LevenbergMarquardt()},
    "lbfgs": {"optimizer": dl.LBFGS()},
}
WATCHED = {
    "alone": {},
    "callback": {"callback": lambda progress: False},
    "validation": {"eval_set": (X[:4], Y[:4]), "record_output": True},
}


def new_network():
    return dl.Network([2, 3, 1], seed=0)


@pytest.mark.parametrize("watched", WATCHED)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_interrupted_training_fits_its_history_and_goes_on(name, watched):
    options = OPTIMIZERS[name] | WATCHED[watched]
    if name == "lbfgs":
        pytest.importorskip("scipy")
    after = []  # the parameters after 0, 1, ... epochs
    for epochs in range(EPOCHS + 1):
        network = new_network()
        network.train(X, Y, epochs=epochs, **options)
        after.append(network.parameters.copy())
    for at in itertools.count():
        network = new_network()
        if not interrupted(at, network.train, X, Y, epochs=EPOCHS, **options):
            break
        finished = 0 if network.history is None else len(network.history.loss)
        assert np.array_equal(network.parameters, after[finished]), (at, finished)
        if network.history is not None and finished < EPOCHS:
            assert network.history.stopped_by == "interrupt", at
        network.train(X, Y, epochs=EPOCHS - finished, **options)
        if name != "lbfgs":  # which starts afresh
            assert np.array_equal(network.parameters, after[EPOCHS]), (at, finished)
    assert at > 100
