"""Estimators keep their parameters, classes and outputs in a file."""

import json
import pickle

import denseloop as dl
import numpy as np
import pytest

pytest.importorskip("sklearn")
from denseloop.neural_network import (  # noqa: E402
    MLPClassifier,
    MLPRegressor,
)
from scipy.sparse import csr_matrix  # noqa: E402

from tests.files.test_damage import assert_refused, changed  # noqa: E402
from tests.fuzz.target import parts  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # a few iterations do not converge
RANDOM = np.random.default_rng(2)
X = RANDOM.random((60, 3))
NUMBERS = np.arange(60) % 3
FITTED = (
    *("n_iter_", "t_", "loss_", "best_loss_", "best_validation_score_", "best_validation_loss_"),
    *("loss_curve_", "validation_scores_", "validation_loss_curve_", "evals_result_"),
    *("n_features_in_", "n_outputs_", "n_layers_", "out_activation_", "_no_improvement_count"),
)
LABELS = {
    "int64": NUMBERS,
    "int8": NUMBERS.astype(np.int8),
    "uint64": NUMBERS.astype(np.uint64) + np.uint64(2**63),
    "float32": NUMBERS.astype(np.float32),
    "bool": NUMBERS > 1,
    "str": np.array(["ant", "bée", "a cow"])[NUMBERS],
    "object": np.array(["ant", "bee", "cow"], object)[NUMBERS],
    "one class": np.zeros(60, int),
    "two outputs": np.c_[NUMBERS > 0, NUMBERS > 1].astype(int),
    "sparse": csr_matrix(np.c_[NUMBERS > 0, NUMBERS > 1].astype(int)),
}


def dense(labels):
    return labels.toarray() if hasattr(labels, "toarray") else labels


def saved(estimator, folder):
    estimator.save(folder / "x.safetensors")
    return dl.load(folder / "x.safetensors")


def assert_same_fit(found, expected):
    assert type(found) is type(expected)
    assert repr(found.get_params()) == repr(expected.get_params())
    for name in FITTED:
        assert (name in vars(found)) == (name in vars(expected)), name
        if name in vars(found):
            assert vars(found)[name] == vars(expected)[name], name
    for name in ("coefs_", "intercepts_"):
        for ours, theirs in zip(getattr(found, name), getattr(expected, name), strict=True):
            assert ours.tobytes() == theirs.tobytes() and ours.dtype == theirs.dtype
            assert ours.flags.writeable


@pytest.mark.parametrize("name", LABELS)
def test_a_classifier_comes_back(name, tmp_path):
    labels = LABELS[name]
    expected = MLPClassifier((4,), max_iter=3, random_state=0).fit(X, labels)
    found = saved(expected, tmp_path)
    assert_same_fit(found, expected)
    assert found.classes_.dtype == expected.classes_.dtype
    np.testing.assert_array_equal(found.classes_, expected.classes_)
    ours, theirs = found.predict(X), expected.predict(X)
    assert type(ours) is type(theirs)
    ours, theirs = dense(ours), dense(theirs)
    np.testing.assert_array_equal(ours, theirs)
    assert ours.dtype == theirs.dtype
    assert found.predict_proba(X).tobytes() == expected.predict_proba(X).tobytes()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("solver", ["sgd", "adam", "rprop", "lbfgs", "lm"])
def test_a_regressor_comes_back(solver, dtype, tmp_path):
    options = {"solver": solver, "max_iter": 4, "random_state": 0, "alpha": 0.1 + 0.2}
    expected = MLPRegressor(hidden_layer_sizes=(4, 3), activation=["tanh", "gelu"], **options)
    samples, targets = X.astype(dtype), X @ [1, 2, 3]
    given = {} if solver == "lbfgs" else {"eval_set": [(samples, targets)]}
    expected.fit(samples, targets, **given)
    found = saved(expected, tmp_path)
    assert_same_fit(found, expected)
    assert found.predict(samples).tobytes() == expected.predict(samples).tobytes()
    found.set_params(warm_start=True).fit(samples, targets)
    if hasattr(found, "partial_fit"):
        assert np.isfinite(found.partial_fit(samples, targets).loss_)


