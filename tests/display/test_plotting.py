"""Loss curves by matplotlib, in the manner of scikit-learn's displays."""

import subprocess
import sys

import denseloop as dl
import numpy as np
import pytest

pytest.importorskip("matplotlib")
from denseloop.plotting import LossCurveDisplay
from matplotlib import pyplot
from matplotlib.figure import Figure

from tests.display.histories import FALLING, HISTORIES


@pytest.fixture(autouse=True)
def no_window(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    yield
    pyplot.close("all")


@pytest.fixture
def ax():
    return Figure().subplots()


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_every_history_can_be_drawn(history, ax):
    display = history.plot(ax)
    display.figure_.canvas.draw()
    drawn = np.where(np.isfinite(history.loss), history.loss, np.nan)
    np.testing.assert_array_equal(display.line_.get_ydata(), drawn)
    np.testing.assert_array_equal(display.line_.get_xdata(), np.arange(len(drawn)))
    assert (display.validation_line_ is None) == (history.validation_loss is None)
    assert (display.best_epoch_line_ is None) == (history.best_epoch is None)


def test_the_best_epoch_is_a_point_of_the_validation_curve(ax):
    history = HISTORIES["validated"]
    display = LossCurveDisplay.from_history(history, ax=ax, name="a")
    best = history.best_epoch
    (point,) = display.best_epoch_line_.get_xydata()
    np.testing.assert_array_equal(point, display.validation_line_.get_xydata()[best])
    assert legend(display) == ["a: training", "a: validation", f"a: best epoch, {best}"]


def test_without_axes_a_figure_is_made_and_with_axes_none():
    display = LossCurveDisplay(loss=[0.7, 0.03]).plot()
    assert pyplot.get_fignums() == [display.figure_.number]
    display.figure_.canvas.draw()
    assert display.ax_.yaxis.label.get_window_extent().x0 > 0  # wide numbers leave room for it
    again = HISTORIES["validated"].plot(display.ax_)
    assert again.ax_ is display.ax_ and again.figure_ is display.figure_
    assert len(pyplot.get_fignums()) == 1 and len(display.ax_.get_lines()) == 4


@pytest.mark.parametrize(
    "losses, scale",
    [(FALLING, "log"), ([9.0, 1.0], "linear"), ([9.0, 0.0], "linear"), ([np.inf, 9.0], "linear")],
)
def test_the_scale_is_logarithmic_for_a_wide_range_of_positive_losses(losses, scale, ax):
    assert LossCurveDisplay(loss=losses).plot(ax).ax_.get_yscale() == scale


def test_the_scale_follows_from_all_curves_on_the_axes(ax):
    LossCurveDisplay(loss=[9.0, 8.0]).plot(ax)
    assert ax.get_yscale() == "linear"
    LossCurveDisplay(loss=[0.9, 0.8]).plot(ax)
    assert ax.get_yscale() == "log"
    LossCurveDisplay(loss=[0.9, -0.8]).plot(ax)
    assert ax.get_yscale() == "linear"


@pytest.mark.parametrize("epochs", [2, 3, 50, 50_001, 200_000, 1_000_000])
def test_the_epochs_are_whole_numbers_that_do_not_overlap(epochs):
    figure = Figure(figsize=(3.5, 3))
    display = LossCurveDisplay(loss=np.linspace(2.0, 1.0, epochs)).plot(figure.subplots())
    figure.canvas.draw()
    labels = [each for each in display.ax_.get_xticklabels() if each.get_text()]
    assert all(float(at).is_integer() for at in display.ax_.get_xticks())
    extents = [label.get_window_extent() for label in labels]
    assert all(left.x1 < right.x0 for left, right in zip(extents, extents[1:]))


def test_options_go_to_both_lines_which_share_a_color(ax):
    display = HISTORIES["validated"].plot(ax, name="x", color="red", linewidth=3)
    for line in (display.line_, display.validation_line_):
        assert (line.get_color(), line.get_linewidth()) == ("red", 3)
    assert display.best_epoch_line_.get_color() == "red"
    assert (display.line_.get_linestyle(), display.validation_line_.get_linestyle()) == ("-", "--")
    other = HISTORIES["validated"].plot(ax)
    assert other.line_.get_color() == other.validation_line_.get_color() != "red"


def test_a_name_given_to_plot_replaces_that_of_the_display(ax):
    display = LossCurveDisplay(loss=[1.0], name="first")
    assert legend(display.plot(ax)) == ["first: training"]
    assert legend(display.plot(Figure().subplots(), name="second")) == ["second: training"]


def test_what_is_no_history_is_refused():
    with pytest.raises(TypeError, match=r"history must be a History.*got \[.*for each"):
        LossCurveDisplay.from_history([HISTORIES["falling"]])


@pytest.fixture
def samples(random):
    X = random.standard_normal((40, 2))
    return X, (X[:, 0] > 0).astype(int)


@pytest.mark.parametrize("solver", ["sgd", "adam", "rprop", "lm"])
def test_the_curves_of_an_estimator(solver, samples, ax):
    X, y = samples
    regressor = dl.neural_network.MLPRegressor(
        hidden_layer_sizes=(3,), solver=solver, max_iter=5, random_state=0
    )
    with pytest.warns(Warning, match="Maximum iterations"):
        regressor.fit(X, y)
    display = LossCurveDisplay.from_estimator(regressor, ax=ax)
    np.testing.assert_array_equal(display.line_.get_ydata(), regressor.loss_curve_)
    assert len(regressor.loss_curve_) > 1
    assert legend(display) == ["MLPRegressor: training"]


def test_the_validation_losses_of_an_estimator(samples, ax):
    X, y = samples
    classifier = dl.neural_network.MLPClassifier((3,), max_iter=5, random_state=0)
    with pytest.warns(Warning, match="Maximum iterations"):
        classifier.fit(X, y, eval_set=(X[:10], y[:10]))
    display = LossCurveDisplay.from_estimator(classifier, ax=ax, name="mine")
    curve = classifier.validation_loss_curve_
    np.testing.assert_array_equal(display.validation_line_.get_ydata(), curve)
    best = int(np.argmin(curve))
    assert legend(display) == ["mine: training", "mine: validation", f"mine: best epoch, {best}"]


def test_an_estimator_without_a_curve_is_refused(samples):
    classifier = dl.neural_network.MLPClassifier(solver="lbfgs", max_fun=1)
    message = r"must have a loss_curve_, .* solver but 'lbfgs'; got MLPClassifier\(.*lbfgs"
    with pytest.raises(ValueError, match=message):
        LossCurveDisplay.from_estimator(classifier)
    with pytest.warns(Warning, match="lbfgs failed to converge"):
        classifier.fit(*samples)
    with pytest.raises(ValueError, match=message):
        LossCurveDisplay.from_estimator(classifier)


@pytest.mark.parametrize("response_method", ["predict", "predict_proba"])
def test_scikit_learn_draws_the_decision_boundaries_of_the_estimators(response_method, samples, ax):
    from sklearn.inspection import DecisionBoundaryDisplay

    X, y = samples
    classifier = dl.neural_network.MLPClassifier((3,), solver="lbfgs", random_state=0).fit(X, y)
    display = DecisionBoundaryDisplay.from_estimator(
        classifier, X, response_method=response_method, grid_resolution=20, ax=ax
    )
    assert len(np.unique(display.response)) > 1


def in_a_fresh_python(program):
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    return run.stdout + run.stderr


def test_importing_and_showing_needs_no_matplotlib():
    program = """
import sys
import denseloop as dl
net = dl.Network([1, 1], seed=0)
history = net.train([[1.0]], [[0.5]], epochs=3, learning_rate=0.1)
net._repr_html_(), history._repr_html_(), net.summary(), repr(history)
print("plotting" in dir(dl), "matplotlib" in sys.modules)
dl.plotting.LossCurveDisplay
print("matplotlib" in sys.modules, "matplotlib.pyplot" in sys.modules)
"""
    assert in_a_fresh_python(program) == "True False\nTrue False\n"


def test_a_missing_matplotlib_is_named():
    program = """
import sys
sys.modules["matplotlib"] = None
import denseloop as dl
print(hasattr(dl, "plotting"), dl.History([1.0]))
dl.History([1.0]).plot()
"""
    output = in_a_fresh_python(program)
    assert output.startswith("False <History: 1 epoch, loss 1 to 1, stopped_by='epochs'>\n")
    assert "\nImportError: denseloop.plotting needs matplotlib: pip install matplotlib" in output
