"""A list of validation sets gives a loss and a score of each, after each epoch."""

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor
from scipy.sparse import csr_matrix
from sklearn.base import clone

from tests.estimators.perceptrons import UNHEEDED, data, estimator_name, ours
from tests.estimators.test_class_weights_and_validation import by_hand

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

SMALL = {"hidden_layer_sizes": (9,), "random_state": 1, "max_iter": 8, "alpha": 0.1}
CASES = [
    ("iris", {}),
    ("breast cancer", {"solver": "sgd"}),
    ("labels", {}),
    ("diabetes", {"loss": "absolute_error"}),
    ("diabetes", {"loss": "poisson"}),
    ("diabetes", {"solver": "rprop"}),
    ("linnerud", {}),
    ("linnerud", {"solver": "lm", "activation": "tanh"}),
]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "options"), CASES)
def test_the_curves_are_those_of_the_weights_after_each_epoch(name, options, weighted, random):
    X, y = data(name)
    y = abs(y).round() if options.get("loss") == "poisson" else y
    n = len(X) // 3
    sets = [(X[n : 2 * n], y[n : 2 * n]), (X[2 * n :], y[2 * n :]), (X, y)]
    if weighted:
        sets = [(*each, random.uniform(0.1, 3, len(each[0]))) for each in sets]
    plain = getattr(ours, estimator_name(name))(**SMALL | options)
    estimator = clone(plain).fit(X[:n], y[:n], eval_set=sets)
    metric = "r2" if isinstance(estimator, MLPRegressor) else "accuracy"
    assert list(estimator.evals_result_) == ["validation_0", "validation_1", "validation_2"]
    for epochs in (1, 3, 8):
        shorter = clone(plain).set_params(max_iter=epochs).fit(X[:n], y[:n])
        for curves, each in zip(estimator.evals_result_.values(), sets, strict=True):
            weight = each[2] if weighted else None
            # "lm" sums the squared errors over the outputs.
            factor = shorter.n_outputs_ if shorter.solver == "lm" else 1
            loss = factor * by_hand(shorter, each[0], each[1], weight)
            assert list(curves) == ["loss", metric]
            assert len(curves["loss"]) == len(curves[metric]) == estimator.n_iter_ == 8
            assert curves["loss"][epochs - 1] == pytest.approx(loss, rel=1e-9)
            score = shorter.score(*each)
            assert curves[metric][epochs - 1] == pytest.approx(score, rel=1e-9, abs=1e-12)
    np.testing.assert_array_equal(estimator.predict(X), shorter.predict(X))  # nothing changed
    assert estimator.validation_loss_curve_ == estimator.evals_result_["validation_0"]["loss"]


@pytest.mark.parametrize("criterion", ["score", "loss"])
def test_early_stopping_watches_the_first_set(criterion):
    X, y = data("iris")
    options = {"early_stopping": True, "stopping_criterion": criterion, "n_iter_no_change": 5}
    new = MLPClassifier(**SMALL | options | {"max_iter": 300, "learning_rate_init": 0.05})
    first, second = (X[::2], y[::2]), (X[1::2], np.roll(y[1::2], 7))
    several = clone(new).fit(X[::3], y[::3], eval_set=[first, second])
    one, other = (clone(new).fit(X[::3], y[::3], eval_set=each) for each in (first, second))
    assert several.n_iter_ == one.n_iter_ != other.n_iter_
    np.testing.assert_array_equal(several.coefs_[0], one.coefs_[0])
    if criterion == "score":
        accuracies = several.evals_result_["validation_0"]["accuracy"]
        assert accuracies == several.validation_scores_


def test_the_curves_are_of_the_last_fit():
    X, y = data("diabetes")
    estimator = MLPRegressor(**SMALL, warm_start=True).fit(X, y, eval_set=[(X, y)])
    before = estimator.loss_curve_[:]
    estimator.fit(X, y, eval_set=[(X, y)])
    assert len(estimator.evals_result_["validation_0"]["r2"]) == estimator.n_iter_ == 8
    assert len(estimator.loss_curve_) == len(before) + 8
    for options in ({"solver": "lbfgs"}, {"solver": "lm"}, {"solver": "adam"}):
        estimator.set_params(solver="adam").fit(X, y, eval_set=[(X, y)])
        assert estimator.evals_result_
        estimator.set_params(**options).fit(X, y)
        assert estimator.evals_result_ == {}
    estimator.fit(X, y, eval_set=[(X, y)]).partial_fit(X, y)
    assert estimator.evals_result_ == MLPRegressor(**SMALL).fit(X, y).evals_result_ == {}


def test_sets_can_be_sparse_and_of_float32():
    X, y = data("iris")
    sets = [(csr_matrix(X), y), (X.astype(np.float32), y)]
    estimator = MLPClassifier(**SMALL).fit(X, y, eval_set=sets)
    one, other = (curves["loss"] for curves in estimator.evals_result_.values())
    np.testing.assert_allclose(one, other, rtol=1e-6)
    narrow = MLPClassifier(**SMALL).fit(X.astype(np.float32), y, eval_set=sets)
    np.testing.assert_allclose(narrow.evals_result_["validation_1"]["loss"], one, rtol=1e-4)


def test_the_curves_survive_a_training_that_diverges():
    X, y = data("iris")
    options = {"solver": "sgd", "learning_rate_init": 1e300, "early_stopping": True}
    estimator = MLPClassifier(**SMALL | options).fit(X, y, eval_set=[(X, y), (X, y)])
    assert np.isnan(estimator.evals_result_["validation_1"]["loss"]).all()
    assert len(estimator.evals_result_["validation_1"]["accuracy"]) == estimator.n_iter_


@pytest.mark.parametrize(
    ("eval_set", "words"),
    [
        ([], "at least one tuple (X, y), got an empty list"),
        ([*data("iris")], "eval_set[0] must be a tuple (X, y) or (X, y, sample_weight), got nda"),
        ([data("iris"), (1, 2, 3, 4)], "eval_set[1] must be a tuple"),
        ([data("iris"), (data("iris")[0], data("iris")[1] + 1)], "eval_set[1] has classes that y"),
    ],
)
def test_a_wrong_list_is_refused(eval_set, words):
    with pytest.raises(ValueError) as error:
        MLPClassifier().fit(*data("iris"), eval_set=eval_set)
    assert words in str(error.value)
