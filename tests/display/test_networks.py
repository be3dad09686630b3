"""Networks show their layers: as text by `summary`, and as HTML in a notebook."""

import numpy as np
import pytest
from denseloop import LeakyReLU, Network, Networks, _core

from tests.display.histories import SVG, cells, parsed, texts

MIXED = {
    "layer_sizes": [3, 1000, 2],
    "activation": LeakyReLU(0.2),
    "output_activation": "softmax",
    "dtype": "float32",
}


def test_the_summary_has_each_layer_and_the_total():
    net = Network(**MIXED)
    expected = """\
Network: 3-1000-2, 6,002 parameters, float32
layer  activation            weights    biases   parameters
-----  --------------------  ---------  -------  ----------
    1  LeakyReLU(slope=0.2)  (3, 1000)  (1000,)       4,000
    2  softmax               (1000, 2)  (2,)          2,002
-----  --------------------  ---------  -------  ----------
total                                                 6,002"""
    assert net.summary() == expected
    assert net.parameters.size == 6002


def test_the_summary_of_many_networks_says_how_many():
    first, *lines = Networks(**MIXED, count=1200).summary().splitlines()
    assert first == "Networks: 1,200 of 3-1000-2, 6,002 parameters each, float32"
    assert lines == Network(**MIXED).summary().splitlines()[1:]


def test_a_network_without_biases_and_with_scaling():
    net = Network([1, 1], bias=False, output_activation="identity", scaling="minmax")
    first, *_, layer, _, _ = net.summary().splitlines()
    assert first == "Network: 1-1, 1 parameter, float64, minmax scaling"
    assert layer.split() == ["1", "identity", "(1,", "1)", "none", "1"]


@pytest.mark.parametrize("terms", [MIXED, {"layer_sizes": [2, 1], "bias": False}])
def test_the_html_has_the_table_of_the_summary(terms):
    net = Network(**terms)
    html, lines = net._repr_html_(), net.summary().splitlines()
    assert parsed(html).tag == "div"
    header, *rows = cells(html)
    assert header == lines[1].split()
    assert [" ".join(row).split() for row in rows] == [line.split() for line in lines[3:-2]]


def test_the_html_names_the_cpu_target_in_use(target):
    assert texts(Network([2, 1])._repr_html_())[1] == (
        f"2-1, 3 parameters, float64, CPU target {_core.active_target()}"
    )


def test_the_html_shows_the_latest_training():
    net = Network([1, 1], seed=0)
    assert not list(parsed(net._repr_html_()).iter(f"{SVG}svg"))
    net.train([[1.0]], [[0.5]], epochs=3, learning_rate=0.1)
    root = parsed(net._repr_html_())
    assert len(list(root.iter(f"{SVG}svg"))) == 1 and len(list(root.iter("table"))) == 2
    assert net.history._repr_html_() in net._repr_html_()


def test_the_html_of_many_networks_also_after_a_training():
    networks = Networks([2, 1], count=3, seed=0)
    networks.train(np.eye(2), [[0.0], [1.0]], epochs=2, learning_rate=0.1)
    assert texts(networks._repr_html_())[1].startswith("3 of 2-1, 3 parameters each, float64, CPU")
    assert len(cells(networks._repr_html_())) == 2


def test_a_network_with_very_many_layers():
    rows = cells(Network([2] * 300)._repr_html_())
    assert len(rows) == 300 and rows[-1][:2] == ["299", "sigmoid"]
