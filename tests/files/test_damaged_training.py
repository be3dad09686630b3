"""A saved training, scaling or member that does not fit its network is refused."""

import json
from pathlib import Path

import denseloop as dl
import numpy as np
import pytest

from tests.files.samples import X, Y
from tests.files.test_damage import assert_refused, changed

FOLDER = Path(__file__).parent / "version_1"
DESCENT = {"class": "GradientDescent", "learning_rate": "0x1p-3"}
DAMPED = {"class": "LevenbergMarquardt"}


def with_training(name, change):
    """Return the file of version 1 whose training was changed, as JSON, by a function."""

    def change_training(tree):
        training = json.loads(tree["__metadata__"]["training"])
        change(training)
        tree["__metadata__"]["training"] = json.dumps(training)

    return changed((FOLDER / f"{name}.safetensors").read_bytes(), change_training)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            lambda t: t["optimizer"].update(beta_1="nan"),
            "training.optimizer.beta_1 must be a number",
        ),
        (lambda t: t["optimizer"].update(beta_1="0x1p+0"), "beta_1 must be"),
        (lambda t: t["optimizer"].update(beta_1="0,5"), "invalid hexadecimal"),
        (lambda t: t["optimizer"].update(beta_3="0x1p-1"), "must not have the field 'beta_3'"),
        (lambda t: t["optimizer"].update({"class": "Network"}), "GradientDescent, Adam, RPROP"),
        (lambda t: t["optimizer"]["learning_rate"].update({"class": "Adam"}), "InverseScaling"),
        (lambda t: t.update(optimizer=DAMPED), "that of an optimizer that the core updates by"),
        (lambda t: t.update(optimizer=DESCENT), "expected no array 'optimizer.slots'"),
        (lambda t: t.pop("optimizer"), "that of an optimizer that the core updates by, got None"),
        (lambda t: t.update(damping="0x1p-3"), "that of LevenbergMarquardt, above 0"),
        (
            lambda t: t["state"].update(updates="18446744073709551616"),
            "at most 18446744073709551615",
        ),
        (lambda t: t["state"].update(learning_rate="nan"), "learning_rate must be a number"),
        (lambda t: t["state"].pop("updates"), "training.state must have the field 'updates'"),
        (lambda t: t["history"].update(stopped_by="chance"), "one of epochs, stopping"),
        (lambda t: t["history"].update(learning_rate="0x1p-3"), "left out beside the array"),
        (lambda t: t.pop("history"), "expected no array 'history."),
        (lambda t: t.update(shuffled_epochs="-1"), "of at least 0"),
    ],
)
def test_a_training_that_does_not_fit_is_refused(change, text, tmp_path):
    assert_refused(tmp_path / "x", with_training("network", change), text)


@pytest.mark.parametrize("damping", ["0x0p+0", "-0x1p+0", "inf"])
def test_a_damping_that_is_none_is_refused(damping, tmp_path):
    data = with_training("networks", lambda t: t["2"].update(damping=damping))
    assert_refused(tmp_path / "x", data, "training.2.damping", "above 0")


@pytest.mark.parametrize("name", ["3", "-1", "01", "x", "9" * 30, "²"])
def test_a_training_of_no_member_is_refused(name, tmp_path):
    data = with_training("networks", lambda t: t.update({name: t.pop("1")}))
    assert_refused(tmp_path / "x", data, "an object whose names are below 3, in digits", name)


@pytest.mark.parametrize("value", [0.0, -1.0, np.inf, np.nan])
def test_a_scale_that_is_none_is_refused(value, tmp_path):
    network = dl.Network([3, 2], scaling="minmax", output_activation="identity")
    network.train(X, Y, learning_rate=0.1, epochs=1)
    network.scaling.output_scale[1] = value
    network.save(tmp_path / "x")
    for options in ({}, {"allow_nan": True}):
        with pytest.raises(
            dl.FileError,
            match="output_scale must have numbers above 0, got |output_scale' must be fin",
        ):
            dl.load(tmp_path / "x", **options)


def test_a_slot_that_is_not_finite_is_refused_unless_asked_for(tmp_path):
    network = dl.Network([3, 2], seed=0)
    network.train(X, Y, optimizer=dl.Adam(0.1), epochs=1)
    network._parameters.core.optimizer_state.slots[1, 2] = np.nan
    network.save(tmp_path / "x", training=True)
    with pytest.raises(dl.FileError, match="'optimizer.slots' must be finite"):
        dl.load(tmp_path / "x")
    found = dl.load(tmp_path / "x", allow_nan=True)
    assert np.isnan(found._parameters.core.optimizer_state.slots[1, 2])
