"""A history shows itself as a line of text, and in a notebook as a table with a small curve."""

import numpy as np
import pytest
from denseloop import History, Network
from denseloop._display.html import table
from denseloop._display.loss_curve import COLUMNS, HEIGHT, WIDTH

from tests.display.histories import FALLING, HISTORIES, SVG, cells, curves, parsed, texts

EVERY = pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
FINITE = {
    name: history for name, history in HISTORIES.items() if np.isfinite(history.loss).sum() > 1
}


@EVERY
def test_the_html_is_well_formed_small_and_has_no_colors_of_its_own(history):
    html = history._repr_html_()
    assert parsed(html).tag == "div"
    assert len(html) < 12_000
    assert not {"style", "class", "bgcolor", "color"} & {
        attribute for element in parsed(html).iter() for attribute in element.keys()
    }
    for element in parsed(html).iter():
        for attribute in ("fill", "stroke"):
            assert element.get(attribute) in (None, "none", "currentColor")


@EVERY
def test_all_of_a_curve_lies_within_the_picture(history):
    for pieces in curves(history._repr_html_()):
        points = np.concatenate(pieces)
        assert np.isfinite(points).all()
        assert (points >= 0).all() and (points <= (WIDTH, HEIGHT)).all()
        for piece in pieces:
            assert (np.diff(np.array(piece)[:, 0]) >= 0).all()


@EVERY
def test_the_text_is_one_short_line(history):
    text = repr(history)
    assert "\n" not in text and len(text) < 200
    assert f"{len(history.loss):,} epoch" in text and repr(history.stopped_by) in text


def test_the_text_has_the_first_and_the_last_losses():
    history = History(np.array([0.5, 0.123456]), np.array([2.0, np.inf]), stopped_by="divergence")
    expected = "loss 0.5 to 0.1235, validation_loss 2 to inf, stopped_by='divergence'"
    assert repr(history) == f"<History: 2 epochs, {expected}>"


def test_the_table_has_the_first_the_last_and_the_lowest_losses():
    history = History(np.array([3.0, 1.0, 2.0]), np.array([np.nan, 5.5, np.inf]))
    assert cells(history._repr_html_()) == [
        ["", "first", "last", "lowest", "in epoch"],
        ["loss", "3", "2", "1", "1"],
        ["validation_loss (dashed)", "nan", "inf", "5.5", "1"],
    ]


def test_without_a_finite_loss_there_is_no_curve():
    html = HISTORIES["none finite"]._repr_html_()
    assert cells(html)[1] == ["loss", "nan", "-inf", "none", ""]
    assert texts(html)[-1] == "No loss is finite." and curves(html) == []


def test_without_epochs_there_is_neither_table_nor_curve():
    assert texts(HISTORIES["no epochs"]._repr_html_())[1] == "0 epochs, stopped_by='epochs'"
    assert len(texts(HISTORIES["no epochs"]._repr_html_())) == 2


def test_markup_in_texts_is_escaped():
    html = History(np.array([1.0]), stopped_by="<b>&")._repr_html_()
    assert "<b>" not in html and "stopped_by='<b>&'" in texts(html)[1]


def test_markup_in_a_table_is_escaped():
    assert cells(f"<p>{table(['<b>', '&'], [['</th>', '<td>']])}</p>") == [
        ["<b>", "&"],
        ["</th>", "<td>"],
    ]


@pytest.mark.parametrize("name", FINITE)
def test_the_highest_and_the_lowest_loss_touch_the_edges_of_every_picture(name):
    pieces = sum(curves(FINITE[name]._repr_html_()), start=[])
    heights = np.concatenate(pieces)[:, 1]
    if name in ("constant", "zeros"):
        assert len(set(heights)) == 1
    else:
        assert (heights.min(), heights.max()) == (8.0, 110.0)


def test_a_wide_range_of_positive_losses_is_logarithmic():
    html = History(np.array([100.0, 10.0, 1.0]))._repr_html_()
    ((high, middle, low),) = curves(html)[0]
    assert middle[1] == (high[1] + low[1]) / 2
    assert "logarithmic" in html


@pytest.mark.parametrize("losses", [[9.0, 5.0, 1.0], [100.0, 50.0, 0.0]])
def test_other_losses_are_not(losses):
    html = History(np.array(losses))._repr_html_()
    ((high, middle, low),) = curves(html)[0]
    assert middle[1] == (high[1] + low[1]) / 2
    assert "logarithmic" not in html


def test_losses_that_are_not_finite_leave_gaps():
    (pieces,) = curves(HISTORIES["some not finite"]._repr_html_())
    assert [len(piece) for piece in pieces] == [2, 1]  # the line, and a dot before it
    assert pieces[1][0][0] < pieces[0][0][0]


def test_a_long_curve_keeps_its_peaks_within_a_fixed_number_of_points():
    losses = np.ones(100_000)
    losses[[333, 77_777]] = 2.0, 0.5
    ((points,),) = curves(History(losses)._repr_html_())
    assert len(points) <= 2 * COLUMNS
    heights = [y for _, y in points]
    assert heights.count(min(heights)) == heights.count(max(heights)) == 1


def test_a_short_curve_has_all_its_epochs():
    ((points,),) = curves(History(FALLING)._repr_html_())
    assert len(points) == len(FALLING)


def test_the_validation_losses_are_dashed_and_their_best_epoch_is_marked():
    history = HISTORIES["validated"]
    root = parsed(history._repr_html_())
    _, training, validation = root.iter(f"{SVG}path")
    assert training.get("stroke-dasharray") is None and validation.get("stroke-dasharray")
    (mark,) = root.iter(f"{SVG}circle")
    at = float(mark.get("cx")), float(mark.get("cy"))
    assert at == curves(history._repr_html_())[1][0][history.best_epoch]


def test_without_a_best_epoch_none_is_marked():
    for name in ("falling", "no validation finite"):
        assert not list(parsed(HISTORIES[name]._repr_html_()).iter(f"{SVG}circle"))


def test_the_labels_are_the_lowest_and_highest_loss_and_the_last_epoch():
    labels = [text.text for text in parsed(History(FALLING)._repr_html_()).iter(f"{SVG}text")]
    assert labels == ["100", "0.01", "epoch 0", "49", "logarithmic"]


def test_a_training_leaves_such_a_history():
    net = Network([1, 2, 1], seed=0)
    history = net.train([[1.0]], [[0.5]], epochs=3, learning_rate=0.1, eval_set=([[1.0]], [[0.5]]))
    assert [row[0] for row in cells(history._repr_html_())] == [
        "",
        "loss",
        "validation_loss (dashed)",
    ]
    assert len(curves(history._repr_html_())[1][0]) == 3
