"""The files that version 1 of the format has written load for ever, with the bits that they had."""

from hashlib import sha256
from pathlib import Path

import denseloop as dl
import numpy as np
import pytest

FOLDER = Path(__file__).parent / "version_1"
X = np.linspace(-1, 1, 12).reshape(4, 3)


def digest(array):
    return sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def test_the_network_of_version_1():
    network = dl.load(FOLDER / "network.safetensors")
    assert network.layer_sizes == (3, 4, 3, 2) and network.dtype == np.float32
    assert network.activations == (dl.LeakyReLU(0.1), "tanh", "identity")
    assert network.seed == 2**127 + 1 and network.scaling.method == "standard"
    np.testing.assert_array_equal(
        network.forward(X[:1]), np.float32([[0.5575634241104126, 0.49348965287208557]])
    )
    assert digest(network.forward(X)) == "2cfceba2090f8e85"
    losses = [42.90495729446411, 37.761942863464355, 34.91737127304077]
    assert network.history.loss.tolist() == losses
    assert network.history.learning_rate.tolist() == [0.01] * 3
    optimizer = dl.Adam(dl.Adaptive(0.01))
    samples = {"X": np.tile(X, (2, 1)), "y": np.ones((8, 2))}
    network.train(**samples, optimizer=optimizer, batch_size=8, shuffle=True, epochs=3)
    assert digest(network.parameters) == "0f66d408a6566d89"


def test_the_networks_of_version_1():
    networks = dl.load(FOLDER / "networks.safetensors")
    assert networks.layer_sizes == (3, 4, 2) and not networks.bias
    assert networks.activations == ("gelu", "sigmoid") and networks.dtype == np.float64
    assert networks.seeds.tolist() == [
        *(12631478326263854183, 4464650224815488352, 6320729261375576658),
    ]
    assert digest(networks.forward(X)) == "3e1fe312d2711b07"
    none, rprop, damped = networks.histories
    assert none is None and damped.damping.shape == (2,)
    assert rprop.loss[-1] == 2.3008722171863383 and damped.output.shape == (2, 30, 2)


def test_the_classifier_of_version_1():
    pytest.importorskip("sklearn")
    classifier = dl.load(FOLDER / "classifier.safetensors")
    assert classifier.predict(X).tolist() == ["ant", "ant", "ant", "bee"]
    assert digest(classifier.predict_proba(X)) == "aa13115105c6ab72"
    assert classifier.class_weight == {"ant": 1, "bee": 2.5, "cow": 1}
    assert classifier.hidden_layer_sizes == (5,) and classifier.tol == 1.0
    assert classifier.loss_curve_[-1] == 1.1339983132624492 and classifier.n_iter_ == 4


def test_the_ensemble_of_version_1():
    pytest.importorskip("sklearn")
    ensemble = dl.load(FOLDER / "ensemble.safetensors")
    assert digest(ensemble.predict(X)) == "9aa420e3910fc10c"
    assert len(ensemble.estimators_) == 2 and ensemble.oob_score_ == -17.919082823487784


def test_the_groups_of_version_1():
    pytest.importorskip("sklearn")
    groups = dl.load(FOLDER / "groups.safetensors")
    assert groups.groups_.tolist() == ["north", "south", "west"]
    probabilities = groups.predict_proba(X, groups=["north", "south", "west", "east"])
    assert digest(probabilities) == "eb4204d3dcf4c65d"
    assert groups.classes_.tolist() == [False, True] and groups.n_iter_.tolist() == [4, 4, 4]
