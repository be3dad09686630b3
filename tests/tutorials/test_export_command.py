"""`denseloop export` writes saved networks in other forms, and errors in one line."""

import denseloop as dl
import numpy as np
import pytest
from denseloop.__main__ import main
from denseloop.neural_network import MLPClassifier, to_c

NETWORK = dl.Network([2, 3, 1], seed=0)


def test_a_header_is_that_of_to_c(tmp_path, capsys):
    saved, header = tmp_path / "net.safetensors", tmp_path / "arm.h"
    NETWORK.save(saved)
    assert main(["export", str(saved), "--c", str(header)]) == 0
    assert capsys.readouterr().out == f"Header: {header}\n"
    NETWORK.to_c(tmp_path / "expected.h", "arm")
    assert header.read_text() == (tmp_path / "expected.h").read_text()
    more = ["--name", "other", "--derivative", "--no-fma"]
    assert main(["export", str(saved), "--c", str(header), *more]) == 0
    NETWORK.to_c(tmp_path / "expected.h", "other", derivative=True, fma=False)
    assert header.read_text() == (tmp_path / "expected.h").read_text()


def test_many_networks_and_estimators(tmp_path):
    header = tmp_path / "model.h"
    stack = dl.Networks([2, 1], count=3, seed=0)
    stack.save(tmp_path / "stack")
    assert main(["export", str(tmp_path / "stack"), "--c", str(header)]) == 0
    stack.to_c(tmp_path / "expected.h")
    assert header.read_text() == (tmp_path / "expected.h").read_text()

    X = np.random.default_rng(0).standard_normal((30, 2))
    classifier = MLPClassifier(3, solver="lbfgs", random_state=0).fit(X, X[:, 0] > 0)
    classifier.save(tmp_path / "classifier")
    assert main(["export", str(tmp_path / "classifier"), "--c", str(header)]) == 0
    to_c(classifier, tmp_path / "expected.h")
    assert header.read_text() == (tmp_path / "expected.h").read_text()


def test_a_model_for_onnx(tmp_path, capsys):
    pytest.importorskip("onnx")
    NETWORK.save(tmp_path / "net")
    model = tmp_path / "net.onnx"
    assert main(["export", str(tmp_path / "net"), "--onnx", str(model)]) == 0
    assert capsys.readouterr().out == f"Model: {model}\n"
    assert (dl.from_onnx(model).parameters == NETWORK.parameters).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{net}"], "nothing to write: give --c HEADER"),
        (["{net}", "--c", "{folder}/a-b.h"], "name must be an identifier"),
        (["{net}", "--c", "{folder}/none/x.h"], "No such file"),
        (["{folder}/none", "--c", "{folder}/x.h"], "none"),
        (["{text}", "--c", "{folder}/x.h"], "text"),
        (["{stack}", "--onnx", "{folder}/x.onnx"], "--onnx is for a Network, got Networks"),
        (
            ["{stack}", "--c", "{folder}/x.h", "--onnx", "{folder}/x.onnx"],
            "--onnx is for a Network, got Networks",
        ),
        (["{net}", "--onnx", "{folder}/x.onnx", "--no-fma"], "are for --c HEADER"),
        (["{net}", "--c", "{net}", "--name", "net"], "must be others than the saved one"),
        (["{net}", "--c", "{folder}/../{folder.name}/net"], "must be others than the saved one"),
        (["{net}", "--c", "{folder}/x", "--onnx", "{folder}/x"], "must be others"),
    ],
)
def test_what_cannot_be_exported_is_refused(arguments, message, tmp_path, capsys):
    words = {"folder": tmp_path} | {name: tmp_path / name for name in ("net", "text", "stack")}
    NETWORK.save(words["net"])
    dl.Networks([2, 1], count=2, seed=0).save(words["stack"])
    words["text"].write_text("no network")
    before = words["net"].read_bytes()
    assert main(["export", *(argument.format(**words) for argument in arguments)]) == 1
    assert words["net"].read_bytes() == before
    printed = capsys.readouterr()
    assert printed.out == "" and message in printed.err and printed.err.count("\n") == 1