def test_a_warm_start_goes_on_where_it_needs_no_state(tmp_path):
    """Levenberg-Marquardt and L-BFGS begin each fit anew, so that a file has all they need."""
    for solver in ("lm", "lbfgs"):
        expected = MLPRegressor(solver=solver, max_iter=3, warm_start=True, random_state=0)
        expected.set_params(hidden_layer_sizes=3).fit(X, NUMBERS)
        found = saved(expected, tmp_path)
        found.fit(X, NUMBERS), expected.fit(X, NUMBERS)
        assert_same_fit(found, expected)


def test_early_stopping_comes_back(tmp_path):
    for criterion in ("score", "loss"):
        options = {"early_stopping": True, "stopping_criterion": criterion, "max_iter": 5}
        expected = MLPClassifier((4,), **options, random_state=0).fit(X, NUMBERS)
        assert_same_fit(saved(expected, tmp_path), expected)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"hidden_layer_sizes": [4, 5], "class_weight": "balanced", "random_state": 2**32 - 1},
        {"hidden_layer_sizes": np.array([4, 5]), "alpha": np.float32(0.1), "max_iter": np.int8(3)},
        {"class_weight": {"a": 1.5, 7: 2, False: 0.1}, "batch_size": 10, "alpha": 1e-300},
        {"class_weight": [{0: 1, 1: 2}, {0: 1, 1: 3}], "activation": ("relu", "tanh")},
        {"verbose": True, "tol": 2**60, "hidden_layer_sizes": ()},
    ],
)
def test_parameters_come_back(options, tmp_path):
    found = saved(MLPClassifier(**options), tmp_path)
    assert not hasattr(found, "coefs_")
    for name, value in MLPClassifier(**options).get_params().items():
        plain = value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
        assert found.get_params()[name] == plain and type(found.get_params()[name]) is type(plain)


def test_integers_that_others_would_round_are_texts(tmp_path):
    path = tmp_path / "x.safetensors"
    MLPClassifier(tol=2**53 + 1, max_iter=2**53).save(path)
    metadata = json.loads(parts(path.read_bytes())[0])["__metadata__"]
    parameters = json.loads(metadata["parameters"])
    assert parameters["tol"] == {"int": "9007199254740993"}
    assert parameters["max_iter"] == 2**53


def test_names_of_features_come_back(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "ü"])
    expected = MLPRegressor(max_iter=2).fit(frame, NUMBERS)
    found = saved(expected, tmp_path)
    assert found.feature_names_in_.tolist() == ["a", "b", "ü"]
    assert found.predict(frame).tobytes() == expected.predict(frame).tobytes()


def test_load_of_a_class_is_that_of_the_package(tmp_path):
    path = tmp_path / "x.safetensors"
    expected = MLPRegressor(max_iter=2).fit(X, NUMBERS)
    expected.save(path)
    assert_same_fit(MLPRegressor.load(path), expected)
    with pytest.raises(dl.FileError, match="expected a MLPClassifier, got a 'MLPRegressor'"):
        MLPClassifier.load(path)
    dl.Network([3, 1]).save(path)
    with pytest.raises(dl.FileError, match="expected a MLPRegressor, got a 'Network'"):
        MLPRegressor.load(path)


def test_a_subclass_and_other_objects_are_refused(tmp_path):
    class Mine(MLPRegressor):
        pass

    path = tmp_path / "x.safetensors"
    with pytest.raises(ValueError, match="got the subclass Mine"):
        Mine().save(path)
    with pytest.raises(ValueError, match="random_state must be None, a number"):
        MLPRegressor(random_state=np.random.RandomState(0)).save(path)
    with pytest.raises(ValueError, match="alpha"):
        MLPRegressor(alpha=-1).save(path)
    sparse = MLPRegressor(max_iter=2).fit(X, NUMBERS)
    sparse.coefs_ = [csr_matrix(coef) for coef in sparse.coefs_]
    with pytest.raises(ValueError, match="save needs coefs_ and intercepts_ of NumPy's"):
        sparse.save(path)
    dates = MLPClassifier(max_iter=2).fit(
        X, np.array(["2020-01-01", "2020-01-02"], "M8")[NUMBERS % 2]
    )
    with pytest.raises(ValueError, match="classes_ must be of dtype"):
        dates.save(path)
    halves = MLPClassifier(max_iter=2).fit(X, np.array(["a", "\ud800"])[NUMBERS % 2])
    with pytest.raises(dl.FileError, match="texts must be Unicode, got one with '.ud800'"):
        halves.save(path)
    assert not path.exists()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused_unless_asked_for(value, tmp_path):
    estimator = MLPRegressor(max_iter=2).fit(X, NUMBERS)
    estimator.coefs_[0][1, 2] = value
    with pytest.raises(dl.FileError, match="'layers.0.weight' must be finite"):
        saved(estimator, tmp_path)
    found = MLPRegressor.load(tmp_path / "x.safetensors", allow_nan=True)
    assert_same_fit(found, estimator)


