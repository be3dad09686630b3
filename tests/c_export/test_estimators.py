"""Headers of estimators, ensembles and pipelines make the numbers that these predict."""

import subprocess

import denseloop as dl
import numpy as np
import pytest
import sklearn.neural_network
from denseloop.neural_network import (
    MLPClassifier,
    MLPEnsembleClassifier,
    MLPEnsembleRegressor,
    MLPRegressor,
    to_c,
)
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_iris,
    make_multilabel_classification,
)
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from tests.c_export.compilers import Program, needs_gcc

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
SHORT = {"max_iter": 20, "random_state": 0}
IRIS, CANCER = load_iris(return_X_y=True), load_breast_cancer(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)
LABELS = make_multilabel_classification(200, 6, n_classes=4, random_state=0)
LARGE = np.array([2**64 - 3, 2**64 - 2, 2**64 - 1], np.uint64)
FLOWERS = np.array(['sétosa"', "a\\b??=", "c,1"])

SCALERS = {
    "none": lambda: [],
    "standard": lambda: [StandardScaler()],
    "minmax": lambda: [MinMaxScaler()],
    "clipped": lambda: [MinMaxScaler((-1, 1), clip=True)],
    "two": lambda: ["passthrough", StandardScaler(with_mean=False), MinMaxScaler()],
    "center alone": lambda: [StandardScaler(with_std=False)],
}
ESTIMATORS = {
    "regressor": (lambda: MLPRegressor(hidden_layer_sizes=8, activation="tanh", **SHORT), DIABETES),
    "binary": (lambda: MLPClassifier(8, **SHORT), CANCER),
    "classes": (lambda: MLPClassifier((7, 5), activation="gelu", **SHORT), IRIS),
    "several": (lambda: MLPClassifier(5, **SHORT), LABELS),
    "regressors": (lambda: MLPEnsembleRegressor(4, hidden_layer_sizes=6, **SHORT), DIABETES),
    "binaries": (lambda: MLPEnsembleClassifier(4, hidden_layer_sizes=6, **SHORT), CANCER),
    "classifiers": (lambda: MLPEnsembleClassifier(4, hidden_layer_sizes=6, **SHORT), IRIS),
}


def predicted(model, X):
    predict = getattr(model, "predict_proba", None) or model.predict
    return np.asarray(predict(X), X.dtype).reshape(len(X), -1)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("scalers", SCALERS)
def test_pipelines_have_the_bits_of_their_predictions(scalers, dtype, tmp_path):
    found = []
    for name, (make, (X, y)) in ESTIMATORS.items():
        X = X.astype(dtype)
        model = make_pipeline(*SCALERS[scalers](), make()).fit(X, y)
        to_c(model, tmp_path / f"{name}.h", name)
        found.append((name, X, predicted(model, X)))
    program = Program(tmp_path, [(name, dtype) for name, *_ in found])
    program.build("gcc -std=c11 -O2 -march=native")
    assert program.selftest() == 0
    for k, (_, X, outputs) in enumerate(found):
        assert program.predict(k, X).tobytes() == outputs.tobytes()


@pytest.mark.parametrize("options", [{"scaling": "folded"}, {"fma": False}])
def test_other_headers_are_near(options, tmp_path):
    found = []
    for name, (make, (X, y)) in ESTIMATORS.items():
        model = make_pipeline(StandardScaler(), make()).fit(X, y)
        to_c(model, tmp_path / f"{name}.h", name, **options)
        found.append((name, X, predicted(model, X)))
    program = Program(tmp_path, [(name, "float64") for name, *_ in found])
    program.build("clang -std=gnu11 -O3 -march=native")
    assert program.selftest() == 0
    for k, (_, X, outputs) in enumerate(found):
        assert abs(program.predict(k, X) - outputs).max() <= 1e-12 * abs(outputs).max()


CLASSES = """
#include <stdio.h>
#include "classes.h"
#include "labels.h"
int main(void) {
    static double x[CLASSES_INPUTS], z[LABELS_INPUTS];
    int k, has[LABELS_OUTPUTS];
    for (k = 0; k < 150 && fread(x, sizeof x, 1, stdin) == 1; ++k)
        printf("%s\\n", classes_label(classes_class(x)));
    while (fread(z, sizeof z, 1, stdin) == 1) {
        labels_classes(z, has);
        for (k = 0; k < LABELS_OUTPUTS; ++k) printf("%d", has[k]);
        printf(" %ld\\n", (long)labels_label(3));
    }
    return 0;
}
"""


