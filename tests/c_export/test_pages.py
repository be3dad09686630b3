"""The project of docs/guides/microcontrollers.md builds and runs as the page says."""

import doctest
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "microcontrollers.md"
FILES = {"c": "main.c", "ld": "link.ld"}


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.skipif(not PAGE.exists(), reason="not in a checkout")
def test_the_project_of_the_page(tmp_path, monkeypatch):
    for program in ("arm-none-eabi-gcc", "qemu-system-arm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing")
    monkeypatch.chdir(tmp_path)
    parser = doctest.DocTestParser()
    for block in blocks("python")[:1]:
        test = parser.get_doctest(block, {}, "page", None, 0)
        assert doctest.DocTestRunner().run(test).failed == 0
    for kind, name in FILES.items():
        (text,) = blocks(kind)
        Path(name).write_text(text)
    (commands,) = blocks("sh")
    found = subprocess.run(
        ["sh", "-ec", commands], capture_output=True, text=True, timeout=100, check=True
    )
    assert found.stderr.splitlines()[-1] == "all is well"
