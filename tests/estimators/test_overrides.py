"""What overrides a part of scikit-learn's loop is called, with scikit-learn's results."""

import copy
import logging

import numpy as np
import pytest
from denseloop import Huber
from denseloop.neural_network import MLPRegressor

from tests.estimators.perceptrons import (
    UNHEEDED,
    assert_same_parameters,
    data_for,
    ours,
    theirs,
)

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

BOTH = ["MLPClassifier", "MLPRegressor"]
SMALL = {"hidden_layer_sizes": (6, 4), "random_state": 1, "max_iter": 6}


class Penalty:
    def _backprop(self, *arguments):
        loss, coef_grads, intercept_grads = super()._backprop(*arguments)
        pairs = zip(coef_grads, self.coefs_, strict=True)
        return loss, [grad + 0.1 * np.sign(coef) for grad, coef in pairs], intercept_grads


class Frozen:
    def _compute_loss_grad(self, layer, *arguments):
        super()._compute_loss_grad(layer, *arguments)
        arguments[3][layer][...] *= layer > 0


class Dropout:
    def _forward_pass(self, activations):
        activations = super()._forward_pass(activations)
        activations[1][:, 0] = 0
        return activations


class Counted:
    def _update_no_improvement_count(self, *arguments):
        super()._update_no_improvement_count(*arguments)
        self._optimizer.learning_rate_init *= 0.5
        if self.n_iter_ == 4:
            self._no_improvement_count = self.n_iter_no_change + 1


class LossOfLbfgs:
    def _loss_grad_lbfgs(self, *arguments):
        loss, grad = super()._loss_grad_lbfgs(*arguments)
        return 2 * loss, 2 * grad


class Unpacked:
    def _unpack(self, packed):
        super()._unpack(packed)
        self.coefs_[0][0] = 0


class NotTrained:
    def _fit_stochastic(self, *arguments):
        self.loss_, self.loss_curve_ = 0.0, []

    def _fit_lbfgs(self, *arguments):
        self.loss_ = 0.0


class Scored:
    def _score_with_function(self, X, y, sample_weight, score_function):
        return -float(self.n_iter_)


class Predicted:
    def _predict(self, X, check_input=True):
        return np.roll(super()._predict(X, check_input=check_input), 1)


class Forwarded:
    def _forward_pass_fast(self, X, check_input=True):
        return super()._forward_pass_fast(X, check_input=check_input)[::-1].copy()


class Initial:
    def _init_coef(self, fan_in, fan_out, dtype):
        coef, intercept = super()._init_coef(fan_in, fan_out, dtype)
        return 2 * coef, 0 * intercept


class InitialInAnotherType(Initial):
    def _init_coef(self, fan_in, fan_out, dtype):
        return super()._init_coef(fan_in, fan_out, np.float64 if dtype == "f4" else np.float32)


class Bounded:
    def _initialize(self, *arguments):
        super()._initialize(*arguments)
        self.out_activation_ = "logistic"


class Checked:
    def _validate_input(self, X, y, incremental, reset):
        X, y = super()._validate_input(X, y, incremental=incremental, reset=reset)
        return X - 1, y


class Wrapped:
    def _fit(self, X, y, sample_weight=None, incremental=False):
        self.incremental_ = incremental
        return super()._fit(X, y, sample_weight=sample_weight, incremental=incremental)


MIXINS = [
    *(Penalty, Frozen, Dropout, Counted, LossOfLbfgs, Unpacked, NotTrained, Scored, Predicted),
    *(Forwarded, Initial, InitialInAnotherType, Bounded, Checked, Wrapped),
]
OPTIONS = {
    "adam": {},
    "sgd": {"solver": "sgd", "learning_rate": "adaptive", "batch_size": 20},
    "lbfgs": {"solver": "lbfgs"},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 1, "activation": "tanh"},
}


def subclasses(name, mixin):
    """Return scikit-learn's and our estimator, each with the mixin before it."""
    return [type(mixin.__name__, (mixin, getattr(module, name)), {}) for module in (theirs, ours)]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("mixin", MIXINS)
