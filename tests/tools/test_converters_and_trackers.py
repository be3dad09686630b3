"""Packages that look up classes by their exact type know the estimators: `make tools`."""

import json
import subprocess
import sys

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor

from tests.estimators.perceptrons import UNHEEDED, theirs

pytestmark = [
    *(pytest.mark.filterwarnings(message) for message in UNHEEDED),
    pytest.mark.filterwarnings("ignore"),  # of the packages
]

X = np.random.default_rng(0).standard_normal((40, 3)).astype(np.float32)
LABELS = np.arange(40) % 3


def package(name):
    return pytest.importorskip(name, reason=f"{name} is missing: make tools")


@pytest.fixture
def classifier():
    return MLPClassifier((4,), max_iter=3, random_state=0).fit(X, LABELS)


@pytest.fixture
def regressor():
    return MLPRegressor(hidden_layer_sizes=(4,), max_iter=3, random_state=0).fit(X, X @ [1, 2, 3])


def outputs_of_onnx(model):
    runtime = package("onnxruntime")
    session = runtime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"X": X})


def test_onnx_models_predict_the_same(classifier, regressor):
    to_onnx = package("skl2onnx").to_onnx
    labels, probabilities = outputs_of_onnx(to_onnx(classifier, X[:1], options={"zipmap": False}))
    np.testing.assert_array_equal(labels, classifier.predict(X))
    np.testing.assert_allclose(probabilities, classifier.predict_proba(X), atol=1e-5)
    [predicted] = outputs_of_onnx(to_onnx(regressor, X[:1]))
    np.testing.assert_allclose(predicted.ravel(), regressor.predict(X), atol=1e-5)


def test_onnx_models_have_the_outputs_of_scikit_learns(classifier):
    to_onnx = package("skl2onnx").to_onnx
    original = theirs.MLPClassifier((4,), max_iter=3, random_state=0).fit(X, LABELS)
    expected, found = (
        [output.name for output in to_onnx(estimator, X[:1]).graph.output]
        for estimator in (original, classifier)
    )
    assert found == expected


def test_torch_models_predict_the_same(classifier, regressor):
    convert = package("hummingbird.ml").convert
    probabilities = convert(classifier, "torch").predict_proba(X)
    np.testing.assert_allclose(probabilities, classifier.predict_proba(X), atol=1e-5)
    predicted = convert(regressor, "torch").predict(X)
    np.testing.assert_allclose(predicted.ravel(), regressor.predict(X), atol=1e-5)


@pytest.mark.parametrize("activation", ["gelu", "sigmoid", ["relu"]])
def test_hummingbird_refuses_other_activations(activation):
    convert = package("hummingbird.ml").convert
    estimator = MLPClassifier((4,), activation, max_iter=3).fit(X, LABELS)
    with pytest.raises(ValueError, match="only activations of scikit-learn"):
        convert(estimator, "torch")


@pytest.mark.parametrize("first", ["denseloop.neural_network", "skl2onnx", "hummingbird.ml"])
def test_the_order_of_imports_does_not_matter(first):
    for name in ("skl2onnx", "hummingbird.ml"):
        package(name)
    program = f"""
import warnings; warnings.simplefilter("ignore")
import {first}
import denseloop.neural_network as ours, hummingbird.ml, skl2onnx
from hummingbird.ml.supported import get_sklearn_api_operator_name
from skl2onnx._supported_operators import get_model_alias
for ours in (ours.MLPClassifier, ours.MLPRegressor):
    print(get_model_alias(ours), get_sklearn_api_operator_name(ours))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.split() == ["DenseloopMLPClassifier"] * 2 + ["DenseloopMLPRegressor"] * 2


def test_mlflow_logs_the_parameters_and_metrics_of_a_fit(tmp_path):
    package("mlflow"), package("sqlalchemy")
    program = f"""
import json, os, warnings; warnings.simplefilter("ignore")
os.environ["MLFLOW_TRACKING_URI"] = "sqlite:///{tmp_path}/runs"
import mlflow, mlflow.sklearn, sklearn.neural_network as theirs
from denseloop.neural_network import MLPClassifier
mlflow.sklearn.autolog(log_models=False, silent=True)
logged = []
for estimator in (theirs.MLPClassifier, MLPClassifier):
    with mlflow.start_run() as run:
        estimator((3,), max_iter=3, random_state=0).fit([[0.0], [1], [2]], [0, 1, 2])
    data = mlflow.tracking.MlflowClient().get_run(run.info.run_id).data
    logged.append([sorted(data.params), sorted(data.metrics)])
print(json.dumps(logged))
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path
    )
    expected, found = json.loads(run.stdout.splitlines()[-1])
    own = {"class_weight", "n_restarts", "stopping_criterion"}
    assert set(found[0]) == {*expected[0], *own}
    assert found[1] == expected[1] != []
