"""The progress bar follows a fit and changes nothing in it."""

import builtins

import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier, MLPRegressor

from tests.estimators.perceptrons import UNHEEDED, data

pytestmark = pytest.mark.filterwarnings(*UNHEEDED)

SMALL = {"hidden_layer_sizes": (9,), "random_state": 1, "max_iter": 60, "n_iter_no_change": 7}
FITS = {
    "adam": {},
    "sgd": {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.01},
    "poisson": {"loss": "poisson"},
    "early stopping": {"early_stopping": True, "tol": 0.01},
    "rprop": {"solver": "rprop"},
    "lbfgs": {"solver": "lbfgs"},
    "lm": {"solver": "lm", "activation": "tanh"},
}


class Bar:
    """Stands for tqdm's bar, and records its calls."""

    def __init__(self, **options):
        self.options, self.n, self.texts, self.counts, self.closed = options, 0, [], [], False
        Bar.latest = self

    def set_postfix_str(self, text, refresh=True):
        self.texts.append(text)

    def update(self, epochs):
        self.n += epochs
        self.counts.append(self.n)

    def close(self):
        self.closed = True


@pytest.fixture(autouse=True)
def bars(monkeypatch):
    Bar.latest = None
    monkeypatch.setattr("tqdm.tqdm", Bar)


def regression(name):
    X, y = data("diabetes")
    return X, y - y.min() if name == "poisson" else y


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("name", FITS)
def test_a_bar_follows_a_fit_and_changes_no_bit(name, watched):
    if watched and name == "lbfgs":
        pytest.skip("it takes no eval_set")
    X, y = regression(name)
    options = {"eval_set": (X[:50], y[:50])} if watched else {}
    shown, plain = (
        MLPRegressor(**SMALL | FITS[name]).fit(X, y, progress=progress, **options)
        for progress in (True, False)
    )
    bar = Bar.latest
    assert bar.options["total"] == SMALL["max_iter"] and bar.closed
    assert bar.n == shown.n_iter_ == plain.n_iter_ > 5
    assert bar.counts == sorted(bar.counts)
    assert shown.loss_ == plain.loss_
    np.testing.assert_array_equal(shown.predict(X), plain.predict(X))
    last = shown.loss_curve_[-1] if hasattr(shown, "loss_curve_") else shown.loss_
    assert bar.texts[-1].startswith(f"loss {last:.6g}")
    if shown.validation_loss_curve_:
        loss = shown.validation_loss_curve_[-1]
        assert bar.texts[-1].endswith(f"validation loss {loss:.6g}")
    else:
        assert "validation" not in bar.texts[-1]


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_a_bar_moves_within_many_epochs_in_one_call_of_the_core(loss):
    X, y = regression(loss)
    options = {"tol": 0, "n_iter_no_change": 1000, "max_iter": 300, "hidden_layer_sizes": (90, 90)}
    estimator = MLPRegressor(loss, **SMALL | options)
    estimator.fit(X, y, progress=True, eval_set=(X, y))
    assert len(Bar.latest.texts) > 1  # the last is of the call's end
    for count, text in zip(Bar.latest.counts, Bar.latest.texts, strict=True):
        loss, validation = estimator.loss_curve_[count - 1], estimator.validation_loss_curve_
        assert text == f"loss {loss:.6g}, validation loss {validation[count - 1]:.6g}"


def test_a_plain_fit_and_a_refused_one_show_no_bar():
    X, y = data("iris")
    MLPClassifier(**SMALL).fit(X, y)
    with pytest.raises(ValueError):
        MLPClassifier(**SMALL).fit(X, y[:-1], progress=True)
    assert Bar.latest is None


def test_a_missing_tqdm_is_explained_before_anything_changes(monkeypatch):
    def without_tqdm(name, *arguments):
        if name == "tqdm":
            raise ImportError(name)
        return original(name, *arguments)

    original = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without_tqdm)
    estimator = MLPClassifier(**SMALL)
    with pytest.raises(ImportError, match="pip install tqdm"):
        estimator.fit(*data("iris"), progress=True)
    assert not hasattr(estimator, "coefs_")
