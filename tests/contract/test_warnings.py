"""Warnings name the user's line, whatever functions of the package lie between."""

import warnings

import pytest
from denseloop import Network, _warnings


def line_of(function):
    return function.__code__.co_firstlineno + 1


def train_with_too_large_a_batch():
    Network([1, 1], seed=0).train([[1.0]], [1.0], learning_rate=0.1, epochs=1, batch_size=5)


def test_a_warning_names_the_line_of_the_call():
    with pytest.warns(UserWarning, match="batch_size 5 is more than the 1 samples") as caught:
        train_with_too_large_a_batch()
    [warning] = caught
    assert warning.filename == __file__
    assert warning.lineno == line_of(train_with_too_large_a_batch)


def test_a_warning_is_shown_once_for_each_line_by_default():
    globals().pop("__warningregistry__", None)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        train_with_too_large_a_batch()
        train_with_too_large_a_batch()
    assert len(seen) == 1


@pytest.mark.parametrize("module", ["tests\\.contract", "denseloop", "sklearn"])
def test_filters_see_the_modules_of_the_user_and_of_denseloop_and_the_one_named(module):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", module=module)
        _warnings.warn("seen", module="sklearn.base")
        _warnings.warn("of ours")
    expected = ["of ours"] if module == "sklearn" else []
    assert [str(warning.message) for warning in seen] == expected


def test_the_first_filter_decides():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", module="denseloop")
        warnings.filterwarnings("always", "seen", module=__name__.replace(".", "\\."))
        warnings.filterwarnings("ignore", "seen", DeprecationWarning)
        _warnings.warn("seen")
        _warnings.warn("not seen")
        _warnings.warn("seen", DeprecationWarning)
    assert [str(warning.message) for warning in seen] == ["seen"]
