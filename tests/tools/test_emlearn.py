"""emlearn's C for the estimators is right, or refused: `make tools`."""

import shutil
import subprocess

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor

from tests.estimators.perceptrons import UNHEEDED, theirs

emlearn = pytest.importorskip("emlearn", reason="emlearn is missing: make tools")
COMPILER = shutil.which("gcc")

pytestmark = [
    *(pytest.mark.filterwarnings(message) for message in UNHEEDED),
    pytest.mark.skipif(COMPILER is None, reason="needs gcc, as emlearn does"),
]

X = np.random.default_rng(0).standard_normal((40, 3)).astype(np.float32)
SUM = X @ np.float32([1, 2, 3])
LABELS = {"two": (SUM > 0).astype(int), "three": np.digitize(SUM, [-2, 2])}
ACTIVATIONS = ["relu", "tanh", "sigmoid", "identity", ["relu", "tanh"]]

PROGRAM = """
#include <stdio.h>
#include "net.h"
int main(void) {
    float x[3], y[8];
    while (scanf("%f %f %f", x, x + 1, x + 2) == 3) {
        net_regress(x, 3, y, OUTPUTS);
        printf("%d", (int)net_predict(x, 3));
        for (int k = 0; k < OUTPUTS; ++k) printf(" %.9g", y[k]);
        printf("\\n");
    }
    return 0;
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # to which emlearn writes


def results_in_c(estimator, **options):
    """Return the classes and the outputs that the generated C has for X."""
    emlearn.convert(estimator, **options).save(file="net.h", name="net")
    program = PROGRAM.replace("OUTPUTS", str(estimator.n_outputs_))
    with open("main.c", "w") as file:
        file.write(program)
    command = [COMPILER, "-O1", "-o", "main", "main.c", f"-I{emlearn.includedir}", "-lm"]
    subprocess.run(command, check=True, capture_output=True)
    samples = "\n".join(" ".join(map(repr, row)) for row in X.tolist())
    run = subprocess.run(["./main"], input=samples, capture_output=True, text=True, check=True)
    table = np.loadtxt(run.stdout.splitlines(), ndmin=2)
    return table[:, 0].astype(int), table[:, 1:]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
@pytest.mark.parametrize("labels", LABELS)
def test_the_c_of_a_classifier_is_right(labels, activation):
    classifier = MLPClassifier((6, 5), activation, max_iter=20, random_state=0)
    classifier.fit(X, LABELS[labels])
    classes, outputs = results_in_c(classifier)
    np.testing.assert_array_equal(classifier.classes_[classes], classifier.predict(X))
    expected = classifier.predict_proba(X)
    expected = expected[:, 1:] if labels == "two" else expected
    np.testing.assert_allclose(outputs, expected, atol=2e-6)


@pytest.mark.parametrize("y", [SUM, X[:, :2]], ids=["one output", "two outputs"])
def test_the_c_of_a_regressor_is_right(y):
    regressor = MLPRegressor(hidden_layer_sizes=(6, 5), max_iter=20, random_state=0).fit(X, y)
    _, outputs = results_in_c(regressor, return_type="regressor")
    expected = regressor.predict(X)
    np.testing.assert_allclose(outputs, expected.reshape(outputs.shape), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("activation", ["gelu", "leaky_relu", ["relu", "gelu"]], ids=str)
def test_other_activations_are_refused(activation):
    classifier = MLPClassifier((6, 5), activation, max_iter=2).fit(X, LABELS["two"])
    layer = 2 if isinstance(activation, list) else 1
    with pytest.raises(ValueError, match=f"in layer {layer} of 3; to_c has C for all"):
        emlearn.convert(classifier)


def test_what_emlearn_has_no_c_for_is_refused():
    with pytest.raises(ValueError, match="at least one hidden layer, got none; to_c"):
        emlearn.convert(MLPClassifier((), max_iter=2).fit(X, LABELS["two"]))
    with pytest.raises(ValueError, match="got a classifier of 3 labels; to_c"):
        emlearn.convert(MLPClassifier((4,), max_iter=2).fit(X, (X > 0).astype(int)))


def test_scikit_learns_own_are_converted_as_before():
    classifier = theirs.MLPClassifier((4,), max_iter=20, random_state=0).fit(X, LABELS["two"])
    classes, _ = results_in_c(classifier)
    np.testing.assert_array_equal(classes, classifier.predict(X))
