"""The tutorials' listings and replays reach the published figures."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import denseloop as dl
import numpy as np
import pytest
from denseloop.tutorials import NAMES, listings, replay
from denseloop.tutorials.catalogue import TUTORIALS

# The listings reach these under NumPy 2.4 in float64.
MEASURED = {
    "paperspace-1-1": {"prediction": 0.30099799899101304},
    "paperspace-3-2-1": {"prediction": 0.20008074489260244},
    "paperspace-10-2-1": {"prediction": 0.20004328562273488},
    "stackabuse-perceptron": {"error": 4.179259462148642},
    "stackabuse-multiclass": {"first loss": 3101.2779592613765, "last loss": 0.5302224667748194},
}
# The tutorials print these, with so many digits. The error 4.17 is truncated, not rounded.
PUBLISHED = {
    "paperspace-2-1": {"error": (0.0, 1e-15), "prediction": (0.3, 1e-12)},
    "paperspace-10-1": {"error": (0.0, 1e-15), "prediction": (0.3, 1e-12)},
    "paperspace-3-5-1": {"prediction": (0.2, 1e-6)},
    "paperspace-3-8-1": {"prediction": (0.2, 1e-6)},
    "stackabuse-toy-perceptron": {
        "output of [1, 0, 0]": (0.00707584, 5e-9),
        "output of [0, 1, 0]": (0.99837029, 5e-9),
    },
    "stackabuse-hidden-layer": {"error": (1.50, 5e-3)},
}


@pytest.fixture(scope="module")
def replays():
    return {name: replay(name) for name in NAMES}


def test_every_replay_has_a_figure_to_reach():
    assert set(MEASURED) | set(PUBLISHED) == set(NAMES)


@pytest.mark.parametrize("name", MEASURED)
def test_measured_figures_are_reached(name, replays):
    for figure, value in MEASURED[name].items():
        assert replays[name].reached[figure] == pytest.approx(value, rel=1e-9, abs=0)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_figures_are_reached(name, replays):
    for figure, (value, tolerance) in PUBLISHED[name].items():
        assert replays[name].reached[figure] == pytest.approx(value, rel=0, abs=tolerance)
        assert replays[name].published[figure] == value


def test_the_multiclass_loss_passes_its_published_figures(replays):
    loss = replays["stackabuse-multiclass"].history.loss
    assert loss[200] == pytest.approx(20.518567596960885, rel=1e-9)


def test_the_slower_learning_rate_of_part_1():
    reached = replay("paperspace-1-1", learning_rate=0.01).reached["prediction"]
    assert reached == pytest.approx(0.4900398145654105, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "textbook", "figure", "value"),
    [
        ("stackabuse-perceptron", "derivative_at", "error", 4.148739980479727),
        ("stackabuse-toy-perceptron", "derivative_at", "output of [1, 0, 0]", 0.03124953),
        ("stackabuse-toy-perceptron", "derivative_at", "output of [0, 1, 0]", 0.98762539),
        ("paperspace-10-2-1", "update_order", "prediction", 0.20004328562273516),
    ],
)
def test_without_its_quirk_a_listing_gives_the_textbook_figure(
    name, textbook, figure, value, monkeypatch
):
    listing = TUTORIALS[name]
    options = {k: v for k, v in listing.options.items() if k != textbook}
    monkeypatch.setitem(TUTORIALS, name, replace(listing, options=options))
    assert replay(name).reached[figure] == pytest.approx(value, rel=1e-6, abs=0)


# The number of iterations compared: all of them, if that takes seconds.
COMPARED = {
    "paperspace-1-1": 10_000,
    "paperspace-2-1": 80_000,
    "paperspace-10-1": 300_000,
    "paperspace-3-2-1": 80_000,
    "paperspace-10-2-1": 80_000,
    "paperspace-3-5-1": 20_000,
    "paperspace-3-8-1": 20_000,
    "stackabuse-toy-perceptron": 20_000,
    "stackabuse-perceptron": 20_000,
    "stackabuse-hidden-layer": 1_000,  # later on, the descent amplifies a difference in a last bit
    "stackabuse-multiclass": 2_000,
}


def test_every_listing_is_compared():
    assert set(COMPARED) == set(NAMES)


def printed(name, functions):
    """Return what the listing prints: the prediction for Paperspace's, otherwise the error."""
    steps = islice(TUTORIALS[name].start_listing(functions=functions), COMPARED[name])
    return np.array([step[0] if isinstance(step, tuple) else step for step in steps])


