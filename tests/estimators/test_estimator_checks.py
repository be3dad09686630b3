"""The perceptrons pass scikit-learn's checks of estimators."""

import pytest
from denseloop import Huber
from denseloop.neural_network import MLPClassifier, MLPRegressor
from sklearn import neural_network as theirs
from sklearn.utils.estimator_checks import parametrize_with_checks

from tests.estimators.perceptrons import UNHEEDED, messages_of

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)


def checks(*estimators):
    mark = parametrize_with_checks(list(estimators))
    names, cases = mark.args
    # scikit-learn 1.7 has a generator here, and pytest warns of generators.
    return pytest.mark.parametrize(names, list(cases), **mark.kwargs)


@checks(
    MLPClassifier(),
    MLPClassifier(5, solver="sgd", learning_rate_init=0.1),
    MLPClassifier(5, solver="lbfgs", max_iter=50),
    MLPClassifier(5, solver="rprop", activation=["tanh"]),
    MLPRegressor(),
    MLPRegressor("absolute_error", solver="sgd", learning_rate_init=0.1),
    MLPRegressor(Huber(2.0), 5, solver="lbfgs", max_iter=50),
    MLPRegressor("quantile", 5, solver="rprop", activation=["tanh"]),
    MLPRegressor(hidden_layer_sizes=5, solver="lm", max_iter=50),
)
def test_scikit_learns_checks_pass(estimator, check):
    check(estimator)


# Some checks have too few samples for a validation set, or use partial_fit.
@checks(MLPClassifier(5, early_stopping=True, n_iter_no_change=2))
def test_with_early_stopping_they_fail_only_where_scikit_learns_do_in_its_words(estimator, check):
    if check.func.__name__ == "check_class_weight_classifiers":
        pytest.skip("scikit-learn's has no class_weight")
    parameters = theirs.MLPClassifier().get_params()
    parameters = {name: getattr(estimator, name) for name in parameters}
    expected, found = (
        messages_of(lambda e=perceptron: check(e))[1]
        for perceptron in (theirs.MLPClassifier(**parameters), estimator)
    )
    if found is not None:  # the other lines of the message have numbers
        assert expected is not None
        assert found[0] is expected[0]
        assert found[1].strip().split("\n")[0] == expected[1].strip().split("\n")[0]
