"""scikit-learn's callbacks follow the perceptrons, and can end a fit."""

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor
from scipy.sparse import random_array
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.estimators.perceptrons import UNHEEDED, data

pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks since 1.9")
pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

SMALL = {"hidden_layer_sizes": (9,), "random_state": 1, "max_iter": 20}


class Recorder:
    """Records its calls in order, and ends the fit after `end_after` epochs if it is given."""

    def __init__(self, last=None):
        self.told, self.scores, self.last = [], [], last

    def setup(self, estimator, context):
        self.told.append("setup")

    def teardown(self, estimator, context):
        self.told.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.told.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        self.told.append(("end", context.task_name, context.task_id))
        self.scores.append(fitted_estimator.score(X, y))
        return context.task_id == self.last


SOLVERS = ["sgd", "adam", "rprop", "lbfgs", "lm"]


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_callback_is_called_for_each_epoch(solver):
    X, y = data("diabetes")
    recorder = Recorder()
    estimator = MLPRegressor(**SMALL, solver=solver).set_callbacks(recorder).fit(X, y)
    epochs = [("epoch", k) for k in range(estimator.n_iter_)]
    ends = [told[1:] for told in recorder.told if told[0] == "end"]
    begins = [told[1:] for told in recorder.told if told[0] == "begin"]
    assert ends == [*epochs, ("fit", 0)] and begins == [("fit", 0), *epochs]
    assert recorder.told[0] == "setup" and recorder.told[-1] == "teardown"
    assert recorder.scores[-1] == recorder.scores[-2] == estimator.score(X, y)
    assert recorder.scores[0] < recorder.scores[-1]


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_callback_changes_nothing(solver):
    X, y = data("diabetes")
    watched = MLPRegressor(**SMALL, solver=solver).set_callbacks(Recorder()).fit(X, y)
    alone = MLPRegressor(**SMALL, solver=solver).fit(X, y)
    np.testing.assert_array_equal(watched.predict(X), alone.predict(X))
    assert watched.n_iter_ == alone.n_iter_


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_callback_can_end_a_fit(solver):
    X, y = data("diabetes")
    estimator = MLPRegressor(**SMALL, solver=solver).set_callbacks(Recorder(last=3)).fit(X, y)
    assert estimator.n_iter_ == 4
    shorter = MLPRegressor(**SMALL | {"max_iter": 4}, solver=solver).fit(X, y)
    np.testing.assert_allclose(estimator.predict(X), shorter.predict(X), rtol=1e-9)


def test_a_callback_sees_the_epochs_of_partial_fits_and_of_sparse_samples():
    X, y = data("iris")
    recorder = Recorder()
    estimator = MLPClassifier(**SMALL).set_callbacks(recorder)
    estimator.partial_fit(X, y, classes=[0, 1, 2])
    X = random_array((3000, 800), density=0.01, format="csr", rng=0)
    estimator.fit(X, np.arange(3000) % 2)
    ends = [told[1:] for told in recorder.told if told[0] == "end"]
    epochs = [("epoch", k) for k in range(estimator.n_iter_)]
    assert ends == [("epoch", 0), ("fit", 0), *epochs, ("fit", 0)]


def test_a_callback_that_fails_ends_the_fit_with_its_error():
    class Failing(Recorder):
        def on_fit_task_end(self, estimator, context, **told):
            raise RuntimeError("no more")

    recorder = Failing()
    with pytest.raises(RuntimeError, match="no more"):
        MLPClassifier(**SMALL).set_callbacks(recorder).fit(*data("iris"))
    assert recorder.told[-1] == "teardown"


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_callback_that_fails_leaves_weights_and_counts_of_one_epoch(solver):
    class Failing(Recorder):
        def on_fit_task_end(self, estimator, context, **told):
            if context.task_id == 2:
                raise RuntimeError("no more")

    X, y = data("diabetes")
    failed = MLPRegressor(**SMALL, solver=solver).set_callbacks(Failing())
    with pytest.raises(RuntimeError, match="no more"):
        failed.fit(X, y)
    shorter = MLPRegressor(**SMALL | {"max_iter": 3}, solver=solver).fit(X, y)
    assert failed.n_iter_ == 3 and failed.loss_ == shorter.loss_
    assert getattr(failed, "loss_curve_", []) == getattr(shorter, "loss_curve_", [])
    np.testing.assert_array_equal(failed.predict(X), shorter.predict(X))


@pytest.mark.parametrize("in_pipeline", [False, True])
def test_the_scoring_monitor_has_the_scores_after_each_epoch(in_pipeline):
    from sklearn.callback import ScoringMonitor

    X, y = data("iris")
    monitor = ScoringMonitor(scoring="accuracy")
    estimator = MLPClassifier(**SMALL).set_callbacks(monitor)
    whole = make_pipeline(StandardScaler(), estimator) if in_pipeline else estimator
    whole.fit(X, y)
    logged = monitor.get_logs()
    log = logged[0] if isinstance(logged, list) else logged
    scores = [row["accuracy"] for row in log.data if row["task_name"] == "epoch"]
    assert len(scores) == estimator.n_iter_ and scores[-1] == whole.score(X, y)
