"""Figures are written as the examples say."""

import doctest

from bench.harness import text


def test_the_examples_of_texts():
    results = doctest.testmod(text)
    assert results.attempted > 0 and results.failed == 0