@pytest.mark.parametrize("name", BOTH)
def test_an_override_is_called(name, mixin, options):
    X, y = data_for(name)
    fitted = [kind(**SMALL, **OPTIONS[options]).fit(X, y) for kind in subclasses(name, mixin)]
    assert_same_parameters(*fitted, X)


@pytest.mark.parametrize("mixin", [Penalty, InitialInAnotherType, Bounded, Wrapped])
@pytest.mark.parametrize("name", BOTH)
def test_an_override_is_called_in_partial_fits_and_for_float32(name, mixin):
    X, y = data_for(name)
    X = X.astype(np.float32)
    estimators = [kind(**SMALL) for kind in subclasses(name, mixin)]
    for estimator in estimators:
        for _ in range(3):
            options = {"classes": np.unique(y)} if name == "MLPClassifier" else {}
            estimator.partial_fit(X, y, **options)
    for wanted, value in zip(estimators[0].coefs_, estimators[1].coefs_, strict=True):
        assert value.dtype == wanted.dtype
        np.testing.assert_allclose(value, wanted, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", BOTH)
def test_scikit_learns_loop_gives_its_bits(name):
    X, y = data_for(name)
    for options in OPTIONS.values():
        fitted = [kind(**SMALL, **options).fit(X, y) for kind in subclasses(name, Penalty)]
        assert_same_parameters(*fitted, X, exact=True)


@pytest.mark.parametrize("where", ["estimator", "class", "base class"])
@pytest.mark.parametrize("name", BOTH)
def test_a_method_can_be_set_after_a_first_fit(name, where, monkeypatch):
    X, y = data_for(name)
    fitted = []
    for module in (theirs, ours):
        kind = type("Own", (getattr(module, name),), {})
        estimator = kind(**SMALL, warm_start=True).fit(X, y)
        original = kind._backprop

        def backprop(*arguments, original=original):
            loss, coef_grads, intercept_grads = original(*arguments)
            return loss, [grad + 0.1 for grad in coef_grads], intercept_grads

        with monkeypatch.context() as patch:
            if where == "estimator":
                patch.setattr(estimator, "_backprop", backprop.__get__(estimator), raising=False)
            else:
                owner = kind if where == "class" else kind.__bases__[0]
                patch.setattr(owner, "_backprop", backprop, raising=False)
            fitted.append(estimator.fit(X, y))
    assert_same_parameters(*fitted, X)


@pytest.mark.parametrize("mixin", [Penalty, NotTrained, Bounded])
@pytest.mark.parametrize("name", BOTH)
def test_an_estimator_is_whole_after_scikit_learns_loop(name, mixin):
    X, y = data_for(name)
    estimators = [kind(**SMALL, warm_start=True) for kind in subclasses(name, mixin)]
    for estimator in estimators:
        estimator.fit(X, y).fit(X, y).partial_fit(X, y)
        estimator.coefs_[0][:, 0] = 0.5
        estimator.coefs_[1] = estimator.coefs_[1] + 0.1
        estimator.fit(X, y)
    assert_same_parameters(*estimators, X)
    copied = copy.deepcopy(estimators[1])
    for each in (estimators[1], copied):
        each.partial_fit(X, y)
    np.testing.assert_array_equal(copied.predict(X), estimators[1].predict(X))
    assert copied.evals_result_ == {} and copied._by_scikit_learn is False


OWN = {
    "eval_set": ({}, {"eval_set": (np.zeros((3, 10)), np.zeros(3))}),
    "solver='rprop'": ({"solver": "rprop"}, {}),
    "solver='lm'": ({"solver": "lm", "hidden_layer_sizes": 3}, {}),
    "loss=Huber": ({"loss": Huber(1.0)}, {}),
    "loss='quantile'": ({"loss": "quantile"}, {}),
    "activation='gelu'": ({"activation": "gelu"}, {}),
    r"activation=\['relu', 'tanh'\]": ({"activation": ["relu", "tanh"]}, {}),
    "stopping_criterion='loss'": ({"stopping_criterion": "loss", "early_stopping": True}, {}),
}


@pytest.mark.parametrize("option", OWN)
def test_what_only_denseloop_has_does_not_go_with_an_override(option):
    X, y = data_for("MLPRegressor")
    kind = subclasses("MLPRegressor", Penalty)[1]
    parameters, arguments = OWN[option]
    estimator = kind(**SMALL | parameters)
    with pytest.raises(ValueError, match=rf"Penalty\._backprop.*{option}"):
        estimator.fit(X, y, **arguments)
    assert not hasattr(estimator, "coefs_")
    with pytest.raises(ValueError, match="_fit cannot be given eval_set"):
        subclasses("MLPRegressor", Wrapped)[1]().fit(X, y, eval_set=(X, y))


def test_callbacks_do_not_go_with_an_override():
    pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks since 1.9")
    from sklearn.callback import ScoringMonitor

    estimator = subclasses("MLPRegressor", Penalty)[1](**SMALL)
    estimator.set_callbacks(ScoringMonitor(scoring="r2"))
    with pytest.raises(ValueError, match=r"Penalty\._backprop.*callbacks"):
        estimator.fit(*data_for("MLPRegressor"))


def test_class_weights_and_the_name_sigmoid_go_with_an_override():
    X, y = data_for("MLPClassifier")
    theirs_kind, ours_kind = subclasses("MLPClassifier", Penalty)
    weights = {0: 1.0, 1: 2.0, 2: 0.5}
    expected = theirs_kind(**SMALL, activation="logistic").fit(
        X, y, sample_weight=np.array([weights[label] for label in y])
    )
    found = ours_kind(**SMALL, activation="sigmoid", class_weight=weights).fit(X, y)
    assert found.activation == "sigmoid"
    assert_same_parameters(expected, found, X, exact=True)


def test_a_fit_by_scikit_learns_loop_is_logged(caplog):
    X, y = data_for("MLPRegressor")
    caplog.set_level(logging.INFO, "denseloop")
    MLPRegressor(**SMALL).fit(X, y)
    assert not caplog.records
    subclasses("MLPRegressor", Penalty)[1](**SMALL).fit(X, y)
    (record,) = caplog.records
    assert record.name == "denseloop" and record.levelno == logging.INFO
    assert "Penalty._backprop" in record.getMessage()


UNUSED = {
    "the other solver": (LossOfLbfgs, {}),
    "no early stopping": (Scored, {}),
    "prediction": (Predicted, {}),
    "initialization": (Initial, {}),
}


@pytest.mark.parametrize("reason", UNUSED)
def test_an_override_that_the_core_can_heed_leaves_the_fit_to_it(reason, caplog):
    X, y = data_for("MLPRegressor")
    mixin, options = UNUSED[reason]
    caplog.set_level(logging.INFO, "denseloop")
    subclasses("MLPRegressor", mixin)[1](**SMALL, **options).fit(X, y)
    assert not caplog.records


def watched_classes(module):
    """Return classes that watch what a fit sets, made of a module's regressor."""

    class Weights(module.MLPRegressor):
        @property
        def coefs_(self):
            if "kept" not in vars(self):
                raise AttributeError("coefs_")
            return vars(self)["kept"]

        @coefs_.setter
        def coefs_(self, value):
            vars(self)["kept"] = value

    class Epochs(module.MLPRegressor):
        seen = 0

        def __setattr__(self, name, value):
            if name == "loss_":
                type(self).seen += 1
            super().__setattr__(name, value)

    return Weights, Epochs


@pytest.mark.parametrize("k", [0, 1])
def test_a_class_that_watches_its_attributes_sees_them(k, caplog):
    X, y = data_for("MLPRegressor")
    caplog.set_level("INFO", "denseloop")
    outcomes = []
    for module in (theirs, ours):
        kind = watched_classes(module)[k]
        estimator = (
            kind(hidden_layer_sizes=(5,), max_iter=7, random_state=0).fit(X, y).partial_fit(X, y)
        )
        outcomes.append((estimator.predict(X), estimator.n_iter_, getattr(kind, "seen", None)))
    for found, wanted in zip(*outcomes):
        np.testing.assert_array_equal(found, wanted)
    assert "coefs_" in caplog.text or "__setattr__" in caplog.text