@pytest.mark.parametrize("name", COMPARED)
def test_listings_run_unchanged_with_our_functions_and_in_the_loop(name, replays):
    expected = printed(name, listings.FORMULAS)
    np.testing.assert_allclose(printed(name, dl), expected, rtol=1e-12)
    history = replays[name].history
    looped = history.loss if history.output is None else history.output[:, 0, 0]
    np.testing.assert_allclose(looped[: len(expected)], expected, rtol=1e-12)


def test_epochs_and_seed_can_be_chosen():
    short = replay("paperspace-3-2-1", epochs=5, seed=7)
    assert len(short.history.loss) == 5
    assert short.history.loss[0] != replay("paperspace-3-2-1", epochs=5).history.loss[0]
    moons = [replay("stackabuse-hidden-layer", epochs=1, seed=seed) for seed in (None, 3)]
    np.testing.assert_array_equal(moons[0].X, moons[1].X)
    assert moons[0].history.loss != moons[1].history.loss


def test_a_replay_that_diverges_at_once_says_so():
    with (
        pytest.raises(
            FloatingPointError, match="stackabuse-multiclass diverged in its first epoch"
        ),
        pytest.warns(dl.DivergenceWarning),
    ):
        replay("stackabuse-multiclass", learning_rate=1e308)


def test_wrong_arguments_are_refused():
    with pytest.raises(TypeError, match="seed must be an integer, got 'a'"):
        replay("paperspace-1-1", seed="a")
    with pytest.raises(ValueError, match="name must be one of"):
        replay(["paperspace-1-1"])
    with pytest.raises(ValueError, match="name must be one of 'paperspace-1-1', .*; got 'nope'"):
        replay("nope")
    with pytest.raises(ValueError, match="epochs must be at least 1, got 0"):
        replay("paperspace-1-1", epochs=0)
    with pytest.raises(ValueError, match="learning_rate must be at least 0"):
        replay("paperspace-1-1", learning_rate=-1)


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_drawn(name, replays, tmp_path):
    from matplotlib.image import imread

    replays[name].plot(tmp_path / "figure.png")
    pixels = imread(tmp_path / "figure.png")
    assert pixels.shape[0] > 300 and pixels.shape[1] > 500
    assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 20


@pytest.mark.parametrize("name", NAMES)
def test_figures_name_what_they_show(name, replays):
    from denseloop.tutorials.figures import replay_figure

    shown = replays[name]
    figure = replay_figure(name, shown.X, shown.y, shown.network, shown.history)
    assert figure.get_suptitle() == name
    for axis in figure.axes:
        assert axis.get_title() and axis.get_xlabel() and axis.get_ylabel()
        drawn = len(axis.lines) + len(axis.collections)
        assert drawn == 1 or axis.get_legend()


def test_a_seed_and_a_learning_rate_are_the_listings_too():
    options = {"seed": 3, "learning_rate": 0.01}
    steps = islice(TUTORIALS["paperspace-3-2-1"].start_listing(**options), 50)
    looped = replay("paperspace-3-2-1", epochs=50, **options).history.output[:, 0, 0]
    np.testing.assert_allclose(looped, [predicted for predicted, _ in steps], rtol=1e-12)


QUIRKS = ("derivative_at", "update_order")


def row_of_the_page(name, shown):
    """Return the listing's row in docs/come_from/numpy.md."""
    tutorial = TUTORIALS[name]
    loss = tutorial.options.get("loss", "half_squared_error")
    quirks = [f'`{k}="{v}"`' for k, v in tutorial.options.items() if k in QUIRKS]
    layers = "-".join(map(str, shown.network.layer_sizes))
    figure = next(figure for figure in shown.reached if figure != "first loss")
    cells = [f"`{name}`", layers, str(shown.network.bias), f'`"{loss}"`', *(quirks or [""])]
    cells += [f"{tutorial.learning_rate:g}", f"{tutorial.epochs:,}"]
    cells += [f"{figure} {shown.published[figure]:.6g}", f"{shown.reached[figure]:.4g}"]
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_the_listings_has_their_options_and_figures(name, replays):
    page = Path(__file__).parents[2] / "docs" / "come_from" / "numpy.md"
    if not page.exists():
        pytest.skip("not in a checkout")
    assert row_of_the_page(name, replays[name]) in page.read_text().splitlines()
