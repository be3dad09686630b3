"""docs/come_from/scikit_learn.md names every parameter, method and attribute that differs."""

import inspect
import re
from pathlib import Path

import pytest
from denseloop import neural_network as ours
from sklearn import neural_network as theirs

from tests.estimators.perceptrons import UNHEEDED, data_for

pytestmark = [pytest.mark.filterwarnings(message) for message in UNHEEDED]

PAGE = Path(__file__).parents[2] / "docs" / "come_from" / "scikit_learn.md"
NAMES = ("MLPClassifier", "MLPRegressor")


@pytest.fixture(scope="module")
def page():
    if not PAGE.exists():
        pytest.skip("not in a checkout")
    return PAGE.read_text()


def rows(page):
    """Return the cells of the table of parameters, by parameter, and whose it is before them."""
    section = page.split("## Every parameter")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    table = {}
    for line in lines:
        first, *others = [cell.strip() for cell in line.strip("|").split(" | ")]
        name, owner = re.fullmatch(r"`(\w+)`(?: \((\w+)\))?", first).groups()
        assert name not in table
        table[name] = [owner, *others]
    return table


def parameters(library, name):
    return inspect.signature(getattr(library, name)).parameters


@pytest.mark.parametrize("name", NAMES)
def test_the_table_has_the_parameters_of_both_libraries(name, page):
    own = {"MLPClassifier": "classifier", "MLPRegressor": "regressor"}[name]
    shown = {parameter for parameter, row in rows(page).items() if row[0] in (own, None)}
    assert shown == set(parameters(ours, name))
    added = {parameter for parameter in shown if rows(page)[parameter][2] == "added"}
    assert shown - added == set(parameters(theirs, name))
    assert {row[2] for row in rows(page).values()} == {"same", "extended", "added"}


@pytest.mark.parametrize("name", NAMES)
def test_the_defaults_are_those_of_both_libraries(name, page):
    table = rows(page)
    for library in (ours, theirs):
        for parameter, value in parameters(library, name).items():
            assert table[parameter][1] == f"`{value.default!r}`", parameter


def extended(name):
    """Return the parameters that take values which scikit-learn's do not."""
    constraints = [getattr(library, name)._parameter_constraints for library in (theirs, ours)]
    return {key for key in constraints[0] if str(constraints[0][key]) != str(constraints[1][key])}


@pytest.mark.parametrize("name", NAMES)
def test_the_extended_parameters_are_those_that_take_more(name, page):
    shown = {parameter for parameter, row in rows(page).items() if row[2] == "extended"}
    # Early stopping takes no other value: it goes together with more.
    of_this = {parameter for parameter in shown if parameter in parameters(ours, name)}
    assert of_this - {"early_stopping"} == extended(name)


def named(page, heading):
    """Return the names in the first column of a section's tables."""
    section = page.split(f"## {heading}")[1].split("\n## ")[0]
    firsts = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `")]
    return {name for cell in firsts for name in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize("name", NAMES)
def test_the_added_methods_and_attributes_are_named(name, page):
    shown = named(page, "Methods and attributes")
    mine, original = getattr(ours, name), getattr(theirs, name)
    methods = {key for key in set(dir(mine)) - set(dir(original)) if not key.startswith("_")}
    fits = [kind(max_iter=2, random_state=0).fit(*data_for(name)) for kind in (original, mine)]
    before, after = ({key for key in vars(fit) if key[0] != "_"} for fit in fits)
    added = (after - before - set(inspect.signature(mine).parameters)) | methods
    assert before <= after
    # Without scikit-learn's callbacks there is no method that takes them.
    assert shown - {"set_callbacks"} == added - {"set_callbacks"}


def test_fit_has_the_options_that_are_named(page):
    for name in NAMES:
        fits = [inspect.signature(getattr(library, name).fit) for library in (theirs, ours)]
        added = set(fits[1].parameters) - set(fits[0].parameters)
        assert added == set(re.findall(r"`fit\(\.\.\., (\w+)=", page))
