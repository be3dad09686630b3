"""skl2onnx's models of the estimators, alone and in pipelines, in ONNX Runtime: `make tools`."""

import subprocess
import sys

import denseloop.onnx
import numpy as np
import pytest
from denseloop.neural_network import (
    MLPClassifier,
    MLPEnsembleClassifier,
    MLPEnsembleRegressor,
    MLPGroupsRegressor,
    MLPRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.estimators.perceptrons import UNHEEDED, theirs

onnx = pytest.importorskip("onnx", reason="onnx is missing: make tools")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is missing: make tools")
skl2onnx = pytest.importorskip("skl2onnx", reason="skl2onnx is missing: make tools")

pytestmark = [
    *(pytest.mark.filterwarnings(message) for message in UNHEEDED),
    pytest.mark.filterwarnings("ignore"),  # of the packages
]

X = np.random.default_rng(0).standard_normal((80, 3))
SUM = X @ [1, 2, 3]
THIRDS = np.digitize(SUM, [-2, 2])
LABELS = {
    "two": (SUM > 0).astype(int) + 5,
    "three": THIRDS,
    "text": np.array(["a", "bb", "ccc"])[THIRDS],
    "objects": np.array(["no", "yes"], object)[(SUM > 0) * 1],
    "booleans": SUM > 0,
    "whole floats": (SUM > 0) * 2.0,
    "indicators": (X > 0).astype(int),
    "indicators of two": (X[:, :2] > 0).astype(int),
}
DTYPES = ["float32", "float64"]
TOLERANCE = {"float32": 3e-6, "float64": 1e-12}
SMALL = {"hidden_layer_sizes": (6,), "max_iter": 20, "random_state": 0}


@pytest.fixture(autouse=True, scope="module")
def registered():
    denseloop.onnx.register()


def outputs(estimator, dtype, **options):
    model = skl2onnx.to_onnx(estimator, X[:1].astype(dtype), **options)
    onnx.checker.check_model(model, full_check=True)
    session = runtime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"X": X.astype(dtype)})


def fitted(estimator, y, dtype, piped):
    return (make_pipeline(StandardScaler(), estimator) if piped else estimator).fit(
        X.astype(dtype), y
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("piped", [False, True])
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("kind", [MLPClassifier, MLPEnsembleClassifier])
def test_labels_and_probabilities_are_the_same(kind, labels, piped, dtype):
    y = LABELS[labels]
    if kind is MLPEnsembleClassifier and y.ndim > 1:
        pytest.skip("ensembles have one output")
    classifier = kind(**SMALL, activation=["tanh"])
    model = fitted(classifier, y, dtype, piped)
    options = {"options": {id(classifier): {"zipmap": False}}}
    found, probabilities = outputs(model, dtype, **options)
    np.testing.assert_array_equal(found, model.predict(X.astype(dtype)))
    assert probabilities.dtype == dtype
    expected = model.predict_proba(X.astype(dtype))
    np.testing.assert_allclose(probabilities, expected, rtol=TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("piped", [False, True])
@pytest.mark.parametrize("y", [SUM, X[:, :2] * 3], ids=["one output", "two outputs"])
@pytest.mark.parametrize("kind", [MLPRegressor, MLPEnsembleRegressor])
def test_predictions_are_the_same(kind, y, piped, dtype):
    model = fitted(kind(**SMALL, activation="gelu"), y, dtype, piped)
    expected = model.predict(X.astype(dtype))
    [found] = outputs(model, dtype)
    assert found.shape == (len(X), y[0].size) and found.dtype == dtype
    tolerance = TOLERANCE[dtype] * np.abs(expected).max()
    np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=0, atol=tolerance)


@pytest.mark.parametrize("opset", [13, 21])
@pytest.mark.parametrize("activation", ["logistic", "relu", "leaky_relu", "identity", "gelu"])
def test_all_activations_are_converted(activation, opset):
    regressor = fitted(MLPRegressor(**SMALL, activation=activation), SUM, "float32", False)
    [found] = outputs(regressor, "float32", target_opset=opset)
    expected = regressor.predict(X.astype("float32"))
    largest = np.abs(expected).max()
    np.testing.assert_allclose(found.ravel(), expected, rtol=0, atol=1e-6 * largest)


def test_integer_samples_are_converted():
    whole = np.round(3 * X).astype(np.int64)
    regressor = MLPRegressor(**SMALL).fit(whole, SUM)
    model = skl2onnx.to_onnx(regressor, whole[:1])
    session = runtime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    [found] = session.run(None, {"X": whole})
    np.testing.assert_allclose(found.ravel(), regressor.predict(whole), rtol=1e-4)


def test_the_options_of_scikit_learns_are_heeded():
    classifier = fitted(MLPClassifier(**SMALL), LABELS["text"], "float32", False)
    with_dicts = outputs(classifier, "float32")[1]
    expected = classifier.predict_proba(X[:1].astype("float32"))[0]
    assert list(with_dicts[0]) == ["a", "bb", "ccc"]
    np.testing.assert_allclose(list(with_dicts[0].values()), expected, rtol=1e-5)
    options = {"options": {id(classifier): {"zipmap": False, "nocl": True}}}
    numbers = outputs(classifier, "float32", **options)[0]
    np.testing.assert_array_equal(classifier.classes_[numbers], classifier.predict(X))


def test_a_bag_without_some_class_is_converted_all_the_same():
    few = MLPEnsembleClassifier(5, **SMALL).fit(X[:3], [0, 1, 2])
    assert any(len(set(rows)) < 3 for rows in few.estimators_samples_)
    options = {"options": {id(few): {"zipmap": False}}}
    _, probabilities = outputs(few, "float64", **options)
    np.testing.assert_allclose(probabilities, few.predict_proba(X), rtol=1e-12)


def test_estimators_of_groups_are_refused():
    groups = MLPGroupsRegressor(hidden_layer_sizes=(3,), max_iter=2)
    groups.fit(X, SUM, groups=np.arange(80) % 2)
    with pytest.raises(Exception, match="MLPGroupsRegressor"):
        skl2onnx.to_onnx(groups, X[:1])


def test_scikit_learns_own_are_converted_as_before():
    converters = skl2onnx.common._registration._converter_pool
    perceptron = theirs.MLPRegressor(**SMALL).fit(X, SUM)
    alias = skl2onnx._supported_operators.get_model_alias(theirs.MLPRegressor)
    assert alias == "SklearnMLPRegressor"
    assert converters[alias]._fct.__module__.startswith("skl2onnx")
    [found] = outputs(perceptron, "float64")
    np.testing.assert_allclose(found.ravel(), perceptron.predict(X), rtol=1e-9)


def test_registering_says_what_is_missing():
    program = """
import sys
sys.modules["skl2onnx"] = None
import denseloop.onnx
denseloop.onnx.register()
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "ImportError: denseloop.onnx.register needs skl2onnx: pip install skl2onnx" in run.stderr
