"""The runner of the pages' code blocks finds what is wrong, and says what it could not run."""

import pytest

from tests.house.code_blocks import Session, blocks_of


def run(*texts):
    session = Session("page.md")
    for text in texts:
        for block in blocks_of(f"```python\n{text}\n```"):
            session.run(block)
    return session.skipped


@pytest.mark.parametrize(
    "text",
    [
        ">>> 1 + 1\n3",
        "assert False",
        ">>> import denseloop.nowhere",
        "from denseloop import nowhere",
        ">>> 1 + 1  # doctest: +SKIP\n3",
        ">>> unknown",
    ],
)
def test_a_wrong_block_fails(text):
    with pytest.raises((AssertionError, ImportError)):
        run(text)


def test_blocks_share_their_names():
    assert run("a = 1", ">>> b = a + 1", "assert b == 2") == []


def test_a_block_without_its_package_is_skipped_and_what_needs_its_results():
    skipped = run("import no_such_package\na = 1", "b = a", ">>> c = b", "d = 1", "a = d\nb = a")
    assert skipped == [
        "line 2: needs no_such_package",
        "line 2: needs a of a skipped block",
        "line 2: needs b of a skipped block",
    ]


def test_blocks_of_a_page():
    page = """
````{note}
```c
int a;
```
````

- in a list

  ```python
  >>> 1
  1
  ```

<!-- setup
a = 1
-->

:::{tip}
:::
"""
    blocks = [(block.line, block.language, block.text.split()) for block in blocks_of(page)]
    assert blocks == [
        (4, "c", ["int", "a;"]),
        (11, "python", [">>>", "1", "1"]),
        (16, "setup", ["a", "=", "1"]),
    ]


def test_an_open_fence_is_an_error():
    with pytest.raises(AssertionError, match="not closed"):
        list(blocks_of("```python\n1"))