@needs_gcc
def test_classes_are_found_and_named(tmp_path):
    iris = MLPClassifier(8, **SHORT).fit(IRIS[0], FLOWERS[IRIS[1]])
    labels = MLPClassifier(5, **SHORT).fit(*LABELS)
    to_c(iris, tmp_path / "classes.h", "classes")
    to_c(labels, tmp_path / "labels.h", "labels")
    (tmp_path / "main.c").write_text(CLASSES)
    command = ["gcc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "main.c", "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    given = IRIS[0].tobytes() + LABELS[0].tobytes()
    found = subprocess.run([tmp_path / "a.out"], input=given, capture_output=True, timeout=60)
    rows = ["".join(map(str, row)) + " 3" for row in labels.predict(LABELS[0]).tolist()]
    assert found.stdout.decode().splitlines() == [*iris.predict(IRIS[0]), *rows]


class Doubled(MLPRegressor):
    def predict(self, X):
        return 2 * super().predict(X)


def by_hand(**changes):
    model = MLPRegressor(hidden_layer_sizes=8, activation="tanh", **SHORT).fit(*DIABETES)
    vars(model).update({name: change(vars(model)[name]) for name, change in changes.items()})
    return model


@pytest.mark.parametrize(
    "changes",
    [
        {"coefs_": lambda coefs: [coef.copy(order="F") for coef in coefs]},
        {"coefs_": lambda coefs: tuple(coef.astype(np.float32) for coef in coefs)},
        {"intercepts_": lambda biases: [bias.astype(np.float32) for bias in biases]},
    ],
)
def test_parameters_that_were_set_by_hand(changes, tmp_path):
    model = by_hand(**changes)
    to_c(model, tmp_path / "hand.h", "hand")
    program = Program(tmp_path, [("hand", "float64")])
    program.build("gcc -std=c99 -O2")
    assert program.selftest() == 0
    outputs = program.predict(0, DIABETES[0]).ravel()
    assert np.allclose(outputs, model.predict(DIABETES[0]), 1e-12)


def test_feature_names_are_no_reason_to_warn(tmp_path):
    frame = load_iris(as_frame=True)
    model = make_pipeline(StandardScaler(), MLPClassifier(3, **SHORT)).fit(frame.data, frame.target)
    to_c(model, tmp_path / "named.h")


def test_a_regressor_whose_outputs_overflow_for_some_rows(tmp_path):
    X = (20 * DIABETES[0]).astype(np.float32)
    model = MLPRegressor("poisson", hidden_layer_sizes=30, max_iter=300, random_state=0)
    model.fit(X, DIABETES[1])
    model.intercepts_[-1][...] += 80
    to_c(model, tmp_path / "poisson.h", "poisson")
    program = Program(tmp_path, [("poisson", "float32")])
    program.build("gcc -std=c99 -O2")
    assert program.selftest() == 0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_derivatives_of_a_pipeline(dtype, tmp_path):
    X, y = DIABETES
    X = X.astype(dtype)
    model = make_pipeline(*SCALERS["two"](), MLPRegressor(hidden_layer_sizes=8, **SHORT))
    to_c(model.fit(X, y), tmp_path / "slope.h", "slope", derivative=True)
    program = Program(tmp_path, [("slope", dtype)], derivative=True)
    program.build("gcc -std=c11 -O2 -march=native")
    assert program.selftest() == 0
    if dtype == "float32":  # too few digits for differences
        return
    steps = 1e-6 * np.eye(10)
    numeric = np.transpose([(model.predict(X + h) - model.predict(X - h)) / 2e-6 for h in steps])
    error = abs(program.predict(0, X, derivative=True) - numeric)
    assert np.quantile(error, 0.98) < 1e-4 * abs(numeric).max()  # but for a few kinks


@pytest.mark.parametrize(("label", "text"), [(-(2**63), "INT64_MIN"), (2**62, f"INT64_C({2**62})")])
def test_labels_of_64_bits(label, text, tmp_path):
    y = np.where(IRIS[1] == 0, label, 5)
    to_c(MLPClassifier(3, **SHORT).fit(IRIS[0], y), tmp_path / "far.h")
    assert text in (tmp_path / "far.h").read_text()


@pytest.mark.parametrize(
    ("make", "options", "error", "message"),
    [
        (lambda: MLPRegressor(), {}, NotFittedError, "not fitted"),
        (lambda: StandardScaler().fit(IRIS[0]), {}, TypeError, "model must be an MLPClassifier"),
        (
            lambda: GridSearchCV(MLPClassifier(3, **SHORT), {"alpha": [1, 2]}).fit(*IRIS),
            {},
            TypeError,
            "pass its best_estimator_",
        ),
        (lambda: dl.Network([2, 1]), {}, TypeError, "has a method to_c itself"),
        (
            lambda: sklearn.neural_network.MLPClassifier(3, **SHORT),
            {},
            TypeError,
            "scikit-learn's own: import it from denseloop",
        ),
        (
            lambda: make_pipeline(RobustScaler(), MLPClassifier(3, **SHORT)).fit(*IRIS),
            {},
            TypeError,
            "only StandardScaler and MinMaxScaler before its estimator .*RobustScaler",
        ),
        (
            lambda: MLPClassifier(3, **SHORT).fit(*CANCER),
            {"derivative": True},
            ValueError,
            "derivative=True is for single",
        ),
        (
            lambda: make_pipeline(MinMaxScaler(clip=True), MLPClassifier(3, **SHORT)).fit(*IRIS),
            {"scaling": "folded"},
            ValueError,
            "cannot be folded",
        ),
        (
            lambda: make_pipeline(
                MinMaxScaler(clip=True), MLPRegressor(hidden_layer_sizes=3, **SHORT)
            ).fit(*DIABETES),
            {"derivative": True},
            ValueError,
            "not for a MinMaxScaler with clip=True",
        ),
        (
            lambda: Doubled(hidden_layer_sizes=3, **SHORT).fit(*DIABETES),
            {},
            ValueError,
            "predicts other numbers than its networks do",
        ),
        (
            lambda: MLPClassifier(3, **SHORT).fit(IRIS[0], 0 * IRIS[1]),
            {},
            ValueError,
            "at least two classes",
        ),
        (
            lambda: MLPClassifier(3, **SHORT).fit(
                IRIS[0], np.uint64(2**64 - 3) + IRIS[1].astype(np.uint64)
            ),
            {},
            ValueError,
            "labels must fit in 64 bits",
        ),
        (
            lambda: MLPClassifier(3, **SHORT).fit(*IRIS),
            {"scaling": "fold"},
            ValueError,
            "did you mean 'folded'",
        ),
    ],
)
def test_what_a_header_cannot_have_is_refused(make, options, error, message, tmp_path):
    model = make()
    with pytest.raises(error, match=message):
        to_c(model, tmp_path / "model.h", **options)
    assert not (tmp_path / "model.h").exists()