@pytest.mark.parametrize(
    ("field", "name", "value", "text"),
    [
        ("parameters", "solver", "adams", "The 'solver' parameter"),
        ("parameters", "more", 1, "must not have the field 'more'"),
        ("parameters", "activation", "tanh", "the activations must be those of the layers"),
        ("parameters", "tol", {"float": "much"}, "parameters.tol: invalid hexadecimal"),
        ("parameters", "tol", {"pickle": "x"}, "parameters.tol must be null, true, false"),
        ("parameters", "tol", 0.5, "parameters.tol must be null, true, false"),
        ("parameters", "class_weight", {"dict": [[[], 1]]}, "unhashable"),
        ("architecture", "bias", False, "architecture.bias must be true, got False"),
        ("fitted", "out_activation_", "identity", "the activations must be those of the layers"),
        ("fitted", "n_iter_", 3, "fitted.n_iter_ must be a text"),
        ("fitted", "loss_", 0.5, "a number as a hexadecimal text"),
        ("fitted", "loss_curve_", [0.5], "a number as a hexadecimal text"),
        ("fitted", "loss_curve_", "0x1p0", "a list of hexadecimal texts"),
        ("fitted", "evals_result_", [], "fitted.evals_result_ must be an object"),
        ("fitted", "feature_names_in_", ["a"], "a list of 3 texts"),
        ("fitted", "labels", {}, "must have the field 'classes'"),
        ("labels", "y_type", "multi", "one of binary, multiclass, multilabel-indicator"),
        ("labels", "y_type", "multilabel-indicator", None),
        ("labels", "classes", {"dtype": "int64", "values": [0, 1]}, "those of 3 outputs"),
        ("labels", "classes", {"dtype": "int64", "values": [2, 1, 0]}, "in ascending order"),
        ("labels", "classes", {"dtype": "int64", "values": [1, 1, 1]}, "in ascending order"),
        ("labels", "y_type", "binary", "one that has 3 outputs"),
        (
            *("labels", "classes"),
            {"dtype": "str", "values": ["x" * 20_000, *map(str, range(20_000))]},
            "texts of like lengths",
        ),
        ("labels", "classes", {"dtype": "U9999999999", "values": []}, "dtype must be one of"),
        ("labels", "classes", {"dtype": "int8", "values": [0, 1, 300]}, "classes.values"),
        ("labels", "classes", {"dtype": "int8", "values": [0, 1, True]}, "a list of int8"),
    ],
)
def test_an_estimator_that_does_not_fit_is_refused(field, name, value, text, tmp_path):
    path = tmp_path / "x.safetensors"
    MLPClassifier((4,), max_iter=2).fit(X, NUMBERS).save(path)

    def change(tree):
        inner = json.loads(tree["__metadata__"]["fitted" if field == "labels" else field])
        (inner["labels"] if field == "labels" else inner)[name] = value
        tree["__metadata__"]["fitted" if field == "labels" else field] = json.dumps(inner)

    data = changed(path.read_bytes(), change)
    if text is None:  # other outputs of as many classes
        path.write_bytes(data)
        assert dl.load(path).predict(X).shape == (60, 3)
    else:
        assert_refused(path, data, text)


def test_pickles_keep_the_optimizer(tmp_path):
    estimator = MLPRegressor(hidden_layer_sizes=4, max_iter=3, random_state=0).fit(X, NUMBERS)
    state = estimator._optimizer.__getstate__()
    assert not any("_core" in type(value).__module__ for value in state.values())  # for skops
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        found = pickle.loads(pickle.dumps(estimator, protocol))
        assert found._optimizer.t == estimator._optimizer.t > 0
        for ours, theirs in zip(found._optimizer.ms, estimator._optimizer.ms):
            np.testing.assert_array_equal(ours, theirs)
